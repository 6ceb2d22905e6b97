#include "action/dec_ttl.h"

#include <doctest/doctest.h>

#include <random>

#include "support/action_bench.h"
#include "support/plain.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("dec_ttl: one less with the checksum as if computed anew, at 1 or 0 a named drop, without IP another") {
  ActionBench bench;
  std::mt19937 random(1);
  const std::vector<Step> dec_ttl = {step<DecTtl>(Action{})};
  for (const std::string_view kind : kinds()) {
    for (uint32_t ttl = 0; ttl < 256; ++ttl) {
      Bytes packet = random_packet(kind, random);
      const Plain plain = read_plain(packet);
      if (plain.ipv4 + plain.ipv6 == 0) {
        CHECK(bench.run(dec_ttl, packet).drop == DropReason::action_without_header);
        continue;
      }
      uint8_t& place = packet[plain.ipv4 != 0 ? plain.ipv4 + 8 : plain.ipv6 + 7];
      place = static_cast<uint8_t>(ttl);
      mend_ipv4(packet);
      const Outcome outcome = bench.run(dec_ttl, packet);
      if (ttl <= 1) {
        CHECK(outcome.drop == DropReason::ttl_expired);
        continue;
      }
      --place;
      mend_ipv4(packet);
      CHECK(to_hex(outcome.packet) == to_hex(packet));
    }
  }
}
