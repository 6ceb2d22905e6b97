#include <rte_pause.h>

#include <ctime>

#include "pipeline/steer.h"
#include "state/conntrack.h"
#include "worker/resume.h"
#include "worker/worker.h"

namespace vswitch {
namespace {

// A burst takes some microseconds. Asking the kernel about a longer one costs less than one in a hundred of it.
constexpr Cycles kSuspiciousPerSecond = 50'000;  // 20 us
// No poll or burst takes this long. A burst through a packet socket is some hundred microseconds of system calls at most.
constexpr Cycles kLongestPerSecond = 1000;  // 1 ms

}  // namespace

VSWITCH_HOT void Worker::loop() noexcept {
  const PipelineContext context{
      &counters_, &tx_,      &meter_, &scratch_, &random_, conntrack_, kAccounting && budget_.can_limit() ? &budget_ : nullptr,
      &splits_,   &replies_, nullptr, false,     nullptr,  index_};
  WorkerCounters& mine = counters_.worker;
  meter_.start(mine, cycles_per_second() / kSuspiciousPerSecond, cycles_per_second() / kLongestPerSecond);
  while (!published_.stop.load(std::memory_order_relaxed)) {
    // Whatever a round uses of the program, it has let go of when it reports to the RCU below.
    const Program& program = *published_.program.load(std::memory_order_acquire);
    const bool busy = poll(program, context);
    const bool sweeps_on = conntrack_ != nullptr && conntrack_->sweep(meter_.last());
    rcu_.quiescent(index_);
    mine.polls.add(1);
    if (busy) {
      idle_.busy();
      overhead_.charge(meter_, mine.overhead);
    } else {
      mine.empty_polls.add(1);
      if (!sweeps_on) rest();
      meter_.charge(mine.overhead);
    }
    meter_.publish();
  }
}

// Whether all that the queue has is of a tenant that spent too many cycles by now.
VSWITCH_INLINE bool Worker::is_over(const Program& program, const RxQueue& rx) noexcept {
  budget_.tick(meter_.last(), counters_);
  return budget_.is_over(program.ports[rx.port].slot) && !is_steered(program, rx.port);
}

VSWITCH_INLINE bool Worker::poll(const Program& program, const PipelineContext& context, const RxQueue& rx) noexcept {
  burst_.count = receive(rx.device, rx.queue, burst_.packet, kBurst);
  if (burst_.count == 0) {
    meter_.charge(counters_.worker.idle);
    return false;
  }
  burst_.in_port = rx.port;
  run_pipeline(program, context, burst_);
  return true;
}

// Polls each of the worker's queues once; whether there was a packet. Who spent too many cycles is polled where nobody else had
// one.
VSWITCH_HOT bool Worker::poll(const Program& program, const PipelineContext& context) noexcept {
  bool busy = false;
  bool passed_over = false;
  for (const RxQueue& rx : program.rx[index_]) {
    if (__builtin_expect(is_over(program, rx), 0)) {
      passed_over = true;
    } else {
      busy |= poll(program, context, rx);
    }
  }
  if (passed_over && !busy) busy = poll_passed_over(program, context);
  if (__builtin_expect(program.punting != 0, 0)) busy |= poll_plugins(program, context);
  return busy;
}

// Beyond its cap a tenant's packets are dropped as long as that may cost it something, then left in the device.
bool Worker::poll_passed_over(const Program& program, const PipelineContext& context) noexcept {
  bool busy = false;
  for (const RxQueue& rx : program.rx[index_]) {
    if (!is_over(program, rx)) continue;
    const TenantSlot slot = program.ports[rx.port].slot;
    if (!budget_.is_capped(slot)) {
      busy |= poll(program, context, rx);
    } else if (budget_.may_drop(slot)) {
      busy |= shed(rx, slot);
    }
  }
  return busy;
}

// Takes a burst of each tenant's plugins. Whose cycles are spent waits; the ring fills up, and the plugins wait, too.
VSWITCH_COLD bool Worker::poll_plugins(const Program& program, const PipelineContext& context) noexcept {
  bool busy = false;
  for_each_slot(program.punting, [&](TenantSlot slot) {
    ByteRing& ring = *program.punt[slot]->lanes[index_]->from_plugins;
    if (ring.readable().empty() || budget_.is_over(slot)) return;
    meter_.charge(counters_.worker.idle);
    resume(program, context, burst_, slot, ring, pool_);
    busy = true;
  });
  return busy;
}

bool Worker::shed(const RxQueue& rx, TenantSlot slot) noexcept {
  const uint16_t count = receive(rx.device, rx.queue, burst_.packet, kBurst);
  if (count == 0) {
    meter_.charge(counters_.worker.idle);
    return false;
  }
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < count; ++i) bytes += rte_pktmbuf_pkt_len(burst_.packet[i]);
  rte_pktmbuf_free_bulk(burst_.packet, count);
  TenantCounters& tenant = counters_.tenants[slot];
  for (TrafficCounters* traffic : {&tenant.traffic, &counters_.ports[rx.port]}) {
    traffic->rx_packets.add(count);
    traffic->rx_bytes.add(bytes);
  }
  tenant.drops[static_cast<uint32_t>(DropReason::cycle_cap_exceeded)].add(count);
  tenant.charge(Stage::rx, meter_.lap());
  budget_.queued(slot, count);
  budget_.dropped(slot, tenant);
  return true;
}

void Worker::rest() noexcept {
  switch (idle_.idle()) {
    case IdlePolicy::Next::kPoll:
      return;
    case IdlePolicy::Next::kPause:
      rte_pause();
      meter_.charge(counters_.worker.idle);
      return;
    case IdlePolicy::Next::kSleep: {
      meter_.charge(counters_.worker.overhead);
      const timespec time{0, static_cast<long>(idle_.take_sleep_us()) * 1000};
      rcu_.offline(index_);
      nanosleep(&time, nullptr);
      rcu_.resume(index_);
      meter_.charge_sleep();
      counters_.worker.sleeps.add(1);
      return;
    }
  }
}

}  // namespace vswitch
