#include "meter/stage_timer.h"

#include <doctest/doctest.h>
#include <rte_pause.h>

#include <numeric>
#include <random>

#include "meter/sampled_lap.h"

using namespace vswitch;

namespace {

constexpr Cycles kNever = Cycles{1} << 62;

Cycles sum(const StageCycles& stages) { return std::accumulate(stages.begin(), stages.end(), Cycles{0}); }
Cycles elapsed(const WorkerCounters& worker) { return worker.now_tsc.read() - worker.started_tsc.read(); }
void spend(Cycles cycles) {
  for (const Cycles end = now() + cycles; now() < end;) rte_pause();
}

}  // namespace

TEST_CASE("a split loses nothing") {
  StageSplit split;
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    StageCycles stamped;
    for (Cycles& cycles : stamped) cycles = random() % 3 == 0 ? 0 : random() % 100'000;
    split.learn(stamped);
    const Cycles all = random() % (Cycles{1} << (1 + random() % 40));
    CHECK(sum(split.split(all)) == all);
  }
}

TEST_CASE("a split is by what was stamped of late, and gives nothing to a stage that took nothing") {
  StageSplit split;
  const auto near = [](Cycles cycles, Cycles wanted) { return cycles + 2 >= wanted && cycles <= wanted + 2; };
  for (int i = 0; i < 3; ++i) split.learn({100, 0, 0, 300, 600, 0});
  StageCycles stages = split.split(1000);
  CHECK(near(stages[0], 100));
  CHECK(near(stages[3], 300));
  CHECK(near(stages[4], 600));
  CHECK(stages[1] + stages[2] + stages[5] == 0);
  for (int i = 0; i < 100; ++i) split.learn({0, 0, 0, 500, 500, 0});
  stages = split.split(1000);
  CHECK(near(stages[3], 500));
  CHECK(stages[0] == 0);
}

TEST_CASE("of one burst in sixteen, the first included, each stage is stamped; of the others all cycles together") {
  WorkerCounters worker;
  CycleMeter meter;
  StageSplit split;
  meter.start(worker, kNever, kNever);
  Cycles charged = 0;
  for (int burst = 0; burst < 320; ++burst) {
    StageTimer timer(meter, &split);
    CHECK(timer.is_stamped() == (burst % 16 == 0));
    spend(2000);
    CHECK((timer.end_stage(Stage::parse) >= 2000) == timer.is_stamped());
    spend(6000);
    const StageCycles stages = timer.end(Stage::match);
    const Cycles parse = stages[static_cast<uint32_t>(Stage::parse)];
    const Cycles match = stages[static_cast<uint32_t>(Stage::match)];
    CHECK(parse + match == sum(stages));
    if (timer.is_stamped()) {
      CHECK(match >= 6000);
    } else {
      CHECK(stages == split.split(sum(stages)));
    }
    charged += sum(stages);
    meter.publish();
    CHECK(charged == elapsed(worker));
  }
}

TEST_CASE("without a split every stage is stamped") {
  WorkerCounters worker;
  CycleMeter meter;
  meter.start(worker, kNever, kNever);
  for (int i = 0; i < 3; ++i) CHECK(StageTimer(meter, nullptr).is_stamped());
}

TEST_CASE("laps that are sampled have an owner for every cycle, too") {
  WorkerCounters worker;
  CycleMeter meter;
  SampledLap overhead;
  Counter work;
  meter.start(worker, kNever, kNever);
  for (int i = 0; i < 2000; ++i) {
    spend(200);
    work.add(meter.lap());
    spend(static_cast<Cycles>(i % 7) * 50);
    overhead.charge(meter, worker.overhead);
    meter.publish();
    CHECK(work.read() + worker.overhead.read() == elapsed(worker));
  }
  CHECK(worker.overhead.read() > 2000 * 50);
}

TEST_CASE("an estimate that was too long is made good by the laps that follow") {
  WorkerCounters worker;
  CycleMeter meter;
  Counter work;
  meter.start(worker, kNever, kNever);
  const Cycles ahead = cycles_per_second() / 1000;
  meter.charge_estimate(worker.overhead, ahead);
  CHECK(meter.lap() == 0);
  CHECK(meter.lap() == 0);
  spend(2 * ahead);
  work.add(meter.lap());
  meter.publish();
  CHECK(work.read() >= ahead / 2);
  CHECK(work.read() + worker.overhead.read() == elapsed(worker));
  CHECK(worker.stolen.read() == 0);
}
