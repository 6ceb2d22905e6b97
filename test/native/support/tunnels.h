// Tunnel packets as the RFCs have them.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "action/decap.h"
#include "action/encap.h"
#include "action/set_field.h"
#include "support/action_bench.h"
#include "support/fields.h"
#include "support/plain.h"
#include "support/traffic.h"

namespace vswitch::test {

inline constexpr uint16_t kVxlan = 0;
inline constexpr uint16_t kGeneve = 1;

// As src/switch/codec.ts lays it out.
struct Tunnel {
  uint16_t kind = kVxlan;
  uint32_t vni = 0x123456;
  uint16_t udp_dst = 4789;
  uint8_t ttl = 64;
  uint8_t dscp = 0;
  uint8_t family = 4;
  uint8_t checksum = 0;
};

inline void append_le(Bytes& bytes, uint32_t value, size_t count) {
  for (; count > 0; --count, value >>= 8) bytes.push_back(static_cast<uint8_t>(value));
}

inline Action encap(const Tunnel& tunnel) {
  Action action{};
  action.kind = ActionKind::encap;
  action.argument = tunnel.kind;
  append_le(action.payload, tunnel.vni, 4);
  append_le(action.payload, tunnel.udp_dst, 2);
  for (const uint8_t byte : {tunnel.ttl, tunnel.dscp, tunnel.family, tunnel.checksum}) action.payload.push_back(byte);
  const std::string addresses = tunnel.family == 4 ? "c0a80001000000000000000000000000 c0a80002000000000000000000000000"
                                                   : "fd000000000000000000000000000001 fd000000000000000000000000000002";
  for (const uint8_t byte : hex("0200000000aa 0200000000bb 00000000000000000000" + addresses)) action.payload.push_back(byte);
  return action;
}

inline Action decap(uint16_t kind, const std::vector<uint32_t>& vnis) {
  Action action{};
  action.kind = ActionKind::decap;
  action.argument = kind;
  action.value = vnis.size();
  for (const uint32_t vni : vnis) append_le(action.payload, vni, 4);
  return action;
}

inline size_t outer_bytes(const Tunnel& tunnel) { return tunnel.family == 4 ? 50 : 70; }

// What encap must make of a packet, by the RFCs; the source port is the data plane's choice.
inline Bytes expected(const Tunnel& tunnel, const Bytes& inner, uint8_t tos, uint16_t source) {
  const bool ipv4 = tunnel.family == 4;
  Bytes packet = hex("0200000000aa 0200000000bb");
  packet.resize(outer_bytes(tunnel));
  const size_t udp = ipv4 ? 34 : 54;
  const auto udp_bytes = static_cast<uint32_t>(16 + inner.size());
  if (ipv4) {
    const Bytes ip = hex("0800 4500 0000 0000 4000 0011 0000 c0a80001 c0a80002");
    std::copy(ip.begin(), ip.end(), packet.begin() + 12);
    packet[15] = tos;
    put(packet, 16, 2, 20 + udp_bytes);
    packet[22] = tunnel.ttl;
  } else {
    const Bytes ip = hex("86dd 60000000 0000 1100 fd000000000000000000000000000001 fd000000000000000000000000000002");
    std::copy(ip.begin(), ip.end(), packet.begin() + 12);
    put(packet, 14, 2, 0x6000u | static_cast<uint32_t>(tos) << 4);
    put(packet, 18, 2, udp_bytes);
    packet[21] = tunnel.ttl;
  }
  put(packet, udp, 2, source);
  put(packet, udp + 2, 2, tunnel.udp_dst);
  put(packet, udp + 4, 2, udp_bytes);
  put(packet, udp + 6, 2, tunnel.checksum);  // any but 0 is mended
  if (tunnel.kind == kVxlan) {
    packet[udp + 8] = 0x08;
  } else {
    put(packet, udp + 10, 2, 0x6558);
  }
  put(packet, udp + 12, 4, tunnel.vni << 8);
  packet.insert(packet.end(), inner.begin(), inner.end());
  mend(packet);
  return packet;
}

inline uint8_t tos_of(const Bytes& packet) {
  const Plain plain = read_plain(packet);
  if (plain.ipv4 != 0) return packet[plain.ipv4 + 1];
  return plain.ipv6 == 0 ? 0 : static_cast<uint8_t>(get(packet, plain.ipv6, 2) >> 4);
}

inline Tunnel any_tunnel(std::mt19937& random) {
  Tunnel tunnel;
  tunnel.kind = random() % 2;
  tunnel.vni = random() & 0xffffff;
  tunnel.udp_dst = tunnel.kind == kVxlan ? 4789 : 6081;
  tunnel.ttl = static_cast<uint8_t>(1 + random() % 255);
  tunnel.dscp = random() % 2 != 0 ? 0xff : static_cast<uint8_t>(random() % 64);
  tunnel.family = random() % 2 != 0 ? 4 : 6;
  tunnel.checksum = random() % 2;
  return tunnel;
}

inline void check_layers([[maybe_unused]] const Outcome& outcome) {
  CHECK(memcmp(&outcome.layers, &outcome.fresh, sizeof(Layers)) == 0);
}

// A tunnel packet over IPv4 or IPv6 that decap takes, for a test to spoil.
inline Bytes good(const Tunnel& tunnel, const Bytes& inner) { return expected(tunnel, inner, 0, 50000); }

}  // namespace vswitch::test
