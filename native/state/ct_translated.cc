// Packets that come to their zone a second time, with the endpoints that it gave them. Such a packet is still of the connection
// that was found by what it had before; now it is what answers to it have, turned, and by these the connection is found, too.
#include "state/ct_shared.h"
#include "state/ct_worker.h"

namespace vswitch {

void ConntrackWorker::track_translated(TenantSlot slot, const CtRequest& request, const CtPacket* packets, uint32_t count,
                                       Cycles now, bool is_trial, uint8_t nat, CtResult* results) noexcept {
  const Context context{slot, is_trial, shared_.tick(now), now, request};
  for (uint32_t i = 0; i < count; ++i) {
    const CtTuple answer = turned(packets[i].tuple);
    const bool icmp_reply = packets[i].kind == CtKind::kIcmpRequest;
    shared_.index.prefetch(ct_probe(answer, slot, request.zone, icmp_reply, shared_.secrets).hash);
  }
  for (uint32_t i = 0; i < count; ++i) track_again(context, packets[i], nat, results[i]);
}

void ConntrackWorker::track_again(const Context& context, const CtPacket& packet, uint8_t nat, CtResult& result) noexcept {
  const CtIndex::Hit hit = packet.kind <= CtKind::kIcmpError ? find_translated(context, packet) : CtIndex::Hit{};
  if (hit) {
    remember_first(context, packet);
    if (track_hit(context, packet, hit, result)) {
      result.state |= nat;
      return;
    }
  } else if (context.is_trial && packet.kind <= CtKind::kIcmpRequest) {
    // Of the connection that was not made.
    result = {};
    result.state = kCtTracked | kCtNew | nat;
    return;
  }
  const bool icmp_reply = may_be_icmp_reply(packet);
  track_rest(context, packet, ct_probe(packet.tuple, context.slot, context.request.zone, icmp_reply, shared_.secrets), result);
}

bool ConntrackWorker::track_hit(const Context& context, const CtPacket& packet, CtIndex::Hit hit, CtResult& result) noexcept {
  if (packet.kind == CtKind::kIcmpError) return relate(context, hit, result), true;
  if (!packet.later_fragment) return track_known(context, packet, hit, result);
  answer(context, hit, shared_.records.hot[hit.record].word.load(std::memory_order_acquire), result);
  return true;
}

CtIndex::Hit ConntrackWorker::find_translated(const Context& context, const CtPacket& packet) noexcept {
  const uint16_t zone = context.request.zone;
  CtTuple tuple = packet.tuple;
  if (packet.later_fragment && !shared_.fragments.recall(packet, context.slot, zone, shared_.secrets, context.tick, tuple)) {
    return {};
  }
  const CtTuple answer = turned(tuple);
  const bool is_icmp = is_ct_icmp(tuple.proto);
  for (const bool icmp_reply : {false, true}) {
    // A request is answered by a reply; what an error or a fragment is about may be either.
    if (icmp_reply ? !is_icmp || packet.kind == CtKind::kIcmpReply : packet.kind == CtKind::kIcmpRequest) continue;
    CtIndex::Hit hit = find(context, ct_probe(answer, context.slot, zone, icmp_reply, shared_.secrets));
    if (!hit) continue;
    hit.direction = 1 - hit.direction;
    return hit;
  }
  return {};
}

}  // namespace vswitch
