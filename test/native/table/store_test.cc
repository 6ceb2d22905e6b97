#include "table/store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "support/changing_table.h"
#include "support/fields.h"
#include "support/sanitized.h"
#include "support/table_scan.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("programs before and after a change see their own rules, whatever changes") {
  for (uint32_t seed = 0; seed < (kSanitized ? 16 : 80); ++seed) {
    CAPTURE(seed);
    ChangingTable changing(seed, seed % 8 < 4 ? 32 : 12, static_cast<int>(seed % 5 == 4 ? 5 : seed % 5));
    Random random(seed);
    changing.change(0, seed % 16 < 8 ? 0 : 600);
    for (int round = 0; round < 40; ++round) {
      CAPTURE(round);
      // Mostly few rules; now and then very many come or go.
      const uint32_t scale = random() % 10 == 0 ? 200 : 6;
      changing.change(random() % scale, random() % scale);
    }
    changing.change(kTargets, 0);
    CHECK(changing.rules().empty());
    CHECK(changing.table().table_count() == 0);
  }
}

TEST_CASE("a large base is compiled anew beside changes, and takes them in") {
  constexpr uint32_t kBases = kSanitized ? 2 : 4, kFirst = kSanitized ? 1700 : 2500;
  ChangingTable changing(1, 48, 2);
  changing.change(0, kFirst);
  // Targets of rules that left meanwhile are soon others'. In the end most of it leaves.
  for (uint32_t round = 0; round < 6000 && changing.adopted() < kBases; ++round) {
    CAPTURE(round);
    const bool ends = changing.adopted() == kBases - 1;
    changing.change(ends ? 4 : round % 4, ends ? 2 : 1 + round % 4);
    // The last base has to be done before most of it left, on a machine that is busy, too.
    if (ends || round % 8 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(changing.adopted() == kBases);
  changing.change(kTargets, 0);
  CHECK(changing.table().table_count() == 0);
}

TEST_CASE("a rule that hides another reveals it when it goes") {
  Places places(8);
  TableStore store(4, &places);
  const auto apply = [&](TableStore::Change change) {
    auto staged = store.stage(std::move(change));
    REQUIRE(staged.ok());
    const Table table = store.commit(std::move(staged.value()));
    store.settle();
    return table;
  };
  TableRule weak{{}, {}, {}, {}, 1, 1};
  place(field("ipv4_dst"), 7, weak.value);
  place(field("ipv4_dst"), 0xffffffff, weak.mask);
  TableRule strong = weak;
  strong.rank = 2;
  strong.target = 2;
  FlowKey key;
  memcpy(&key, weak.value.word, sizeof key);
  const auto found = [&](const Table& table) {
    Selection one;
    one.add(0);
    Hit hits[kBurst];
    table.lookup(&key, one, hits);
    return hits[0].found() ? hits[0].target() : 0;
  };
  CHECK(found(apply({{}, {weak}})) == 1);
  CHECK(found(apply({{}, {strong}})) == 2);
  CHECK(found(apply({{2}, {}})) == 1);
  CHECK(found(apply({{}, {strong}})) == 2);
  CHECK(found(apply({{1}, {}})) == 2);
  CHECK(found(apply({{2}, {}})) == 0);
}

TEST_CASE("a change of one rule in a large exact table writes one cell") {
  constexpr uint32_t kRules = 200'000;
  Places places(kRules + 1);
  TableStore store(4, &places);
  TableStore::Change change;
  for (uint32_t i = 0; i < kRules; ++i) {
    TableRule rule{{}, {}, {}, {}, 1, i};
    place(field("ipv4_dst"), i, rule.value);
    place(field("ipv4_dst"), 0xffffffff, rule.mask);
    change.add.push_back(rule);
  }
  TableRule last = change.add.back();
  const auto apply = [&](TableStore::Change next) {
    auto staged = store.stage(std::move(next));
    REQUIRE(staged.ok());
    const Table table = store.commit(std::move(staged.value()));
    store.settle();
    return table.memory_bytes();
  };
  const size_t bytes = apply(std::move(change));
  CHECK(bytes / kRules <= 64);
  for (uint32_t i = 0; i < 10'000; ++i) {
    last.target = i % 2 == 0 ? kRules : kRules - 1;
    CHECK(apply({{i % 2 == 0 ? kRules - 1 : kRules}, {last}}) == bytes);
  }
}

TEST_CASE("many prefixes get a route table, and keep it") {
  for (const int variety : {4, 6}) {
    CAPTURE(variety);
    ChangingTable changing(1, 32, variety);
    const auto has_routes = [&] {
      return std::ranges::any_of(changing.table().parts(), [](const Table::Part& part) { return part.kind() == Template::lpm; });
    };
    changing.change(0, 600);
    CHECK(has_routes());
    for (int round = 0; round < 20; ++round) changing.change(3, 3);
    CHECK(has_routes());
    // Beside it, at most a table a length, of the rules that match what others do.
    CHECK(changing.table().table_count() <= 12);
  }
}

TEST_CASE("what a table needs is counted before it is taken") {
  for (const int variety : {0, 1, 2, 4, 6}) {
    CAPTURE(variety);
    Random random(1);
    TableStore::Change change;
    for (uint32_t target = 0; target < 1000; ++target) change.add.push_back(random_rule(random, target, variety));
    const auto bytes_of = [&](TableStore& store) {
      auto staged = store.stage(change);
      return staged.ok() ? store.commit(std::move(staged.value())).memory_bytes() : 0;
    };
    Places places(kTargets);
    TableStore free(32, &places);
    const size_t bytes = bytes_of(free);
    TableStore enough(32, &places, bytes);
    CHECK(bytes_of(enough) == bytes);
    TableStore tight(32, &places, bytes / 2);
    CHECK(bytes_of(tight) == 0);
  }
}
