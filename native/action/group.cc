#include "action/group.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "action/output.h"
#include "packet/flow_hash.h"

namespace vswitch {
namespace {

// splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

uint64_t identity(const Action& action) {
  uint64_t hash = mix(static_cast<uint64_t>(action.kind) << 16 | action.argument);
  hash = mix(hash ^ static_cast<uint64_t>(action.value));
  hash = mix(hash ^ static_cast<uint64_t>(action.value >> 64));
  for (const uint8_t byte : action.payload) hash = mix(hash ^ byte);
  return hash;
}

// What a bucket does tells it from the others, not its place: flows stay where they are when another bucket is taken out.
std::vector<uint64_t> identities(const GroupSpec& spec) {
  std::vector<uint64_t> found;
  for (const BucketSpec& bucket : spec.buckets) {
    uint64_t hash = mix(bucket.watch_port);
    for (const Action& action : bucket.actions) hash = mix(hash ^ identity(action));
    while (std::find(found.begin(), found.end(), hash) != found.end()) hash = mix(hash);
    found.push_back(hash);
  }
  return found;
}

// Copies of the packets, or these themselves, as a burst of their own.
void fill(const ActionContext& context, const Selection& packets, bool move, Burst& to, Selection& selection) noexcept {
  const Burst& from = context.burst;
  to.in_port = from.in_port;
  to.sent = 0;
  to.written = 0;
  to.tunnelled = 0;
  to.count = 0;
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint32_t packet = packets.index[i];
    rte_mbuf* mbuf = from.packet[packet];
    if (!move) mbuf = rte_pktmbuf_copy(mbuf, mbuf->pool, 0, UINT32_MAX);
    if (__builtin_expect(mbuf == nullptr, 0)) {
      count_drop(context.tenant, DropReason::no_buffer);
      continue;
    }
    to.packet[to.count] = mbuf;
    to.key[to.count] = from.key[packet];
    to.layers[to.count] = from.layers[packet];
    to.bytes[to.count] = from.bytes[packet];
    if (__builtin_expect((from.tunnelled & packet_bit(packet)) != 0, 0)) to.tunnelled |= packet_bit(to.count);
    selection.add(to.count++);
  }
}

void run_bucket(const ActionContext& context, const Group::Bucket& bucket, const Selection& packets, bool move) noexcept {
  GroupScratch& scratch = *context.scratch;
  Selection selection;
  fill(context, packets, move, scratch.burst, selection);
  const ActionContext inner{scratch.burst,    context.egress,    context.gateways, context.tx,       context.port_counters,
                            context.tenant,   context.plan,      context.flood,    context.groups,   context.meters,
                            context.counters, context.random,    scratch.next,     context.is_trial, context.slot,
                            context.meter,    context.conntrack, context.replies,  context.punt,     context.worker};
  bucket.program.run(inner, selection);
  for (uint32_t i = 0; i < selection.count; ++i) {
    const uint32_t packet = selection.index[i];
    if ((scratch.burst.sent & packet_bit(packet)) != 0) {
      rte_pktmbuf_free(scratch.burst.packet[packet]);
    } else {
      drop_packet(inner, packet, DropReason::rule_drop);
    }
  }
}

void run_all(const ActionContext& context, const Group& group, const Selection& packets, bool last) noexcept {
  const auto buckets = group.buckets();
  if (buckets.empty()) count_drop(context.tenant, DropReason::no_live_bucket, packets.count);
  for (size_t i = 0; i < buckets.size(); ++i) run_bucket(context, buckets[i], packets, last && i + 1 == buckets.size());
}

constexpr uint32_t kNoBucket = UINT32_MAX;

uint32_t select(const GroupTable& groups, const Group& group, const FlowKey& key) noexcept {
  const uint32_t hash = group.hash() == GroupHash::symmetric ? symmetric_hash(key) : flow_hash(key);
  for (const uint8_t bucket : group.preference(hash)) {
    if (groups.alive(group.buckets()[bucket])) return bucket;
  }
  return kNoBucket;
}

uint32_t first_alive(const GroupTable& groups, const Group& group) noexcept {
  for (uint32_t i = 0; i < group.buckets().size(); ++i) {
    if (groups.alive(group.buckets()[i])) return i;
  }
  return kNoBucket;
}

uint32_t choose(const ActionContext& context, const Group& group, uint32_t packet) noexcept {
  if (group.type() == GroupType::select) return select(context.groups, group, context.burst.key[packet]);
  return first_alive(context.groups, group);
}

// One bucket for each packet. Those that only forward do so at once; packets of another bucket go through it together.
void run_one(const ActionContext& context, const Group& group, const Selection& packets, bool last) noexcept {
  Forward::Way way;
  Selection left;
  uint32_t bucket[kBurst];
  for (uint32_t i = 0; i < packets.count; ++i) {
    const uint32_t chosen = choose(context, group, packets.index[i]);
    const Forward* const step = last && chosen != kNoBucket ? group.buckets()[chosen].program.forward() : nullptr;
    if (step != nullptr && step->finds(context, way)) {
      step->push(context, way, packets.index[i]);
    } else {
      bucket[left.count] = chosen;
      left.add(packets.index[i]);
    }
  }
  PacketSet done = 0;
  for (uint32_t i = 0; i < left.count; ++i) {
    if ((done & packet_bit(i)) != 0) continue;
    Selection same;
    for (uint32_t k = i; k < left.count; ++k) {
      if (bucket[k] != bucket[i]) continue;
      same.add(left.index[k]);
      done |= packet_bit(k);
    }
    if (bucket[i] != kNoBucket) {
      run_bucket(context, group.buckets()[bucket[i]], same, last);
    } else if (last) {
      drop_all(context, same, DropReason::no_live_bucket);
    } else {
      count_drop(context.tenant, DropReason::no_live_bucket, same.count);
    }
  }
}

}  // namespace

Result<std::unique_ptr<const Group>> Group::compile(const GroupSpec& spec) {
  if (spec.buckets.size() > kMaxBuckets)
    return error(ErrorCode::BAD_TRANSACTION, std::to_string(spec.buckets.size()) + " buckets in a group");
  auto group = std::make_unique<Group>();
  group->type_ = spec.type;
  group->hash_ = spec.hash;
  for (const BucketSpec& bucket : spec.buckets) {
    auto program = ActionProgram::compile(bucket.actions, group->arena_);
    if (!program.ok()) return program.error();
    if (program.value().next_table() != kNoTable) return error(ErrorCode::BAD_TRANSACTION, "goto_table in a bucket");
    group->headers_ |= ActionProgram::headers(bucket.actions);
    for (const Action& action : bucket.actions) {
      if (action.kind == ActionKind::group) group->groups_.push_back(static_cast<uint32_t>(action.value));
      if (action.kind == ActionKind::meter) group->meters_.push_back(static_cast<uint32_t>(action.value));
      if (action.kind == ActionKind::write_actions) return error(ErrorCode::BAD_TRANSACTION, "write_actions in a bucket");
    }
    group->buckets_.push_back({std::move(program.value()), bucket.watch_port, bucket.watch_group});
  }
  if (spec.type == GroupType::select) {
    // Both hashes are of the whole five-tuple.
    group->headers_ |= kEtherType | kVlan | kEthernetAddresses | kIpv4 | kIpv6 | kTransport;
    group->rank(spec);
  }
  return std::unique_ptr<const Group>(std::move(group));
}

void Group::rank(const GroupSpec& spec) {
  const std::vector<uint64_t> ids = identities(spec);
  std::vector<uint8_t> order;
  for (uint32_t i = 0; i < spec.buckets.size(); ++i) {
    if (spec.buckets[i].weight != 0) order.push_back(static_cast<uint8_t>(i));
  }
  ranked_ = static_cast<uint32_t>(order.size());
  std::vector<double> score(spec.buckets.size());
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    for (const uint8_t i : order) {
      const double uniform = (static_cast<double>(mix(ids[i] ^ mix(slot)) >> 11) + 0.5) * 0x1p-53;
      score[i] = spec.buckets[i].weight / -std::log(uniform);
    }
    std::sort(order.begin(), order.end(), [&](uint8_t a, uint8_t b) { return score[a] > score[b]; });
    ranking_.insert(ranking_.end(), order.begin(), order.end());
  }
}

bool GroupTable::link_up(PortNumber port) const noexcept { return port == 0 || (*links)[port].load(std::memory_order_relaxed); }

bool GroupTable::alive(const Group::Bucket& bucket) const noexcept {
  if (!link_up(bucket.watch_port)) return false;
  const Group* const watched = find(bucket.watch_group);
  if (watched == nullptr) return true;
  const auto buckets = watched->buckets();
  return std::any_of(buckets.begin(), buckets.end(), [&](const Group::Bucket& other) { return link_up(other.watch_port); });
}

Status ToGroup::check(const Action& action) {
  if (action.value < UINT32_MAX) return {};
  return error(ErrorCode::BAD_TRANSACTION, "a group's number is out of range");
}

void ToGroup::append(const Action& action, std::vector<Op>& ops) {
  Op op{ActionKind::group};
  op.argument = static_cast<uint32_t>(action.value);
  ops.push_back(op);
}

VSWITCH_HOT void ToGroup::apply(const ActionContext& context, const Op& op, Selection& packets) noexcept {
  const bool last = is_last(context, op);
  const Group* const group = context.groups.find(op.argument);
  // A rule names groups that are there, and chains of groups are bounded: RuleStore sees to both.
  if (__builtin_expect(group == nullptr || context.scratch == nullptr, 0))
    return drop_all(context, packets, DropReason::no_live_bucket);
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < packets.count; ++i) bytes += context.burst.bytes[packets.index[i]];
  HitCounters& counters = context.counters.groups[op.argument];
  counters.packets.add(packets.count);
  counters.bytes.add(bytes);
  if (group->buckets().empty() && last) return drop_all(context, packets, DropReason::no_live_bucket);
  if (group->type() == GroupType::all || group->type() == GroupType::indirect) {
    run_all(context, *group, packets, last);
  } else {
    run_one(context, *group, packets, last);
  }
  if (last) {
    packets.count = 0;
  } else {
    context.burst.sent |= set_of(packets);
  }
}

}  // namespace vswitch
