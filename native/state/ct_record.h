// A connection in memory: a line that every packet reads, one for what few packets need, and the addresses of IPv6.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/hot.h"
#include "base/zeroed.h"
#include "state/ct_key.h"
#include "state/ct_limits.h"

namespace vswitch {

enum class CtLife : uint8_t { free, pending, live, dead };  // changes by compare-and-swap alone: one remover wins

// The word of a connection: bits 0-1 life, 4-7 state, then these, 24-31 the worker that made it, 32-63 how often it was used.
enum CtWordBit : uint64_t {
  kCtSeenReply = 1u << 8,
  kCtHalfOpen = 1u << 9,
  kCtFinOriginal = 1u << 10,
  kCtFinReply = 1u << 11,
  kCtReplyFinFirst = 1u << 12,
  kCtHasSourceNat = 1u << 13,
  kCtHasDestinationNat = 1u << 14,
  kCtUsesMapping = 1u << 15,
  kCtIsMapping = 1u << 16,  // no connection but an endpoint-independent mapping (state/ct_mapping.cc)
};
inline constexpr uint64_t kCtHasNat = kCtHasSourceNat | kCtHasDestinationNat;

VSWITCH_INLINE CtLife ct_life(uint64_t word) noexcept { return static_cast<CtLife>(word & 3); }
VSWITCH_INLINE uint64_t with_life(uint64_t word, CtLife life) noexcept {
  return (word & ~uint64_t{3}) | static_cast<uint64_t>(life);
}
VSWITCH_INLINE CtState ct_state_of(uint64_t word) noexcept { return static_cast<CtState>(word >> 4 & 15); }
VSWITCH_INLINE uint64_t with_state(uint64_t word, CtState state) noexcept {
  return (word & ~uint64_t{0xf0}) | static_cast<uint64_t>(state) << 4;
}
VSWITCH_INLINE uint32_t ct_maker(uint64_t word) noexcept { return word >> 24 & 0xff; }

inline constexpr uint32_t kNoCtPlace = UINT32_MAX;
inline constexpr uint32_t kNoCtRecord = UINT32_MAX;

struct alignas(64) CtRecord {
  std::atomic<uint64_t> key[2][2];  // by direction: low, high; of the packets that arrive
  std::atomic<uint64_t> word;
  std::atomic<uint32_t> expiry;  // ms
  std::atomic<uint32_t> mark;
  std::atomic<uint32_t> place[2];  // in the index
  std::atomic<uint32_t> mapping;   // record of its mapping + 1, or 0; of a mapping: connections that use it

  [[nodiscard]] VSWITCH_INLINE bool has(uint32_t direction, const CtKey& other) const noexcept {
    return ((key[direction][0].load(std::memory_order_relaxed) ^ other.low) |
            (key[direction][1].load(std::memory_order_relaxed) ^ other.high)) == 0;
  }
  [[nodiscard]] CtKey at(uint32_t direction) const noexcept {
    return {key[direction][0].load(std::memory_order_relaxed), key[direction][1].load(std::memory_order_relaxed)};
  }
  void set(uint32_t direction, const CtKey& value) noexcept {
    key[direction][0].store(value.low, std::memory_order_relaxed);
    key[direction][1].store(value.high, std::memory_order_relaxed);
  }
};
static_assert(sizeof(CtRecord) == 64);

// What one side of a TCP connection has sent and may send (Rooij, "Real stateful TCP packet filtering in IP Filter", 2001). Two
// workers may change it at once; what gets lost then comes again with the next packet.
struct CtSide {
  std::atomic<uint32_t> end;         // of what it sent
  std::atomic<uint32_t> limit;       // of what the other lets it send
  std::atomic<uint32_t> max_window;  // it has offered; 0: it has sent nothing yet
  std::atomic<uint32_t> scale;       // of its window; kCtNoScale: it offered none
};

struct alignas(64) CtDetail {
  CtSide side[2];
  std::atomic<uint64_t> label[2];  // network byte order
};
static_assert(sizeof(CtDetail) == 64);

struct alignas(64) CtAddresses {
  std::atomic<uint64_t> word[2][4];  // by direction: source, destination
};

struct CtRecords {
  ZeroedArray<CtRecord> hot;
  ZeroedArray<CtDetail> detail;
  ZeroedArray<CtAddresses> addresses;       // IPv6 alone: elsewhere its pages are never touched
  ZeroedArray<std::atomic<uint32_t>> wake;  // ms; when the sweep is to look at it, never later than a minute after its expiry

  explicit CtRecords(uint32_t count)
      : hot(decltype(hot)::resident(count)),
        detail(decltype(detail)::resident(count)),
        addresses(count),
        wake(decltype(wake)::resident(count)) {}

  [[nodiscard]] VSWITCH_INLINE bool matches(uint32_t record, uint32_t direction, const CtProbe& probe) const noexcept {
    if (!hot[record].has(direction, probe.key)) return false;
    return !probe.ipv6() || same_addresses(record, direction, *probe.tuple);
  }
  [[nodiscard]] bool same_addresses(uint32_t record, uint32_t direction, const CtTuple& tuple) const noexcept {
    const auto& word = addresses[record].word[direction];
    uint64_t difference = 0;
    for (uint32_t i = 0; i < 4; ++i) {
      difference |= word[i].load(std::memory_order_relaxed) ^ ct_word((i < 2 ? tuple.src : tuple.dst) + i % 2 * 8);
    }
    return difference == 0;
  }
  void set_endpoints(uint32_t record, uint32_t direction, const CtProbe& probe) noexcept {
    hot[record].set(direction, probe.key);
    if (!probe.ipv6()) return;
    for (uint32_t i = 0; i < 4; ++i) {
      addresses[record].word[direction][i].store(ct_word((i < 2 ? probe.tuple->src : probe.tuple->dst) + i % 2 * 8),
                                                 std::memory_order_relaxed);
    }
  }
  [[nodiscard]] CtTuple endpoints(uint32_t record, uint32_t direction) const noexcept {
    const CtKey key = hot[record].at(direction);
    CtTuple tuple{};
    tuple.src_port = key.high & 0xffff;
    tuple.dst_port = key.high >> 16 & 0xffff;
    tuple.proto = ct_proto(key.high);
    tuple.family = (key.high & kCtKeyIpv6) != 0 ? 6 : 4;
    if (tuple.family == 4) {
      memcpy(tuple.src, &key.low, 4);
      memcpy(tuple.dst, reinterpret_cast<const uint8_t*>(&key.low) + 4, 4);
      return tuple;
    }
    for (uint32_t i = 0; i < 4; ++i) {
      const uint64_t word = addresses[record].word[direction][i].load(std::memory_order_relaxed);
      memcpy((i < 2 ? tuple.src : tuple.dst) + i % 2 * 8, &word, sizeof word);
    }
    return tuple;
  }
  [[nodiscard]] uint64_t memory_bytes() const noexcept { return hot.bytes() + detail.bytes() + addresses.bytes() + wake.bytes(); }
};

}  // namespace vswitch
