#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "action/pop_vlan.h"
#include "action/push_vlan.h"
#include "support/action_bench.h"
#include "support/packets.h"
#include "support/plain.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

Step push(uint16_t type) {
  Action action{};
  action.kind = ActionKind::push_vlan;
  action.argument = type;
  CHECK(!PushVlan::check(action));
  return step<PushVlan>(action);
}

Step pop() { return step<PopVlan>(Action{}); }

std::string run(ActionBench& bench, const std::vector<Step>& steps, const std::string& packet) {
  const Outcome outcome = bench.run(steps, hex(packet));
  REQUIRE(!outcome.drop);
  CHECK(memcmp(&outcome.layers, &outcome.fresh, sizeof(Layers)) == 0);
  return to_hex(outcome.packet);
}

std::string plain(const std::string& packet) { return to_hex(hex(packet)); }

const std::string kIp = kUdp4.substr(kEthernet.size());  // with the Ethernet type

}  // namespace

TEST_CASE("push_vlan: a tag with VID and priority of the outer one, else 0 (OpenFlow 1.3.5, section 5.12)") {
  ActionBench bench;
  CHECK(run(bench, {push(kTypeVlan)}, kUdp4) == plain(kEthernet + "8100 0000" + kIp));
  CHECK(run(bench, {push(kTypeQinq)}, kEthernet + "8100 6123" + kIp) == plain(kEthernet + "88a8 6123 8100 6123" + kIp));
  // The drop-eligible bit is not copied.
  CHECK(run(bench, {push(kTypeVlan)}, kEthernet + "8100 7123" + kIp) == plain(kEthernet + "8100 6123 8100 7123" + kIp));
  CHECK(run(bench, {push(kTypeVlan)}, kEthernet + "88a8 0005 8100 0006" + kIp) ==
        plain(kEthernet + "8100 0005 88a8 0005 8100 0006" + kIp));
}

TEST_CASE("push_vlan: an Ethernet type that is none of a tag is refused") {
  Action action{};
  action.argument = 0x9100;
  CHECK(PushVlan::check(action));
}

TEST_CASE("push_vlan: without room before the packet it is dropped by name") {
  ActionBench bench;
  Layout layout;
  layout.headroom = 3;
  CHECK(bench.run({push(kTypeVlan)}, hex(kUdp4), layout).drop == DropReason::no_headroom);
  layout.headroom = 4;
  CHECK(!bench.run({push(kTypeVlan)}, hex(kUdp4), layout).drop);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("pop_vlan: the outer tag goes, and only a tag") {
  ActionBench bench;
  CHECK(run(bench, {pop()}, kEthernet + "8100 6123" + kIp) == plain(kUdp4));
  CHECK(run(bench, {pop()}, kEthernet + "88a8 0005 8100 0006" + kIp) == plain(kEthernet + "8100 0006" + kIp));
  CHECK(run(bench, {pop(), pop()}, kEthernet + "88a8 0005 8100 0006" + kIp) == plain(kUdp4));
  CHECK(bench.run({pop()}, hex(kUdp4)).drop == DropReason::action_without_header);
  CHECK(bench.run({pop(), pop()}, hex(kEthernet + "8100 0006" + kIp)).drop == DropReason::action_without_header);
}

TEST_CASE("push_vlan and pop_vlan: any packet is what it was afterwards, its layers where they are") {
  ActionBench bench;
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    const Bytes packet = random_packet(kinds()[random() % kinds().size()], random);
    std::vector<Step> steps = {read_all()};
    const uint32_t tags = 1 + random() % 3;
    for (uint32_t i = 0; i < tags; ++i) steps.push_back(push(i % 2 != 0 ? kTypeQinq : kTypeVlan));
    const Outcome pushed = bench.run(steps, packet);
    REQUIRE(pushed.packet.size() == packet.size() + 4 * tags);
    CHECK(memcmp(&pushed.layers, &pushed.fresh, sizeof(Layers)) == 0);
    for (uint32_t i = 0; i < tags; ++i) steps.push_back(pop());
    const Outcome outcome = bench.run(steps, packet);
    REQUIRE(to_hex(outcome.packet) == to_hex(packet));
    CHECK(memcmp(&outcome.layers, &outcome.fresh, sizeof(Layers)) == 0);
  }
}
