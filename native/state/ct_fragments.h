// Ports of first fragments, for the fragments behind them that have none. Bounded: a set of four, of which the oldest makes room.
// Known by a secret hash of 64 bits of tenant, zone, addresses, protocol and identification.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/zeroed.h"
#include "state/ct_key.h"

namespace vswitch {

class CtFragments {
 public:
  CtFragments() : sets_(kSets) {}

  void remember(const CtPacket& packet, TenantSlot slot, uint16_t zone, const CtSecrets& secrets, uint32_t tick) noexcept;
  // Sets the ports of the tuple where the first fragment is known.
  [[nodiscard]] bool recall(const CtPacket& packet, TenantSlot slot, uint16_t zone, const CtSecrets& secrets, uint32_t tick,
                            CtTuple& tuple) const noexcept;
  [[nodiscard]] uint64_t memory_bytes() const noexcept { return sets_.bytes(); }

  // How long a datagram may take to be complete, as Linux (net.ipv4.ipfrag_time).
  static constexpr uint32_t kTimeoutMs = 30'000;

 private:
  static constexpr uint32_t kSets = 2048;
  static constexpr uint32_t kWays = 4;
  struct alignas(64) Set {
    std::atomic<uint64_t> tag[kWays];
    std::atomic<uint64_t> value[kWays];  // ports 32, tick 32
  };

  ZeroedArray<Set> sets_;
};

}  // namespace vswitch
