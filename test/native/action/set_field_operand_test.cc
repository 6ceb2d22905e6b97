#include <doctest/doctest.h>

#include <random>

#include "action/set_field.h"
#include "support/action_bench.h"
#include "support/fields.h"
#include "support/rules.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("set_field: metadata and tunnel_id are the packet's, not in it") {
  ActionBench bench;
  std::mt19937 random(5);
  const Bytes packet = random_packet("tcp4", random);
  const Outcome outcome =
      bench.run({step<SetField>(set_field("metadata", 0x1234567890abcdef)),
                 step<SetField>(set_masked("metadata", 0xff00, 0xff00)), step<SetField>(set_field("tunnel_id", 42))},
                packet);
  CHECK(to_hex(outcome.packet) == to_hex(packet));
  CHECK((read(outcome.key, "metadata") == 0x1234567890abffef));
  CHECK((read(outcome.key, "tunnel_id") == 42));
}

TEST_CASE("set_field: neighbouring Ethernet addresses become one op") {
  ActionBench bench;
  std::mt19937 random(6);
  Step first = step<SetField>(set_field("eth_dst", 0x020000000001));
  const Step second = step<SetField>(set_field("eth_src", 0x020000000002));
  REQUIRE(SetField::merge(first.ops.front(), second.ops.front()));
  const Bytes packet = random_packet("udp6", random);
  const Outcome outcome = bench.run({first}, packet);
  CHECK(to_hex(outcome.packet).substr(0, 24) == "020000000001020000000002");
  CHECK(to_hex(outcome.packet).substr(24) == to_hex(packet).substr(24));
  const Step masked = step<SetField>(set_masked("eth_src", 1, 1));
  CHECK(!SetField::merge(first.ops.front(), masked.ops.front()));
}

TEST_CASE("set_field: operands out of range are refused") {
  CHECK(!SetField::check(set_field("vlan_pcp", 7)));
  CHECK(SetField::check(set_masked("vlan_pcp", 8, 7)));
  CHECK(SetField::check(set_masked("vlan_pcp", 0, 8)));
  CHECK(SetField::check(set_field("tcp_flags", 1)));
  CHECK(SetField::check(set_field("in_port", 1)));
  CHECK(SetField::check(set_field("ip_frag", 1)));
  CHECK(SetField::check(set_field("ipv6_exthdr", 1)));
  Action action = set_field("ip_ttl", 1);
  action.payload.pop_back();
  CHECK(SetField::check(action));
  action.argument = static_cast<uint16_t>(kFields.size());
  CHECK(SetField::check(action));
}
