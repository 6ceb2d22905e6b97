// What all threads share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/hot.h"
#include "dpdk/rcu.h"
#include "state/ct_caps.h"
#include "state/ct_fragments.h"
#include "state/ct_index.h"
#include "state/ct_key.h"
#include "state/ct_limits.h"
#include "state/ct_pool.h"
#include "state/ct_record.h"

namespace vswitch {

class ConntrackWorker;

// Time of connections: milliseconds, which wrap after 49 days.
[[nodiscard]] VSWITCH_INLINE bool is_due(uint32_t at, uint32_t tick) noexcept { return static_cast<int32_t>(tick - at) >= 0; }

// Time-outs by protocol, state and whether a reply was seen.
class CtTimeouts {
 public:
  explicit CtTimeouts(const std::array<uint32_t, kCtTimeouts>& ms);
  [[nodiscard]] VSWITCH_INLINE uint32_t of(uint8_t proto, uint64_t word) const noexcept {
    return ms_[kind_[proto]][word >> 4 & 15][(word & kCtSeenReply) != 0];
  }

 private:
  enum Kind : uint8_t { kOther, kTcp, kUdp, kIcmp };
  uint32_t ms_[4][16][2] = {};
  std::array<uint8_t, 256> kind_{};
};

struct CtShared {
  CtOptions options;
  Rcu& rcu;
  uint32_t count;  // of records: more than there may be entries, since threads hold some that are free
  CtSecrets secrets = CtSecrets::make();
  CtTimeouts timeouts;
  uint64_t per_cycle;  // ms, in 2^-64
  CtRecords records;
  CtIndex index;
  CtPool pool;
  CtCaps caps;
  CtFragments fragments;
  std::vector<std::unique_ptr<ConntrackWorker>> workers;  // and the control thread's, as the last

  CtShared(const CtOptions& options, Rcu& rcu);
  ~CtShared();
  [[nodiscard]] VSWITCH_INLINE uint32_t tick(Cycles now) const noexcept {
    return static_cast<uint32_t>(static_cast<unsigned __int128>(now) * per_cycle >> 64);
  }
  [[nodiscard]] uint64_t memory_bytes() const noexcept;
};

}  // namespace vswitch
