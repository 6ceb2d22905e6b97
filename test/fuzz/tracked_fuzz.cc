// Input: the length of the first segment (1 byte; 0: there is one only), what changes in each byte of the endpoints (1 byte), the
// packet. As connection tracking sees it, it has the endpoints that it was given.
#include "input.h"
#include "packet/parser.h"
#include "packet/tracked_packet.h"
#include "packet/translate.h"

using namespace vswitch;
using namespace vswitch::fuzz;

namespace {

constexpr size_t kTailroom = 256;

CtTuple changed(CtTuple tuple, uint8_t by) {
  const uint32_t bytes = tuple.family == 4 ? 4 : 16;
  for (uint32_t i = 0; i < bytes; ++i) tuple.src[i] ^= by, tuple.dst[i] ^= by;
  // What has no ports has zeros; the identifier of a query is in both.
  if (tuple.src_port == 0 && tuple.dst_port == 0) return tuple;
  tuple.src_port ^= by;
  tuple.dst_port ^= by;
  return tuple;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto burst = std::make_unique<Burst>();
  Input input(data, size);
  const size_t first = input.take<uint8_t>();
  const auto by = input.take<uint8_t>();
  const auto bytes = input.take_bytes(kMostBytes);
  const bool split = first != 0 && first < bytes.size();
  Segment head(split ? bytes.first(first) : bytes, 0, kTailroom);
  Segment rest(split ? bytes.subspan(first) : std::span<const uint8_t>{});
  if (split) head.chain(rest);
  burst->count = 1;
  burst->in_port = 1;
  burst->packet[0] = head.mbuf();
  ParseVerdict verdict[kBurst];
  if (parse_burst({kEtherType | kIpv4 | kIpv6 | kTransport}, *burst, verdict) != 0) return 0;

  CtPacket packet;
  read_tracked(head.mbuf(), burst->layers[0], packet);
  if (packet.kind == CtKind::kInvalid || packet.kind == CtKind::kUntracked) return 0;
  const CtTuple to = changed(packet.tuple, by);
  if (!translate(head.mbuf(), burst->layers[0], packet, to, burst->key[0])) return 0;
  const CtKind kind = packet.kind;
  read_tracked(head.mbuf(), burst->layers[0], packet);
  require(packet.kind == kind);
  require(memcmp(&packet.tuple, &to, sizeof to) == 0);
  return 0;
}
