#include "meter/cycle_meter.h"

#include <doctest/doctest.h>
#include <rte_pause.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <ctime>
#include <memory>
#include <thread>

#include "meter/snapshot.h"

using namespace vswitch;

namespace {

uint64_t elapsed(const WorkerCounters& worker) { return worker.now_tsc.read() - worker.started_tsc.read(); }

// How long this thread has run.
uint64_t ran_ns() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<uint64_t>(at.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(at.tv_nsec);
}

}  // namespace

TEST_CASE("what is charged, idle, slept and stolen is what elapsed") {
  WorkerCounters worker;
  CycleMeter meter;
  const Cycles longest = cycles_per_second() / 1000;
  meter.start(worker, longest / 50, longest);
  Counter work;
  for (int i = 0; i < 1000; ++i) {
    for (int pause = 0; pause < i % 50; ++pause) rte_pause();
    meter.charge(i % 3 == 0 ? worker.idle : i % 3 == 1 ? worker.overhead : work);
  }
  const timespec pause{0, 20'000'000};
  nanosleep(&pause, nullptr);
  meter.charge_sleep();
  // As if the hypervisor ran something else.
  nanosleep(&pause, nullptr);
  meter.charge(work);
  meter.publish();
  CHECK(work.read() + worker.idle.read() + worker.overhead.read() + worker.stolen.read() == elapsed(worker));
  const Cycles slept = cycles_per_second() / 50;
  CHECK(worker.idle.read() >= slept);
  CHECK(worker.stolen.read() >= slept - longest);
}

TEST_CASE("who waits is not charged for it, though it waits for less than the longest that work may take") {
  WorkerCounters worker;
  CycleMeter meter;
  const uint64_t from = ran_ns();
  meter.start(worker, cycles_per_second() / 50'000, cycles_per_second());
  Counter work;
  for (int i = 0; i < 20; ++i) {
    for (const uint64_t end = ran_ns() + 1'000'000; ran_ns() < end;) rte_pause();
    const timespec pause{0, 500'000};
    nanosleep(&pause, nullptr);
    meter.charge(work);
  }
  // What the kernel says the thread ran is what is charged: whatever else had the core, and for how long, meanwhile.
  const double ran = static_cast<double>(ran_ns() - from) * 1e-9 * static_cast<double>(cycles_per_second());
  const auto charged = static_cast<double>(work.read());
  CHECK(charged > 0.95 * ran);
  CHECK(charged < 1.15 * ran);
  meter.publish();
  CHECK(work.read() + worker.stolen.read() == elapsed(worker));
}

TEST_CASE("a snapshot's charges are of the time of its clock, though its reader loses the core") {
  const auto counters = std::make_unique<Counters>(Capacity{1, 0, 0});
  std::atomic<bool> stop{false};
  // The worker, and a reader that shares its core.
  const auto pin = [] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
  };
  std::thread worker([&] {
    pin();
    Cycles last = now();
    while (!stop.load(std::memory_order_relaxed)) {
      const Cycles at = now();
      counters->tenants[kMaxTenant].cycles[0].add(at - last);
      counters->worker.now_tsc.add(at - last);
      last = at;
    }
  });
  constexpr size_t kWorkerWords = sizeof(WorkerCounters) / sizeof(Counter);
  constexpr size_t kTenantWords = sizeof(TenantCounters) / sizeof(Counter);
  constexpr size_t kCharged = kWorkerWords + kMaxTenant * kTenantWords + offsetof(TenantCounters, cycles) / sizeof(Counter);
  Cycles most = 0;
  std::thread reader([&] {
    pin();
    const auto out = std::make_unique<std::array<uint64_t, kSnapshotWords>>();
    for (int i = 0; i < 20'000; ++i) {
      snapshot(*counters, *out);
      most = std::max(most, (*out)[kCharged] - (*out)[1]);
    }
    stop.store(true);
  });
  reader.join();
  worker.join();
  CHECK(most < cycles_per_second() / 1000);
}

TEST_CASE("a snapshot has every counter in its place") {
  const auto counters = std::make_unique<Counters>(Capacity{1, 0, 0});
  counters->worker.started_tsc.set(1);
  counters->worker.sleeps.set(2);
  counters->tenants[0].traffic.rx_packets.set(3);
  counters->tenants[kMaxTenant].drops[kDropReasons - 1].set(4);
  counters->ports[0].rx_packets.set(5);
  counters->ports[kMaxPort].tx_bytes.set(6);
  const auto out = std::make_unique<std::array<uint64_t, kSnapshotWords>>();
  snapshot(*counters, *out);
  constexpr size_t kWorkerWords = sizeof(WorkerCounters) / sizeof(Counter);
  constexpr size_t kTenantWords = sizeof(TenantCounters) / sizeof(Counter);
  CHECK((*out)[0] == 1);
  CHECK((*out)[kWorkerWords - 1] == 2);
  CHECK((*out)[kWorkerWords] == 3);
  CHECK((*out)[kWorkerWords + kSlots * kTenantWords - 1] == 4);
  CHECK((*out)[kWorkerWords + kSlots * kTenantWords] == 5);
  CHECK(out->back() == 6);
}
