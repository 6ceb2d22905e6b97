#include "table/route_table.h"

#include <rte_byteorder.h>
#include <rte_prefetch.h>

#include <algorithm>

#include "packet/headers.h"
#include "table/cells.h"

namespace vswitch {
namespace {

// nw_dst is the upper half of word 0, in network byte order; in_port and eth_type are the lower.
static_assert(offsetof(FlowKey, nw_dst) == 4 && offsetof(FlowKey, eth_type) == 2);
constexpr uint64_t kOthers = 0xffff'ffff;
constexpr uint64_t kType = uint64_t{0xffff} << 16;

constexpr uint32_t kIpv6Word = offsetof(FlowKey, ipv6_dst) / sizeof(uint64_t);
static_assert(offsetof(FlowKey, ipv6_dst) % sizeof(uint64_t) == 0);

VSWITCH_INLINE RouteAddress joined(uint64_t high, uint64_t low) noexcept {
  return RouteAddress{rte_be_to_cpu_64(high)} << 64 | rte_be_to_cpu_64(low);
}

RouteAddress address_of(const KeyWords& words, bool is_ipv6) {
  if (is_ipv6) return joined(words.word[kIpv6Word], words.word[kIpv6Word + 1]);
  return RouteAddress{rte_be_to_cpu_32(static_cast<uint32_t>(words.word[0] >> 32))} << 96;
}

uint32_t leading_ones(RouteAddress bits) {
  uint32_t length = 0;
  for (; length < 128 && (bits >> 127 & 1) != 0; ++length) bits <<= 1;
  return length;
}

}  // namespace

bool RouteFamily::is_ipv6() const { return static_cast<uint16_t>(value.word[0] >> 16) == rte_cpu_to_be_16(kTypeIpv6); }

std::optional<Prefix> RouteTable::prefix_of(const TableRule& rule, RouteFamily& family) {
  if (has_range(rule) || (rule.mask.word[0] & kType) != kType) return std::nullopt;
  family = {rule.mask, rule.value};
  const bool is_ipv6 = family.is_ipv6();
  if (!is_ipv6 && static_cast<uint16_t>(rule.value.word[0] >> 16) != rte_cpu_to_be_16(kTypeIpv4)) return std::nullopt;
  const RouteAddress mask = address_of(rule.mask, is_ipv6);
  const uint32_t length = leading_ones(mask);
  if (length < family.shape().shortest || (length < 128 && mask << length != 0)) return std::nullopt;
  for (KeyWords* words : {&family.mask, &family.value}) {
    if (is_ipv6) {
      words->word[kIpv6Word] = words->word[kIpv6Word + 1] = 0;
    } else {
      words->word[0] &= kOthers;
    }
  }
  return Prefix{address_of(rule.value, is_ipv6), length};
}

RouteTable::RouteTable(const RouteFamily& family)
    : family_(family),
      slots_(family.shape()),
      words_(kMaxRoutes),
      routes_(kMaxRoutes),
      addresses_(kMaxRoutes),
      admission_(slots_.shape(), nullptr) {
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
    const RuleWord word = load_word(words_[route]);
    if (__builtin_expect(is_seen(word, side), 1)) return settled(word);
    route = load_slot(routes_[route].parent);
  }
}

VSWITCH_INLINE void RouteTable::improve(const Selection& packets, const uint32_t* routes, Side side, Hit* hits) const noexcept {
  for (uint32_t i = 0; i < packets.count; ++i) {
    const RuleWord found = seen(routes[i], side);
    Hit& hit = hits[packets.index[i]];
    if (found > hit.word) hit.word = found;
  }
}

void RouteTable::lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  return slots_.shape().bits == kIpv6Shape.bits ? lookup_ipv6(keys, selection, side, hits)
                                                : lookup_ipv4(keys, selection, side, hits);
}

VSWITCH_HOT void RouteTable::lookup_ipv4(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  Selection mine;
  uint32_t address[kBurst];
  uint32_t route[kBurst];
  const uint32_t* in_group[kBurst];
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint32_t packet = selection.index[i];
    if (!is_of_family(keys[packet])) continue;
    address[mine.count] = rte_be_to_cpu_32(keys[packet].nw_dst);
    rte_prefetch0(slots_.root(address[mine.count] >> 8));
    mine.add(packet);
  }
  for (uint32_t i = 0; i < mine.count; ++i) {
    const uint32_t* const root = slots_.root(address[i] >> 8);
    route[i] = load_slot(*root);
    const uint32_t* const next = slots_.in_group(route[i], kIpv4Shape.group_slots(), address[i] & 0xff);
    in_group[i] = RouteSlots::is_group(route[i]) ? next : root;
    rte_prefetch0(in_group[i]);
  }
  // Which addresses have a group no predictor of branches knows: both slots are read of all.
  for (uint32_t i = 0; i < mine.count; ++i) {
    const uint32_t last = load_slot(*in_group[i]);
    route[i] = RouteSlots::is_group(route[i]) ? last : route[i];
    rte_prefetch0(&words_[route[i]]);
  }
  improve(mine, route, side, hits);
}

VSWITCH_HOT void RouteTable::lookup_ipv6(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  constexpr uint32_t kBits = 128;
  Selection mine;
  RouteAddress rest[kBurst];  // the bits that are not used yet, from the highest on
  const uint32_t* slot[kBurst];
  uint32_t route[kBurst];
  Selection open;  // of mine
  for (uint32_t i = 0; i < selection.count; ++i) {
    const FlowKey& key = keys[selection.index[i]];
    if (!is_of_family(key)) continue;
    const RouteAddress address = joined(word_of(key, kIpv6Word), word_of(key, kIpv6Word + 1));
    slot[mine.count] = slots_.root(static_cast<uint32_t>(address >> (kBits - kRootBits)));
    rte_prefetch0(slot[mine.count]);
    rest[mine.count] = address << kRootBits;
    open.add(mine.count);
    mine.add(selection.index[i]);
  }
  // All packets go one slot further in a round, so that they wait for the memory together.
  while (open.count != 0) {
    Selection deeper;
    for (uint32_t o = 0; o < open.count; ++o) {
      const uint32_t i = open.index[o];
      const uint32_t found = load_slot(*slot[i]);
      if (RouteSlots::is_group(found)) {
        const auto next = static_cast<uint32_t>(rest[i] >> (kBits - kIpv6Shape.stride));
        slot[i] = slots_.in_group(found, kIpv6Shape.group_slots(), next);
        rte_prefetch0(slot[i]);
        rest[i] <<= kIpv6Shape.stride;
        deeper.add(i);
      } else {
        route[i] = found;
        rte_prefetch0(&words_[found]);
      }
    }
    open = deeper;
  }
  improve(mine, route, side, hits);
}

void RouteTable::count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const {
  KeyWords words;
  memcpy(words.word, &key, sizeof key);
  const uint32_t slots = slots_.slots_at(address_of(words, slots_.shape().bits == kIpv6Shape.bits));
  for (uint32_t i = 0; i < slots; ++i) probes.add();
  Selection one;
  one.add(0);
  lookup(&key, one, side, &hit);
}

RouteTable::Admission::Admission(const RouteShape& shape, const RouteTable* table) : shape_(&shape) {
  if (table == nullptr) return;
  *this = table->admission_;
  routes_ = table->used_routes_ - static_cast<uint32_t>(table->free_.size());
  groups_ = table->slots_.used_groups();
}

bool RouteTable::Admission::admit(const Prefix& prefix, uint32_t rank) {
  for (uint32_t length = shape_->shortest; length <= shape_->bits; ++length) {
    if (length < prefix.length && ranks_[length].highest >= rank && ranks_[length].lowest != UINT32_MAX) return false;
    if (length > prefix.length && ranks_[length].lowest <= rank) return false;
  }
  const uint32_t groups = shape_->groups(prefix.length);
  if (routes_ >= kMaxRoutes - 1 || (groups != 0 && groups_ + groups > shape_->max_groups)) return false;
  record(prefix, rank);
  ++routes_;
  groups_ += groups;
  return true;
}

void RouteTable::Admission::record(const Prefix& prefix, uint32_t rank) {
  Ranks& ranks = ranks_[prefix.length];
  ranks = {std::min(ranks.lowest, rank), std::max(ranks.highest, rank)};
}

// The longest route that covers the prefix, the prefix itself included; the newest of these. 0: none.
uint32_t RouteTable::cover_of(const Prefix& prefix) const {
  uint32_t route = slots_.at(prefix.address);
  while (route != 0 && routes_[route].length > prefix.length) route = routes_[route].parent;
  return route;
}

uint32_t RouteTable::find(const Prefix& prefix) const {
  const uint32_t cover = cover_of(prefix);
  return routes_[cover].length == prefix.length ? cover : 0;
}

uint32_t RouteTable::new_route() {
  if (free_.empty()) return used_routes_++;
  const uint32_t route = free_.back();
  free_.pop_back();
  return route;
}

// In the prefix of `route`, what is below `from` is below `to` afterwards, and slots that name `from` name `to`.
void RouteTable::take_over(uint32_t route, uint32_t from, uint32_t to) {
  uint32_t last = 0;
  slots_.for_each(prefix(route), [&](uint32_t& slot) {
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
  admission_.record(prefix, order_of(word) - 1);
  const uint32_t parent = cover_of(prefix);
  const uint32_t route = new_route();
  words_[route] = in_state(word, side);
  routes_[route] = {parent, prefix.length};
  addresses_[route] = prefix.address;
  slots_.enter(prefix);
  take_over(route, parent, route);
  strongest_ = std::max(strongest_, word);
  longest_ = std::max(longest_, prefix.length);
  entering_.push_back(route);
  ++live_;
  return route;
}

void RouteTable::remove(uint32_t route, Side side) {
  store_word(words_[route], in_state(words_[route], other_side(side)));
  leaving_.push_back(route);
  --live_;
}

void RouteTable::settle() {
  free_.insert(free_.end(), gone_.begin(), gone_.end());
  gone_.clear();
  slots_.settle();
  for (const uint32_t route : entering_) store_word(words_[route], settled(words_[route]));
  entering_.clear();
  for (const uint32_t route : leaving_) {
    store_word(words_[route], in_state(words_[route], kDead));
    take_over(route, route, routes_[route].parent);
    slots_.leave(prefix(route));
  }
  gone_.swap(leaving_);
}

}  // namespace vswitch
