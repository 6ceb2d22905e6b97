#include "table/route_table.h"

#include <rte_byteorder.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <bit>

#include "packet/headers.h"

namespace vswitch {
namespace {

// A slot that leads to a group of 256: the group's number in the other bits.
constexpr uint32_t kGroup = 1u << 31;

// nw_dst is the upper half of word 0, in network byte order; in_port and eth_type are the lower.
static_assert(offsetof(FlowKey, nw_dst) == 4 && offsetof(FlowKey, eth_type) == 2);
constexpr uint64_t kOthers = 0xffff'ffff;

uint32_t address_of(uint64_t word) { return rte_be_to_cpu_32(static_cast<uint32_t>(word >> 32)); }

uint64_t key_of(const Prefix& prefix) { return uint64_t{prefix.address} << 8 | prefix.length; }

uint32_t mask_of(uint32_t length) { return ~uint32_t{0} << (32 - length); }

VSWITCH_INLINE uint32_t load_slot(const uint32_t& slot) noexcept { return __atomic_load_n(&slot, __ATOMIC_ACQUIRE); }
void store_slot(uint32_t& slot, uint32_t value) noexcept { __atomic_store_n(&slot, value, __ATOMIC_RELEASE); }

}  // namespace

std::optional<Prefix> RouteTable::prefix_of(const TableRule& rule, RouteFamily& family) {
  if (has_range(rule)) return std::nullopt;
  constexpr uint64_t kType = uint64_t{0xffff} << 16;
  const bool is_ipv4 =
      (rule.mask.word[0] & kType) == kType && static_cast<uint16_t>(rule.value.word[0] >> 16) == rte_cpu_to_be_16(kTypeIpv4);
  const uint32_t bits = address_of(rule.mask.word[0]);
  const auto length = static_cast<uint32_t>(std::countl_one(bits));
  if (!is_ipv4 || length < kShortest || bits != mask_of(length)) return std::nullopt;
  family = {rule.mask, rule.value};
  family.mask.word[0] &= kOthers;
  family.value.word[0] &= kOthers;
  return Prefix{address_of(rule.value.word[0]), length};
}

RouteTable::RouteTable(const RouteFamily& family)
    : family_(family), slots_(1u << 24), groups_(size_t{kMaxGroups} * 256), routes_(kMaxRoutes), admission_(nullptr) {
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (family.mask.word[w] != 0) checks_.push_back({w, family.mask.word[w], family.value.word[w]});
  }
}

VSWITCH_INLINE bool RouteTable::is_of_family(const FlowKey& key) const noexcept {
  uint64_t differ = checks_.front().differs(key);
  for (size_t i = 1; i < checks_.size(); ++i) differ |= checks_[i].differs(key);
  return differ == 0;
}

// Route 0 is none, and everybody sees it.
VSWITCH_INLINE RuleWord RouteTable::seen(uint32_t route, Side side) const noexcept {
  for (;;) {
    const RuleWord word = load_word(routes_[route].word);
    if (__builtin_expect(is_seen(word, side), 1)) return settled(word);
    route = load_slot(routes_[route].parent);
  }
}

VSWITCH_HOT void RouteTable::lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  Selection mine;
  uint32_t address[kBurst];
  uint32_t slot[kBurst];
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint32_t packet = selection.index[i];
    if (!is_of_family(keys[packet])) continue;
    address[mine.count] = rte_be_to_cpu_32(keys[packet].nw_dst);
    rte_prefetch0(&slots_[address[mine.count] >> 8]);
    mine.add(packet);
  }
  for (uint32_t i = 0; i < mine.count; ++i) {
    slot[i] = load_slot(slots_[address[i] >> 8]);
    if ((slot[i] & kGroup) != 0) slot[i] = load_slot(groups_[(slot[i] & ~kGroup) * 256 + (address[i] & 0xff)]);
    rte_prefetch0(&routes_[slot[i]]);
  }
  for (uint32_t i = 0; i < mine.count; ++i) {
    const RuleWord found = seen(slot[i], side);
    Hit& hit = hits[mine.index[i]];
    if (found > hit.word) hit.word = found;
  }
}

void RouteTable::count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const {
  Selection one;
  one.add(0);
  probes.add();
  const uint32_t slot = slots_[rte_be_to_cpu_32(key.nw_dst) >> 8];
  if ((slot & kGroup) != 0) probes.add();
  lookup(&key, one, side, &hit);
}

size_t RouteTable::memory_bytes() const {
  return slots_.bytes() + size_t{used_groups_} * 256 * sizeof(uint32_t) + size_t{used_routes_} * sizeof(Route);
}

uint32_t RouteTable::find(const Prefix& prefix) const {
  const auto found = routes_by_prefix_.find(key_of(prefix));
  return found == routes_by_prefix_.end() ? 0 : found->second;
}

RouteTable::Admission::Admission(const RouteTable* table) {
  if (table == nullptr) return;
  *this = table->admission_;
  routes_ = table->used_routes_ - static_cast<uint32_t>(table->free_.size());
  groups_ = table->used_groups_;
}

bool RouteTable::Admission::admit(const Prefix& prefix, uint32_t rank) {
  for (uint32_t length = kShortest; length <= 32; ++length) {
    if (length < prefix.length && ranks_[length].highest >= rank && ranks_[length].lowest != UINT32_MAX) return false;
    if (length > prefix.length && ranks_[length].lowest <= rank) return false;
  }
  if (routes_ >= kMaxRoutes - 1 || (prefix.length > 24 && groups_ >= kMaxGroups)) return false;
  Ranks& ranks = ranks_[prefix.length];
  ranks = {std::min(ranks.lowest, rank), std::max(ranks.highest, rank)};
  ++routes_;
  groups_ += prefix.length > 24 ? 1 : 0;
  return true;
}

uint32_t RouteTable::cover_of(const Prefix& prefix) const {
  for (uint32_t length = prefix.length; length-- > kShortest;) {
    if (const uint32_t route = find({prefix.address & mask_of(length), length}); route != 0) return route;
  }
  return 0;
}

uint32_t RouteTable::new_route() {
  if (free_.empty()) return used_routes_++;
  const uint32_t route = free_.back();
  free_.pop_back();
  return route;
}

// Calls `each` with every slot of the prefix that names a route.
template <class Each>
void RouteTable::for_each_slot(const Prefix& prefix, const Each& each) {
  const auto of_group = [&](uint32_t group, uint32_t first, uint32_t count) {
    for (uint32_t at = first; at < first + count; ++at) each(groups_[group * 256 + at]);
  };
  const uint32_t first = prefix.address >> 8;
  if (prefix.length > 24) {
    if ((slots_[first] & kGroup) == 0) {
      const uint32_t group = used_groups_++;
      std::fill_n(&groups_[group * 256], 256, slots_[first]);
      store_slot(slots_[first], kGroup | group);
    }
    return of_group(slots_[first] & ~kGroup, prefix.address & 0xff, 1u << (32 - prefix.length));
  }
  for (uint32_t at = first; at < first + (1u << (24 - prefix.length)); ++at) {
    if ((slots_[at] & kGroup) != 0) {
      of_group(slots_[at] & ~kGroup, 0, 256);
    } else {
      each(slots_[at]);
    }
  }
}

// In the prefix of `route`, what is below `from` is below `to` afterwards, and slots that name `from` name `to`.
void RouteTable::take_over(uint32_t route, uint32_t from, uint32_t to) {
  uint32_t last = 0;
  for_each_slot({routes_[route].address, routes_[route].length}, [&](uint32_t& slot) {
    if (slot == from) return store_slot(slot, to);
    if (slot == last || slot == to) return;
    last = slot;
    uint32_t below = slot;
    while (routes_[below].parent != from && routes_[below].parent != to && below != to && routes_[below].parent != 0)
      below = routes_[below].parent;
    if (below != to && routes_[below].parent == from) store_slot(routes_[below].parent, to);
  });
}

uint32_t RouteTable::insert(const Prefix& prefix, RuleWord word, Side side) {
  admission_.admit(prefix, order_of(word) - 1);
  const uint32_t twin = find(prefix);
  const uint32_t parent = twin != 0 ? twin : cover_of(prefix);
  const uint32_t route = new_route();
  routes_[route] = {in_state(word, side), parent, prefix.length, prefix.address, 0};
  routes_by_prefix_[key_of(prefix)] = route;
  take_over(route, parent, route);
  strongest_ = std::max(strongest_, word);
  entering_.push_back(route);
  ++live_;
  return route;
}

void RouteTable::remove(uint32_t route, Side side) {
  store_word(routes_[route].word, in_state(routes_[route].word, other_side(side)));
  leaving_.push_back(route);
  --live_;
}

void RouteTable::settle() {
  free_.insert(free_.end(), gone_.begin(), gone_.end());
  gone_.clear();
  for (const uint32_t route : entering_) store_word(routes_[route].word, settled(routes_[route].word));
  entering_.clear();
  for (const uint32_t route : leaving_) {
    store_word(routes_[route].word, in_state(routes_[route].word, kDead));
    take_over(route, route, routes_[route].parent);
    const auto known = routes_by_prefix_.find(key_of({routes_[route].address, routes_[route].length}));
    if (known->second == route) routes_by_prefix_.erase(known);
  }
  gone_.swap(leaving_);
}

}  // namespace vswitch
