#include "packet/plain_ipv4.h"

#include <random>

#include "support/parsed.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// Read again, a packet takes the way of those that are not plain.
Parsed parse_slowly(rte_mbuf* packet, HeaderSet headers) {
  Burst burst;
  burst.count = 1;
  burst.packet[0] = packet;
  burst.key[0] = {};
  burst.key[0].in_port = RTE_BE16(7);
  const ParseVerdict verdict = parse_again(ParsePlan{headers}, burst, 0);
  return {verdict, burst.key[0], burst.layers[0]};
}

}  // namespace

TEST_CASE("the short way reads what the long way reads, of packets as they are and with bits that were turned") {
  std::mt19937 random(4);
  uint32_t well_formed = 0;
  for (uint32_t round = 0; round < 20'000; ++round) {
    Bytes bytes = random_packet(round % 2 == 0 ? "tcp4" : "udp4", random);
    for (uint32_t turned = random() % 3; turned != 0; --turned) bytes[random() % 56 % bytes.size()] ^= 1u << random() % 8;
    const HeaderSet headers = (random() & kEverything) | kEtherType;  // which whatever lies behind it asks for
    GuardedPacket packet(bytes);
    const Parsed fast = parse(packet.mbuf(), headers);
    const Parsed slow = parse_slowly(packet.mbuf(), headers);
    CAPTURE(to_hex(bytes));
    CAPTURE(headers);
    REQUIRE(fast.verdict == slow.verdict);
    if (fast.verdict != ParseVerdict::kOk) continue;
    ++well_formed;
    REQUIRE(words_of(fast.key) == words_of(slow.key));
    REQUIRE(memcmp(&fast.layers, &slow.layers, sizeof fast.layers) == 0);
  }
  CHECK(well_formed > 10'000);
}
