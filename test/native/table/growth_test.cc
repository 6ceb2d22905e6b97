// Exact tables that grow: what no change may pay for at once, and nobody may see half of.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "support/fields.h"
#include "table/store.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("a large exact table grows a step with each change, and has every rule meanwhile") {
  constexpr uint32_t kRules = 100'000;
  constexpr uint32_t kMore = 10'000;
  Places places(kRules + kMore);
  TableStore store(4, &places);
  TableStore::Change change;
  const auto rule_at = [](uint32_t i) {
    TableRule rule{{}, {}, {}, {}, 1, i};
    place(field("ipv4_dst"), i, rule.value);
    place(field("ipv4_dst"), 0xffffffff, rule.mask);
    return rule;
  };
  for (uint32_t i = 0; i < kRules; ++i) change.add.push_back(rule_at(i));
  Table table;
  const auto apply = [&](TableStore::Change next) {
    auto staged = store.stage(std::move(next));
    REQUIRE(staged.ok());
    table = store.commit(std::move(staged.value()));
    store.settle();
  };
  const auto is_found = [&](uint32_t i) {
    FlowKey key;
    memcpy(&key, rule_at(i).value.word, sizeof key);
    Selection one;
    one.add(0);
    Hit hits[kBurst];
    table.lookup(&key, one, hits);
    return hits[0].found() && hits[0].target() == i;
  };
  apply(std::move(change));
  const size_t bytes = table.memory_bytes();
  // Of two that come one goes: one that was there before, or one that came a while ago.
  uint32_t first_gone = 0;
  for (uint32_t i = 0; i < kMore; i += 2) {
    const uint32_t gone = i % 4 == 0 ? first_gone++ : kRules + i - 2;
    apply({{gone}, {rule_at(kRules + i), rule_at(kRules + i + 1)}});
    CHECK(!is_found(gone));
    CHECK(is_found(kRules + i));
    CHECK(is_found(kRules - 1 - i));
  }
  CHECK(table.memory_bytes() > bytes);
  CHECK(table.memory_bytes() <= 2 * bytes);
  for (uint32_t i = first_gone; i < kRules; ++i) CHECK(is_found(i));
}

TEST_CASE("an exact table takes a million rules, however they come") {
  constexpr uint32_t kRules = 1'000'000;
  Places places(kRules);
  TableStore store(4, &places);
  std::mt19937_64 random(1);
  for (uint32_t added = 0, count = 450'000; added < kRules; count = std::min(50'000u, kRules - added)) {
    TableStore::Change change;
    for (const uint32_t end = added + count; added < end; ++added) {
      TableRule rule{{}, {}, {}, {}, 1, added};
      place(field("ipv4_dst"), static_cast<uint32_t>(random()), rule.value);
      place(field("ipv4_src"), added, rule.value);
      place(field("ipv4_dst"), 0xffffffff, rule.mask);
      place(field("ipv4_src"), 0xffffffff, rule.mask);
      change.add.push_back(rule);
    }
    auto staged = store.stage(std::move(change));
    REQUIRE(staged.ok());
    const Table table = store.commit(std::move(staged.value()));
    store.settle();
    CHECK(table.worst_case_probes() <= Cells::kMaxProbes);
  }
}

TEST_CASE("a change for which a table would need too much memory is refused, and changes nothing") {
  constexpr uint32_t kRules = 100'000;
  Places places(kRules);
  TableStore store(4, &places, 3u << 20);
  const auto rules = [](uint32_t first, uint32_t count) {
    std::vector<TableRule> made;
    for (uint32_t i = first; i < first + count; ++i) {
      TableRule rule{{}, {}, {}, {}, 1, i};
      place(field("ipv4_dst"), i, rule.value);
      place(field("ipv4_dst"), 0xffffffff, rule.mask);
      made.push_back(rule);
    }
    return made;
  };
  const auto apply = [&](TableStore::Change change) {
    auto staged = store.stage(std::move(change));
    REQUIRE(staged.ok());
    const size_t bytes = store.commit(std::move(staged.value())).memory_bytes();
    store.settle();
    return bytes;
  };
  CHECK(apply({{}, rules(0, kRules / 2)}) <= 3u << 20);
  const auto refused = store.stage({{}, rules(kRules / 2, kRules / 2)});
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::LIMIT_EXCEEDED);
  CHECK(refused.error().message == "the table would need 5 MiB of memory, and may have 3");
  CHECK(apply({{0}, {}}) <= 3u << 20);
  CHECK(apply({{}, rules(0, 1)}) <= 3u << 20);
}
