// A polling thread, pinned to its core: an EAL lcore that runs the loop in loop.cc until it is stopped.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "action/reply_limiter.h"
#include "base/hot.h"
#include "dpdk/rcu.h"
#include "meter/counters.h"
#include "meter/sampled_lap.h"
#include "meter/shares.h"
#include "pipeline/pipeline.h"
#include "worker/idle.h"

namespace vswitch {

// Written by the control thread, read by the workers.
struct Published {
  explicit Published(const CycleShares& cycle_shares) noexcept : shares(cycle_shares) {}

  alignas(kFalseSharing) std::atomic<const Program*> program{nullptr};
  std::atomic<bool> stop{false};
  SharedShares shares;
};

class Worker {
 public:
  // `index` is the worker's number: its transmit queue on every port and its RCU reader.
  // Packets that plugins give back are made of the pool. Its connections are nobody else's to track; null: none are.
  Worker(uint32_t index, uint32_t lcore, const Capacity& capacity, uint32_t max_sleep_us, const Published& published, Rcu& rcu,
         rte_mempool* pool, ConntrackWorker* conntrack)
      : index_(index),
        lcore_(lcore),
        idle_(max_sleep_us),
        published_(published),
        rcu_(rcu),
        pool_(pool),
        conntrack_(conntrack),
        budget_(published.shares, cycles_per_second() / kEpochsPerSecond),
        counters_(capacity),
        tx_(static_cast<uint16_t>(index)),
        random_(index + 1) {}

  // Whether the lcore took the job.
  bool launch();
  // Returns when the loop has ended; Published::stop must be set.
  void join();

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  // So long a tenant may take more than its share before others get theirs; a receive queue holds what comes meanwhile.
  static constexpr Cycles kEpochsPerSecond = 10'000;

  static int main(void* self);
  void loop() noexcept;
  bool is_over(const Program& program, const RxQueue& rx) noexcept;
  bool poll(const Program& program, const PipelineContext& context) noexcept;
  bool poll(const Program& program, const PipelineContext& context, const RxQueue& rx) noexcept;
  bool poll_passed_over(const Program& program, const PipelineContext& context) noexcept;
  bool shed(const RxQueue& rx, TenantSlot slot) noexcept;
  bool poll_plugins(const Program& program, const PipelineContext& context) noexcept;
  void rest() noexcept;

  const uint32_t index_;
  const uint32_t lcore_;
  IdlePolicy idle_;
  const Published& published_;
  Rcu& rcu_;
  rte_mempool* const pool_;
  ConntrackWorker* const conntrack_;
  CycleMeter meter_;
  SampledLap overhead_;
  StageSplits splits_;
  ReplyLimiter replies_;
  Budget budget_;
  Counters counters_;  // written here, read by others
  TxBuffer tx_;
  Random random_;
  Burst burst_;
  PipelineScratch scratch_;
};

}  // namespace vswitch
