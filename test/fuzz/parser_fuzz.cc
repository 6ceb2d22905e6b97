// Input: the plan (2 bytes; the highest bit: the first segment has room for all), the length of the first segment (1 byte; 0:
// there is one only), the packet.
#include "input.h"
#include "packet/fields.h"
#include "packet/gather.h"
#include "packet/parser.h"

using namespace vswitch;
using namespace vswitch::fuzz;

namespace {

constexpr HeaderSet kEverything = (1u << kHeaders) - 1;

struct Parsed {
  ParseVerdict verdict;
  FlowKey key;
  Layers layers;
};

Parsed parse(HeaderSet plan, rte_mbuf* packet) {
  Burst burst;
  burst.count = 1;
  burst.in_port = 1;
  burst.packet[0] = packet;
  ParseVerdict verdict[kBurst];
  const uint32_t bad = parse_burst(ParsePlan{plan}, burst, verdict);
  require(bad == (verdict[0] == ParseVerdict::kOk ? 0 : 1));
  return {verdict[0], burst.key[0], burst.layers[0]};
}

Parsed parse_whole(HeaderSet plan, std::span<const uint8_t> bytes) {
  Segment segment(bytes);
  return parse(plan, segment.mbuf());
}

void check_layers(const Parsed& found, size_t length) {
  const Layers& layers = found.layers;
  require(layers.tags <= kMaxVlanTags);
  if (found.verdict != ParseVerdict::kOk) return;
  for (const uint16_t at : {layers.ipv4, layers.ipv6, layers.arp, layers.transport, layers.nd_option}) require(at < length);
  require(layers.ipv4 == 0 || layers.ipv6 == 0);
  require(layers.transport == 0 || (found.key.layer_flags & kLaterFragment) == 0);
  require((layers.transport != 0) == ((found.key.layer_flags & kHasTransport) != 0));
  require((layers.arp != 0) == ((found.key.layer_flags & kHasArp) != 0));
  require((layers.nd_option != 0) == ((found.key.layer_flags & kHasNdOption) != 0));
}

// Whether a packet of these layers has the field.
bool has(const FieldSpec& field, const Parsed& all) {
  const HeaderSet network = field.headers & (kIpv4 | kIpv6);
  const bool ip =
      network == 0 || ((network & kIpv4) != 0 && all.layers.ipv4 != 0) || ((network & kIpv6) != 0 && all.layers.ipv6 != 0);
  return ip && (all.key.layer_flags & field.flags) == field.flags;
}

// A plan that asks for less finds the same of what it asks for.
void check_plan(HeaderSet plan, const Parsed& found, const Parsed& all) {
  if (all.verdict != ParseVerdict::kOk) return;
  require(found.verdict == ParseVerdict::kOk);
  for (const FieldSpec& field : kFields) {
    if ((field.headers & ~plan) == 0 && has(field, all)) require(value_of(field, found.key) == value_of(field, all.key));
  }
}

void check_split(HeaderSet plan, std::span<const uint8_t> bytes, size_t first, bool room, const Parsed& whole) {
  const auto tail = bytes.subspan(first);
  Segment head(bytes.first(first), 0, room ? tail.size() : 0);
  Segment rest(tail);
  head.chain(rest);
  const Parsed found = parse(plan, head.mbuf());
  require(rte_pktmbuf_pkt_len(head.mbuf()) == bytes.size());
  require(!room || bytes.size() > kGatheredBytes || found.verdict != ParseVerdict::kSplit);
  if (found.verdict != ParseVerdict::kSplit && whole.verdict != ParseVerdict::kRunt) require(found.verdict == whole.verdict);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const auto choice = input.take<uint16_t>();
  const size_t first = input.take<uint8_t>();
  const auto bytes = input.take_bytes(kMostBytes);
  const HeaderSet plan = choice & kEverything;
  const Parsed found = parse_whole(plan, bytes);
  check_layers(found, bytes.size());
  check_plan(plan, found, parse_whole(kEverything, bytes));
  if (first != 0 && first < bytes.size()) check_split(plan, bytes, first, choice >> 15 != 0, found);
  return 0;
}
