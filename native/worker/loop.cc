#include <rte_pause.h>

#include <ctime>

#include "state/conntrack.h"
#include "worker/worker.h"

namespace vswitch {
namespace {

// No poll or burst takes this long: a lap beyond it was the hypervisor's or another thread's. A burst through a packet socket is
// some hundred microseconds of system calls at most.
constexpr Cycles kGapsPerSecond = 1000;  // 1 ms

}  // namespace

VSWITCH_HOT void Worker::loop() noexcept {
  const PipelineContext context{&counters_, &tx_, &meter_, &scratch_, &random_, conntrack_};
  WorkerCounters& mine = counters_.worker;
  meter_.start(mine, cycles_per_second() / kGapsPerSecond);
  while (!published_.stop.load(std::memory_order_relaxed)) {
    // Whatever a round uses of the program, it has let go of when it reports to the RCU below.
    const Program& program = *published_.program.load(std::memory_order_acquire);
    const bool busy = poll(program, context);
    if (conntrack_ != nullptr) conntrack_->sweep(meter_.last());
    rcu_.quiescent(index_);
    mine.polls.add(1);
    if (busy) {
      idle_.busy();
    } else {
      mine.empty_polls.add(1);
      rest();
    }
    meter_.charge(mine.overhead);
    meter_.publish();
  }
}

// Polls each of the worker's queues once; whether there was a packet.
VSWITCH_HOT bool Worker::poll(const Program& program, const PipelineContext& context) noexcept {
  bool busy = false;
  for (const RxQueue& rx : program.rx[index_]) {
    burst_.count = receive(rx.device, rx.queue, burst_.packet, kBurst);
    if (burst_.count == 0) {
      meter_.charge(counters_.worker.idle);
      continue;
    }
    burst_.in_port = rx.port;
    run_pipeline(program, context, burst_);
    busy = true;
  }
  return busy;
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
