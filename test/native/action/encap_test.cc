#include <set>

#include "support/tunnels.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("encap: the outer headers are as the RFCs say, and decap gives the packet back") {
  ActionBench bench;
  std::mt19937 random(1);
  for (int round = 0; round < 10'000; ++round) {
    const Bytes inner = random_packet(kinds()[random() % kinds().size()], random);
    const Tunnel tunnel = any_tunnel(random);
    REQUIRE(!Encap::check(encap(tunnel)));
    Layout layout;
    if (round % 2 == 0) layout.segments = {std::min<size_t>(inner.size(), 160), random() % 60};
    const Step put_on = step<Encap>(encap(tunnel));
    const Outcome outer = bench.run({put_on}, inner, layout);
    INFO(to_hex(inner));
    REQUIRE(!outer.drop);
    const uint8_t ecn = tos_of(inner) & 3;
    const auto tos = static_cast<uint8_t>(tunnel.dscp == 0xff ? tos_of(inner) : tunnel.dscp << 2 | ecn);
    const auto source = static_cast<uint16_t>(get(outer.packet, tunnel.family == 4 ? 34 : 54, 2));
    CHECK(source >= 49152);
    REQUIRE(to_hex(outer.packet) == to_hex(expected(tunnel, inner, tos, source)));
    check_layers(outer);

    const Outcome back = bench.run({put_on, step<Decap>(decap(tunnel.kind, {7, tunnel.vni}))}, inner, layout);
    REQUIRE(!back.drop);
    CHECK(to_hex(back.packet) == to_hex(inner));
    CHECK((read(back.key, "tunnel_id") == tunnel.vni));
    check_layers(back);
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("encap: a VNI of the packet's own, and packets that do not fit") {
  ActionBench bench;
  std::mt19937 random(2);
  const Bytes inner = random_packet("udp4", random);
  Tunnel tunnel;
  tunnel.vni = UINT32_MAX;
  Action tunnel_id{};
  tunnel_id.argument = static_cast<uint16_t>(Field::tunnel_id);
  tunnel_id.value = 0xabc;
  tunnel_id.payload.resize(16, 0xff);
  memset(tunnel_id.payload.data() + 8, 0, 8);
  const Outcome outcome = bench.run({step<SetField>(tunnel_id), step<Encap>(encap(tunnel))}, inner);
  CHECK(get(outcome.packet, 46, 4) == 0xabc00);

  Layout layout;
  layout.headroom = 49;
  CHECK(bench.run({step<Encap>(encap(tunnel))}, inner, layout).drop == DropReason::no_headroom);
  Bytes huge(65'536 - 36, 0);
  layout.headroom = 128;
  layout.segments.assign(34, 1'900);
  CHECK(bench.run({step<Encap>(encap(tunnel))}, huge, layout).drop == DropReason::mtu_exceeded);
  huge.pop_back();
  CHECK(!bench.run({step<Encap>(encap(tunnel))}, huge, layout).drop);
}

TEST_CASE("encap: flows have different source ports, a flow one") {
  ActionBench bench;
  std::mt19937 random(3);
  std::set<uint32_t> ports;
  Bytes inner = random_packet("udp4", random);
  const Plain plain = read_plain(inner);
  for (uint32_t i = 0; i < 256; ++i) {
    put(inner, plain.transport + 2, 2, i);
    const std::vector<Step> steps = {step<Encap>(encap({}))};
    const uint32_t port = get(bench.run(steps, inner).packet, 34, 2);
    inner[plain.ipv4 + 8] ^= 0x10;  // another TTL
    CHECK(get(bench.run(steps, inner).packet, 34, 2) == port);
    ports.insert(port);
  }
  CHECK(ports.size() > 200);
}

TEST_CASE("encap: operands out of range are refused") {
  const auto refused = [](auto change) {
    Tunnel tunnel;
    change(tunnel);
    return Encap::check(encap(tunnel)).has_value();
  };
  CHECK(!refused([](Tunnel&) {}));
  CHECK(refused([](Tunnel& tunnel) { tunnel.kind = 2; }));
  CHECK(refused([](Tunnel& tunnel) { tunnel.vni = 0x1000000; }));
  CHECK(refused([](Tunnel& tunnel) { tunnel.family = 5; }));
  CHECK(refused([](Tunnel& tunnel) { tunnel.dscp = 64; }));
  CHECK(refused([](Tunnel& tunnel) { tunnel.ttl = 0; }));
  CHECK(refused([](Tunnel& tunnel) { tunnel.checksum = 2; }));
  Action cut = encap({});
  cut.payload.pop_back();
  CHECK(Encap::check(cut));
}
