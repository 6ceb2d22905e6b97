#include "support/tunnels.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("decap: what is no such tunnel, or not all there, is dropped by name") {
  ActionBench bench;
  std::mt19937 random(4);
  const Bytes inner = random_packet("tcp4", random);
  Tunnel vxlan;
  Tunnel geneve;
  geneve.kind = kGeneve;
  const auto verdict = [&](const Tunnel& tunnel, auto change, bool mended = true) {
    Bytes packet = good(tunnel, inner);
    change(packet);
    if (mended) mend_ipv4(packet);
    return bench.run({step<Decap>(decap(tunnel.kind, {tunnel.vni}))}, packet).drop;
  };
  CHECK(!verdict(vxlan, [](Bytes&) {}));
  CHECK(!verdict(geneve, [](Bytes&) {}));
  const auto none = DropReason::not_a_tunnel;
  CHECK(verdict(vxlan, [](Bytes& packet) { packet[42] = 0; }) == none);                          // no VNI
  CHECK(!verdict(vxlan, [](Bytes& packet) { packet[42] = 0xff; }));                              // reserved bits do not matter
  CHECK(verdict(geneve, [](Bytes& packet) { packet[42] = 0x40; }) == none);                      // version 1
  CHECK(verdict(geneve, [](Bytes& packet) { packet[43] = 0x40; }) == none);                      // critical options
  CHECK(verdict(geneve, [](Bytes& packet) { packet[43] = 0x80; }) == DropReason::not_a_tunnel);  // a control message
  CHECK(verdict(geneve, [](Bytes& packet) { put(packet, 44, 2, 0x0800); }) == none);             // no Ethernet inside
  CHECK(verdict(geneve, [](Bytes& packet) { packet[42] = 0x3f; }) == none);                      // options beyond the packet
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 16, 2, get(packet, 16, 2) + 1); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 38, 2, get(packet, 38, 2) + 1); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 38, 2, 8 + 8 + 13); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 38, 2, 15); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 38, 2, 0); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 20, 2, 0x2000); }) == none);  // a fragment
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 20, 2, 0x0001); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { packet[23] = 47; }) == none);
  CHECK(verdict(
            vxlan, [](Bytes& packet) { packet[24] ^= 1; }, false) == none);  // wrong checksums
  CHECK(verdict(vxlan, [](Bytes& packet) { put(packet, 40, 2, 1); }) == none);
  CHECK(verdict(vxlan, [](Bytes& packet) { packet[48] ^= 1; }) == DropReason::unknown_vni);
  CHECK(bench.run({step<Decap>(decap(kVxlan, {1}))}, random_packet("arp", random)).drop == none);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("decap: what lies behind the UDP packet is not of the packet inside; options are skipped") {
  ActionBench bench;
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    const Bytes inner = random_packet("udp6", random);
    Tunnel tunnel = any_tunnel(random);
    Bytes packet = good(tunnel, inner);
    const size_t udp = tunnel.family == 4 ? 34 : 54;
    if (tunnel.kind == kGeneve) {
      const uint32_t words = random() % 64;
      packet[udp + 8] = static_cast<uint8_t>(words);
      packet.insert(packet.begin() + static_cast<ptrdiff_t>(udp + 16), words * 4, 0xee);
      put(packet, udp + 4, 2, get(packet, udp + 4, 2) + words * 4);
      const size_t length = tunnel.family == 4 ? 16 : 18;
      put(packet, length, 2, get(packet, length, 2) + words * 4);
      mend(packet);
    }
    const uint32_t padding = random() % 50;
    Layout layout;
    if (round % 2 == 0) layout.segments = {packet.size() + random() % (padding + 1), random() % 20};
    packet.insert(packet.end(), padding, 0x55);
    const Outcome outcome = bench.run({step<Decap>(decap(tunnel.kind, {tunnel.vni}))}, packet, layout);
    INFO(to_hex(packet));
    REQUIRE(!outcome.drop);
    CHECK(to_hex(outcome.packet) == to_hex(inner));
    check_layers(outcome);
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("decap: a header that goes on in another segment is a named drop") {
  ActionBench bench;
  std::mt19937 random(6);
  const Bytes packet = good({}, random_packet("tcp4", random));
  for (const size_t cut : {45u, 49u, 50u, 63u}) {
    Layout layout;
    layout.segments = {cut};
    CHECK(bench.run({step<Decap>(decap(kVxlan, {0x123456}))}, packet, layout).drop == DropReason::header_split);
  }
}

TEST_CASE("decap: a congestion mark goes on to a packet that can have it (RFC 6040, figure 4)") {
  ActionBench bench;
  std::mt19937 random(7);
  constexpr uint8_t kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3;
  for (int round = 0; round < 400; ++round) {
    const Bytes inner = random_packet(round % 2 == 0 ? "tcp4" : "tcp6", random);
    const Plain plain = read_plain(inner);
    const auto outer = static_cast<uint8_t>(round / 2 % 4);
    const auto own = static_cast<uint8_t>(tos_of(inner) & 3);
    const Outcome outcome = bench.run({step<Decap>(decap(kVxlan, {0x123456}))}, expected({}, inner, outer, 50000));
    if (own == kNotEct && outer == kCe) {
      CHECK(outcome.drop == DropReason::not_a_tunnel);
      continue;
    }
    const bool marks = own != kNotEct && (outer == kCe || (outer == kEct1 && own == kEct0));
    const uint8_t ecn = marks ? outer : own;
    Bytes after = inner;
    const size_t ip = plain.ipv4 + plain.ipv6;
    const int shift = plain.ipv4 != 0 ? 0 : 4;
    after[ip + 1] = static_cast<uint8_t>((after[ip + 1] & ~(3 << shift)) | ecn << shift);
    mend_ipv4(after);
    CHECK(to_hex(outcome.packet) == to_hex(after));
    CHECK((outcome.key.ip_tos & 3) == ecn);
  }
}

TEST_CASE("decap: operands out of range are refused") {
  CHECK(!Decap::check(decap(kVxlan, std::vector<uint32_t>(16))));
  CHECK(Decap::check(decap(kVxlan, std::vector<uint32_t>(17))));
  CHECK(Decap::check(decap(kVxlan, {})));
  CHECK(Decap::check(decap(2, {1})));
  Action cut = decap(kGeneve, {1, 2});
  cut.payload.pop_back();
  CHECK(Decap::check(cut));
}
