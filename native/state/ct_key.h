// Endpoints as one direction of a connection is found by: 16 bytes, and for IPv6 the addresses beside them.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "packet/ct_packet.h"

namespace vswitch {

// What senders cannot know, so that they cannot choose keys that fall together.
struct CtSecrets {
  uint64_t word[6];
  static CtSecrets make();
};

// The product's halves, folded (Wang Yi's wyhash): every bit of the result depends on every bit of both.
[[nodiscard]] VSWITCH_INLINE uint64_t fold(uint64_t a, uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

struct CtKey {
  uint64_t low;   // IPv4: source and destination; IPv6: their secret hash
  uint64_t high;  // ports, zone, protocol, tail
  bool operator==(const CtKey&) const = default;
};

// The tail: tenant slot, then
inline constexpr uint64_t kCtKeyIpv6 = uint64_t{1} << 62;
inline constexpr uint64_t kCtKeyIcmpReply = uint64_t{1} << 63;  // requests of both sides with one identifier are two connections

static_assert(kSlots <= 64, "the slot has six bits");

// What is looked for.
struct CtProbe {
  CtKey key;
  uint64_t hash;
  const CtTuple* tuple;

  [[nodiscard]] uint32_t tag() const noexcept { return static_cast<uint32_t>(hash >> 32) | 1; }  // 0 is an empty place
  [[nodiscard]] bool ipv6() const noexcept { return (key.high & kCtKeyIpv6) != 0; }
};

[[nodiscard]] VSWITCH_INLINE bool is_ct_icmp(uint8_t proto) noexcept { return proto == 1 || proto == 58; }

// Whether the packet is looked up as a reply of ICMP at first.
[[nodiscard]] VSWITCH_INLINE bool may_be_icmp_reply(const CtPacket& packet) noexcept {
  return packet.kind == CtKind::kIcmpReply || (packet.kind == CtKind::kIcmpError && is_ct_icmp(packet.tuple.proto));
}

[[nodiscard]] VSWITCH_INLINE uint64_t ct_word(const uint8_t* at) noexcept {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

[[nodiscard]] VSWITCH_INLINE uint64_t ct_hash(const CtKey& key, const CtSecrets& secret) noexcept {
  return fold(fold(key.low ^ secret.word[0], key.high ^ secret.word[1]) ^ secret.word[2], secret.word[3]);
}

[[nodiscard]] VSWITCH_INLINE uint64_t ct_address_hash(const CtTuple& tuple, const CtSecrets& secret) noexcept {
  const uint64_t src = fold(ct_word(tuple.src) ^ secret.word[2], ct_word(tuple.src + 8) ^ secret.word[3]);
  const uint64_t dst = fold(ct_word(tuple.dst) ^ secret.word[4], ct_word(tuple.dst + 8) ^ secret.word[5]);
  return fold(src ^ secret.word[0], dst ^ secret.word[1]);
}

[[nodiscard]] VSWITCH_INLINE CtProbe ct_probe(const CtTuple& tuple, TenantSlot slot, uint16_t zone, bool icmp_reply,
                                              const CtSecrets& secret) noexcept {
  CtProbe probe;
  probe.tuple = &tuple;
  probe.key.high = uint64_t{tuple.src_port} | uint64_t{tuple.dst_port} << 16 | uint64_t{zone} << 32 |
                   uint64_t{tuple.proto} << 48 | uint64_t{slot} << 56 | (icmp_reply ? kCtKeyIcmpReply : 0);
  if (__builtin_expect(tuple.family == 4, 1)) {
    uint32_t src;
    uint32_t dst;
    memcpy(&src, tuple.src, sizeof src);
    memcpy(&dst, tuple.dst, sizeof dst);
    probe.key.low = uint64_t{src} | uint64_t{dst} << 32;
  } else {
    probe.key.low = ct_address_hash(tuple, secret);
    probe.key.high |= kCtKeyIpv6;
  }
  probe.hash = ct_hash(probe.key, secret);
  return probe;
}

[[nodiscard]] VSWITCH_INLINE TenantSlot ct_slot(uint64_t high) noexcept { return high >> 56 & (kSlots - 1); }
[[nodiscard]] VSWITCH_INLINE uint8_t ct_proto(uint64_t high) noexcept { return high >> 48 & 0xff; }
[[nodiscard]] VSWITCH_INLINE uint16_t ct_zone(uint64_t high) noexcept { return high >> 32 & 0xffff; }

[[nodiscard]] inline CtTuple turned(const CtTuple& tuple) noexcept {
  CtTuple other = tuple;
  memcpy(other.src, tuple.dst, sizeof other.src);
  memcpy(other.dst, tuple.src, sizeof other.dst);
  other.src_port = tuple.dst_port;
  other.dst_port = tuple.src_port;
  return other;
}

}  // namespace vswitch
