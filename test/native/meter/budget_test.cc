#include "meter/budget.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

using namespace vswitch;

namespace {

constexpr Cycles kEpoch = 250'000;
constexpr Cycles kEmptyPoll = 100;

// Who sends to a worker.
struct Sender {
  TenantSlot slot;
  double wants;          // part of the core; 1: always has packets
  Cycles burst = 5'000;  // what a burst of its packets takes
};

// A worker with a queue for each sender, as worker/loop.cc polls it; time passes by what is done.
class Core {
 public:
  Core(const CycleShares& shares, std::vector<Sender> senders)
      : senders_(std::move(senders)),
        counters_(std::make_unique<Counters>(Capacity{})),
        shares_(shares),
        budget_(shares_, kEpoch) {}

  // The part of the core that each sender gets over some epochs, after as many to settle.
  std::vector<double> run(uint32_t epochs) {
    pass(epochs);
    const Cycles since = now_;
    std::vector<Cycles> before;
    for (const Sender& sender : senders_) before.push_back(used(sender).read());
    pass(epochs);
    std::vector<double> parts;
    for (size_t i = 0; i < senders_.size(); ++i)
      parts.push_back(static_cast<double>(used(senders_[i]).read() - before[i]) / static_cast<double>(now_ - since));
    return parts;
  }

  void send(size_t sender, double wants) { senders_[sender].wants = wants; }
  void set(const CycleShares& shares) { shares_.set(shares); }
  [[nodiscard]] const Budget& budget() const { return budget_; }

 private:
  Counter& used(const Sender& sender) { return counters_->tenants[sender.slot].cycles[0]; }

  void pass(uint32_t epochs) {
    for (const Cycles end = now_ + epochs * kEpoch; now_ < end;) {
      bool busy = false;
      for (const Sender& sender : senders_) busy |= !budget_.is_over(sender.slot) && serve(sender);
      for (const Sender& sender : senders_)
        busy |= !busy && budget_.is_over(sender.slot) && !budget_.is_capped(sender.slot) && serve(sender);
      counters_->worker.polls.add(1);
      counters_->worker.empty_polls.add(busy ? 0 : 1);
      now_ += kEmptyPoll;
      budget_.tick(now_, *counters_);
    }
  }

  bool serve(const Sender& sender) {
    const bool has_packets =
        sender.wants >= 1 || static_cast<double>(used(sender).read()) < sender.wants * static_cast<double>(now_);
    if (!has_packets) return false;
    used(sender).add(sender.burst);
    now_ += sender.burst;
    budget_.queued(sender.slot, sender.wants >= 1 ? 64 : 8);
    budget_.spent(sender.slot, counters_->tenants[sender.slot]);
    return true;
  }

  std::vector<Sender> senders_;
  std::unique_ptr<Counters> counters_;
  SharedShares shares_;
  Budget budget_;
  Cycles now_ = 1;
};

// A tenant that may have four tenths of a worker, at the beginning of an epoch.
class Capped {
 public:
  static constexpr Cycles kCap = kEpoch * 4 / 10;

  Capped() { next_epoch(); }

  void next_epoch() { budget_.tick(now_ += kEpoch, *counters_); }
  void forward(Cycles cycles) {
    tenant().cycles[0].add(cycles);
    budget_.queued(1, 64);
    budget_.spent(1, tenant());
  }
  void drop(Cycles cycles) {
    tenant().cycles[0].add(cycles);
    budget_.queued(1, 64);
    budget_.dropped(1, tenant());
  }

  [[nodiscard]] bool is_over() const { return budget_.is_over(1); }
  [[nodiscard]] bool is_capped() const { return budget_.is_capped(1); }
  [[nodiscard]] bool may_drop() const { return budget_.may_drop(1); }

 private:
  TenantCounters& tenant() { return counters_->tenants[1]; }

  std::unique_ptr<Counters> counters_ = std::make_unique<Counters>(Capacity{});
  SharedShares shares_{{{CycleShare{}, CycleShare{100, 0, 400}}}};
  Budget budget_{shares_, kEpoch};
  Cycles now_ = 1;
};

constexpr auto near = [](double part) { return doctest::Approx(part).epsilon(0.05); };

}  // namespace

TEST_CASE("budget: equal tenants that always have packets get equal cycles, whatever a packet of theirs takes") {
  CycleShares shares;
  shares[1] = shares[2] = {100, 0, 0};
  const auto parts = Core(shares, {{1, 1, 2'000}, {2, 1, 40'000}}).run(200);
  CHECK(parts[0] == near(0.49));
  CHECK(parts[1] == near(0.49));
}

TEST_CASE("budget: cycles that are short are shared by weight, and a guarantee is kept") {
  CycleShares shares;
  shares[1] = {100, 0, 0};
  shares[2] = {300, 0, 0};
  shares[3] = {100, 500, 0};
  const auto parts = Core(shares, {{1, 1}, {2, 1}, {3, 1}}).run(200);
  CHECK(parts[0] == near(0.1 * 0.98));
  CHECK(parts[1] == near(0.3 * 0.98));
  CHECK(parts[2] == near(0.6 * 0.98));
}

TEST_CASE("budget: who wants less than its share gets what it wants, and the others what it leaves") {
  CycleShares shares;
  shares[1] = shares[2] = shares[3] = {100, 0, 0};
  const auto parts = Core(shares, {{1, 0.05}, {2, 0.25}, {3, 1}}).run(200);
  CHECK(parts[0] == near(0.05));
  CHECK(parts[1] == near(0.25));
  CHECK(parts[2] == near(0.69));
}

TEST_CASE("budget: whoever is alone may have all, and leaves half of it as soon as another one comes") {
  CycleShares shares;
  shares[1] = shares[2] = {100, 0, 0};
  Core core(shares, {{1, 1}, {2, 0}});
  CHECK(core.run(50)[0] > 0.97);
  core.send(1, 1);
  CHECK(core.run(4)[1] == near(0.49));
}

TEST_CASE("budget: who is alone on a busy worker is never over, nor beside one who wants next to nothing") {
  CycleShares shares;
  shares[1] = shares[2] = {100, 0, 0};
  Core core(shares, {{1, 1, 90'000}, {2, 0.01, 500}});
  for (int i = 0; i < 200; ++i) {
    core.send(0, i % 20 == 0 ? 0.1 : 1);  // the worker has time now and then
    core.run(1);
    CHECK(!core.budget().is_over(1));
  }
}

TEST_CASE("budget: a cap holds on a worker that has time, and does not take from others") {
  CycleShares shares;
  shares[1] = {100, 0, 200};
  shares[2] = {100, 0, 0};
  Core core(shares, {{1, 1}, {2, 0.3}});
  auto parts = core.run(200);
  CHECK(parts[0] == near(0.2));
  CHECK(parts[1] == near(0.3));
  core.send(1, 1);
  parts = core.run(200);
  CHECK(parts[0] == near(0.2));
  CHECK(parts[1] == near(0.78));
}

TEST_CASE("budget: beyond its cap a tenant may drop for a part of it, and no more") {
  Capped tenant;
  tenant.forward(Capped::kCap - 1);
  CHECK(!tenant.is_over());
  tenant.forward(1);
  CHECK(tenant.is_over());
  CHECK(tenant.is_capped());
  CHECK(tenant.may_drop());
  tenant.drop(Capped::kCap / Budget::kDropPart);
  CHECK(!tenant.may_drop());
  // The next epoch pays for it.
  tenant.next_epoch();
  CHECK(!tenant.is_over());
  tenant.forward(Capped::kCap - Capped::kCap / Budget::kDropPart);
  CHECK(tenant.is_capped());
}

TEST_CASE("budget: whatever dropping took, a part of the next epoch is for forwarding") {
  Capped tenant;
  tenant.forward(Capped::kCap);
  tenant.drop(2 * Capped::kCap);
  tenant.next_epoch();
  CHECK(!tenant.is_over());
  tenant.forward(Capped::kCap / 8 - 1);
  CHECK(!tenant.is_over());
  tenant.forward(1);
  CHECK(tenant.is_capped());
}

TEST_CASE("budget: nobody is over where there are neither caps nor others") {
  CycleShares shares;
  shares[5] = {1, 0, 0};
  Core core(shares, {{5, 1}});
  CHECK(core.run(100)[0] > 0.97);
  CHECK(!core.budget().is_over(5));
}

TEST_CASE("budget: shares that change hold from then on, caps and debts of before do not") {
  CycleShares shares;
  shares[1] = {100, 0, 100};
  shares[2] = {100, 0, 0};
  Core core(shares, {{1, 1}, {2, 1}});
  auto parts = core.run(100);
  CHECK(parts[0] == near(0.1));
  shares[1] = {300, 0, 0};
  core.set(shares);
  parts = core.run(100);
  CHECK(parts[0] == near(0.75 * 0.98));
  CHECK(parts[1] == near(0.25 * 0.98));
  shares[2] = {100, 600, 0};
  core.set(shares);
  CHECK(core.run(100)[1] == near(0.7 * 0.98));
}

TEST_CASE("budget: while shares are written, a reader gets all of one change") {
  CycleShares low;
  CycleShares high;
  low.fill({1, 1, 1});
  high.fill({9, 9, 9});
  SharedShares shared(low);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) shared.set(i % 2 == 0 ? high : low);
    done = true;
  });
  uint32_t reads = 0;
  uint32_t torn = 0;
  while (!done || reads == 0) {
    CycleShares seen;
    if (shared.load(seen) == 0) continue;
    ++reads;
    torn += std::any_of(seen.begin(), seen.end(), [&](const CycleShare& share) { return share.weight != seen[0].weight; });
  }
  writer.join();
  CHECK(torn == 0);
}
