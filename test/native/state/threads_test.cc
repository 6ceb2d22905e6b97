// Several threads on the same few connections: nothing is lost, twice or left behind.
#include <atomic>
#include <random>
#include <thread>

#include "state/tracked.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr uint32_t kRounds = 20'000;
constexpr uint32_t kFlows = 64;

void run(Tracked& tracked, uint32_t index) {
  tracked.rcu.online(index);
  std::mt19937 random(index);
  CtRequest request;
  request.commit = true;
  for (uint32_t round = 0; round < kRounds; ++round) {
    CtPacket packets[16];
    CtResult results[16];
    // Both directions of the same flows; now and then a NAT, so that answers are fought for.
    request.nat = round % 4 == 0;
    request.range.kind = CtNatKind::src;
    request.range.persistent = round % 8 == 0;
    request.range.family = 4;
    request.range.port_low = 2000;
    request.range.port_high = 2100;
    set_address(request.range.low, 0xc0000201);
    set_address(request.range.high, 0xc0000201);
    for (CtPacket& packet : packets) {
      const CtTuple forth = tuple(6, 0x0a000000 + random() % kFlows, 1000, 0x0b000000, 80);
      const uint8_t flags[] = {kSyn, kAck, kRst | kAck, kFin | kAck};
      packet = segment(random() % 2 != 0 ? forth : back(forth), flags[random() % 4]);
    }
    const Cycles now = tracked.now + round * 1000;
    tracked.conntrack->worker(index).track(1, request, packets, 16, now, false, results);
    tracked.conntrack->worker(index).sweep(now);
    tracked.rcu.quiescent(index);
  }
  tracked.rcu.gone(index);
}

}  // namespace

TEST_CASE("ct threads: workers that begin, end and flush the same connections agree") {
  CtOptions options = Tracked::options(256);
  options.workers = 2;
  options.limits[1].half_open = 40;
  Tracked tracked(options);
  std::atomic<bool> stop = false;
  std::thread one([&] { run(tracked, 0); });
  std::thread two([&] { run(tracked, 1); });
  std::thread control([&] {
    while (!stop) {
      (void)tracked.list();
      tracked.conntrack->flush({}, tracked.now);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  one.join();
  two.join();
  stop = true;
  control.join();
  tracked.now += kRounds * 1000;
  CHECK(tracked.counter(CtCounter::created) > kRounds / 10);
  const auto left = tracked.list();
  for (const CtConnection& connection : left) {
    CHECK(connection.slot == 1);
    // Each is found by the packets of both directions.
    for (const CtTuple& tuple : {connection.original, connection.reply}) {
      Tracked& self = tracked;
      self.request.commit = false;
      CHECK((self.track(segment(tuple, kAck)).state & kCtReply) == (tuple == connection.original ? 0 : kCtReply));
    }
  }
  CHECK(tracked.counter(CtCounter::created) == tracked.counter(CtCounter::closed) + tracked.counter(CtCounter::expired) +
                                                   tracked.counter(CtCounter::evicted) + tracked.counter(CtCounter::flushed) +
                                                   tracked.counter(CtCounter::entries));
  tracked.conntrack->flush({}, tracked.now);
  for (uint32_t ms = 0; ms < 150'000; ms += 10) {  // mappings last two minutes longer
    tracked.after(10);
    for (const uint32_t worker : {0u, 1u}) tracked.conntrack->worker(worker).sweep(tracked.now);
  }
  CHECK(tracked.counter(CtCounter::half_open) == 0);
  CHECK(tracked.conntrack->usage().entries == 0);
  // No record is lost: the table fills up again.
  tracked.request = {};
  tracked.request.commit = true;
  tracked.slot = 2;
  for (uint32_t i = 0; i < 256; ++i) {
    REQUIRE(tracked.track(packet(tuple(17, i, 1, 2, 2))).verdict == CtVerdict::ok);
  }
}
