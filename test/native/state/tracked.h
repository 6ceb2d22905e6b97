// Connections for tests: a tracker with a clock of its own, and packets in a line each.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "state/conntrack.h"

namespace vswitch::test {

constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;

inline uint16_t wire(uint16_t port) { return static_cast<uint16_t>(port << 8 | port >> 8); }

// 10.0.0.`host`
inline void set_address(uint8_t (&at)[16], uint32_t address) {
  memset(at, 0, sizeof at);
  for (uint32_t i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(address >> (24 - 8 * i));
}

inline CtTuple tuple(uint8_t proto, uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port) {
  CtTuple result{};
  set_address(result.src, src);
  set_address(result.dst, dst);
  result.src_port = wire(src_port);
  result.dst_port = wire(dst_port);
  result.proto = proto;
  result.family = 4;
  return result;
}

inline CtTuple tuple6(uint8_t proto, uint8_t src, uint16_t src_port, uint8_t dst, uint16_t dst_port) {
  CtTuple result{};
  result.src[0] = result.dst[0] = 0xfd;
  result.src[15] = src;
  result.dst[15] = dst;
  result.src_port = wire(src_port);
  result.dst_port = wire(dst_port);
  result.proto = proto;
  result.family = 6;
  return result;
}

inline CtTuple back(const CtTuple& forth) {
  CtTuple result = forth;
  memcpy(result.src, forth.dst, 16);
  memcpy(result.dst, forth.src, 16);
  result.src_port = forth.dst_port;
  result.dst_port = forth.src_port;
  return result;
}

inline bool operator==(const CtTuple& a, const CtTuple& b) {
  return memcmp(a.src, b.src, 16) == 0 && memcmp(a.dst, b.dst, 16) == 0 && a.src_port == b.src_port && a.dst_port == b.dst_port &&
         a.proto == b.proto && a.family == b.family;
}

inline CtPacket packet(const CtTuple& tuple, CtKind kind = CtKind::kPacket) {
  CtPacket result{};
  result.tuple = tuple;
  result.kind = kind;
  result.window_scale = kCtNoScale;
  return result;
}

inline CtPacket segment(const CtTuple& tuple, uint8_t flags, uint32_t seq = 0, uint32_t ack = 0, uint32_t payload = 0,
                        uint16_t window = 1000, uint8_t scale = kCtNoScale) {
  CtPacket result = packet(tuple);
  result.tcp_flags = flags;
  result.seq = seq;
  result.ack = ack;
  result.payload = payload;
  result.window = window;
  result.window_scale = scale;
  return result;
}

// A million cycles a second, which nobody but the test counts.
struct Tracked {
  static constexpr Cycles kSecond = 1'000'000;

  Rcu rcu;
  std::unique_ptr<Conntrack> conntrack;
  Cycles now = 1000 * kSecond;
  CtRequest request;
  TenantSlot slot = 1;

  static CtOptions options(uint32_t entries = 64) {
    CtOptions result;
    result.entries = entries;
    result.cycles_per_second = kSecond;
    return result;
  }
  explicit Tracked(const CtOptions& options = Tracked::options())
      : rcu(std::move(Rcu::make(4).value())), conntrack(std::move(Conntrack::make(options, rcu).value())) {
    request.commit = true;
  }

  CtResult track(const CtPacket& packet, bool is_trial = false) {
    CtResult result{};
    conntrack->worker(0).track(slot, request, &packet, 1, now, is_trial, &result);
    return result;
  }
  uint8_t state(const CtPacket& packet) {
    const CtResult result = track(packet);
    CHECK(result.verdict == CtVerdict::ok);
    return result.state;
  }
  void after(Cycles ms) { now += ms * (kSecond / 1000); }
  // A second of poll rounds.
  void sweep_all() {
    for (uint32_t i = 0; i < 1000; ++i) {
      after(1);
      conntrack->worker(0).sweep(now);
    }
  }
  [[nodiscard]] uint64_t counter(CtCounter counter, TenantSlot of = 1) const {
    std::vector<uint64_t> all(size_t{kSlots} * kCtCounters);
    conntrack->read_counters(std::span<uint64_t, size_t{kSlots} * kCtCounters>(all));
    return all[of * kCtCounters + static_cast<uint32_t>(counter)];
  }
  [[nodiscard]] std::vector<CtConnection> list(const CtFilter& filter = {}) const {
    return conntrack->list(filter, UINT32_MAX, 0, now).connections;
  }
  // The state of the only connection.
  [[nodiscard]] CtState only() const {
    const auto connections = list();
    REQUIRE(connections.size() == 1);
    return connections[0].state;
  }
};

constexpr uint8_t kNewTracked = kCtNew | kCtTracked;
constexpr uint8_t kKnown = kCtEstablished | kCtTracked;
constexpr uint8_t kReplied = kCtEstablished | kCtTracked | kCtReply;
constexpr uint8_t kInvalidTracked = kCtInvalid | kCtTracked;

}  // namespace vswitch::test
