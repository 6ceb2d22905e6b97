#include "packet/plain_ipv4.h"

#include <deque>
#include <iterator>
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

TEST_CASE("several packets read anew are read as each of them is, and keep what is not in them") {
  std::mt19937 random(5);
  const char* const kinds[] = {"tcp4", "udp4", "icmp4", "udp6", "arp"};
  for (uint32_t round = 0; round < 500; ++round) {
    const ParsePlan plan{static_cast<HeaderSet>(random() & kEverything) | kEtherType};
    Burst burst;
    burst.in_port = 7;
    std::deque<GuardedPacket> packets;
    for (; burst.count < kBurst; ++burst.count) {
      Bytes bytes = random_packet(kinds[random() % std::size(kinds)], random);
      for (uint32_t turned = random() % 3; turned != 0; --turned) bytes[random() % 40 % bytes.size()] ^= 1u << random() % 8;
      packets.emplace_back(bytes);
      burst.packet[burst.count] = packets.back().mbuf();
      FlowKey& key = burst.key[burst.count];
      memset(static_cast<void*>(&key), static_cast<int>(random() & 0xff), sizeof key);
      key.in_port = RTE_BE16(7);
      burst.layers[burst.count] = {};
    }
    Burst other = burst;
    Selection selected;
    for (uint32_t i = 0; i < kBurst; ++i)
      if (random() % 4 != 0) selected.add(i);
    ParseVerdict verdict[kBurst];
    parse_again(plan, burst, selected, verdict);
    for (uint32_t i = 0; i < selected.count; ++i) {
      const uint32_t index = selected.index[i];
      CHECK(parse_again(plan, other, index) == verdict[index]);
      if (verdict[index] != ParseVerdict::kOk) other.key[index] = burst.key[index];
    }
    for (uint32_t i = 0; i < kBurst; ++i) CHECK(words_of(burst.key[i]) == words_of(other.key[i]));
  }
}
