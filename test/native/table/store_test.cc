#include "table/store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "support/fields.h"
#include "support/table_scan.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

using Random = std::mt19937;
using Rules = std::map<uint32_t, TableRule>;  // by target

constexpr uint32_t kTargets = 4000;

KeyWords random_words(Random& random) {
  KeyWords words;
  place(field("in_port"), random() % 4, words);
  place(field("eth_type"), 0x800, words);
  // Two of each: in few bits, and spread.
  const uint32_t host = random() % 64;
  place(field("ipv4_dst"), 0x0a000000 + (random() % 2 == 0 ? host : (host & 7) << 13 | (host & 0x38) << 2 | random() % 4), words);
  place(field("ipv4_src"), 0x0a000000 + random() % 8, words);
  place(field("tcp_dst"), random() % 64, words);
  place(field("tcp_src"), random() % 8, words);
  return words;
}

// Few values at each place where a prefix ends.
KeyWords random_words6(Random& random) {
  KeyWords words;
  place(field("in_port"), random() % 4, words);
  place(field("eth_type"), 0x86dd, words);
  Value128 address = 0;
  for (const uint32_t bit : {2u, 11u, 19u, 20u, 23u, 28u, 31u, 39u, 46u, 47u, 63u, 64u, 98u, 125u, 127u}) {
    address |= Value128{random() % 4 == 0} << (127 - bit);
  }
  place(field("ipv6_dst"), address, words);
  return words;
}

// Prefixes that nest. Longer ones are stronger, but for outliers.
TableRule random_route(Random& random, uint32_t target, bool outliers) {
  constexpr uint32_t kLengths[] = {8, 10, 12, 16, 18, 22, 24, 24, 25, 28, 30, 32, 32};
  const uint32_t length = kLengths[random() % std::size(kLengths)];
  TableRule rule{{}, {}, {}, {}, outliers && random() % 32 == 0 ? static_cast<uint32_t>(random() % 33) : length, target};
  place(field("eth_type"), 0xffff, rule.mask);
  place(field("ipv4_dst"), ~uint32_t{0} << (32 - length), rule.mask);
  if (outliers && random() % 16 == 0) place(field("in_port"), 0xffff, rule.mask);
  KeyWords words = random_words(random);
  if (outliers && random() % 64 == 0) words = {};
  rule.value = masked(words, rule.mask);
  return rule;
}

// The same in IPv6.
TableRule random_route6(Random& random, uint32_t target, bool outliers) {
  constexpr uint32_t kLengths[] = {3, 12, 20, 21, 24, 29, 32, 40, 47, 48, 48, 64, 65, 99, 126, 128};
  const uint32_t length = kLengths[random() % std::size(kLengths)];
  TableRule rule{{}, {}, {}, {}, outliers && random() % 32 == 0 ? static_cast<uint32_t>(random() % 129) : length, target};
  place(field("eth_type"), 0xffff, rule.mask);
  place(field("ipv6_dst"), ~Value128{0} << (128 - length), rule.mask);
  if (outliers && random() % 16 == 0) place(field("in_port"), 0xffff, rule.mask);
  rule.value = masked(random_words6(random), rule.mask);
  return rule;
}

// `variety`: 0: one mask; 1: a few; 2: many masks, and port ranges; 3: routes; 4: nothing but routes; 5 and 6: likewise in IPv6.
TableRule random_rule(Random& random, uint32_t target, int variety) {
  if (variety >= 5) return random_route6(random, target, variety == 5);
  if (variety >= 3) return random_route(random, target, variety == 3);
  TableRule rule{{}, {}, {}, {}, static_cast<uint32_t>(random() % 5), target};
  place(field("ipv4_dst"), 0xffffffff, rule.mask);
  if (variety > 0) {
    const uint32_t length = 26 + random() % 7;
    rule.mask = {};
    if (random() % 8 != 0) place(field("ipv4_dst"), ~uint32_t{0} << (32 - length), rule.mask);
    if (random() % 8 == 0) place(field("in_port"), 0xffff, rule.mask);
  }
  if (variety > 1) {
    if (random() % 2 == 0) place(field("ipv4_src"), 0xfffffff8 | random() % 8, rule.mask);
    if (random() % 4 == 0) rule.tp_dst = {static_cast<uint16_t>(random() % 16), static_cast<uint16_t>(16 + random() % 48)};
    if (random() % 16 == 0) rule.tp_src = {9, 3};  // no packet
  }
  rule.value = masked(random_words(random), rule.mask);
  return rule;
}

std::vector<TableRule> listed(const Rules& rules) {
  std::vector<TableRule> list;
  for (const auto& [target, rule] : rules) list.push_back(rule);
  return list;
}

class Changing {
 public:
  Changing(uint32_t seed, uint32_t max_tables, int variety)
      : random_(seed), max_tables_(max_tables), variety_(variety), places_(kTargets), store_(max_tables, &places_) {}

  // A change of so many rules; what programs before and after it see is what a scan finds, until and after it is settled.
  void change(uint32_t removed, uint32_t added) {
    TableStore::Change change;
    Rules after = rules_;
    for (; removed > 0 && !after.empty(); --removed) {
      const auto at = std::next(after.begin(), static_cast<ptrdiff_t>(random_() % after.size()));
      change.remove.push_back(at->first);
      after.erase(at);
    }
    for (; added > 0; --added) {
      uint32_t target;
      do target = random_() % kTargets;
      while (rules_.contains(target) || after.contains(target));
      TableRule rule = random_rule(random_, target, variety_);
      // Some change what a rule does: it leaves, and comes back under another target.
      if (!change.remove.empty() && random_() % 2 == 0) {
        rule = rules_.at(change.remove[random_() % change.remove.size()]);
        rule.target = target;
      }
      after.emplace(target, rule);
      change.add.push_back(after.at(target));
    }
    auto staged = store_.stage(std::move(change));
    REQUIRE(staged.ok());
    adopted_ += staged.value().adopts ? 1 : 0;
    const Table before = table_;
    table_ = store_.commit(std::move(staged.value()));
    CHECK(table_.table_count() <= max_tables_);
    check(before, rules_);
    check(table_, after);
    store_.settle();
    check(table_, after);
    rules_ = std::move(after);
  }

  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] const Table& table() const { return table_; }
  // How many bases were compiled beside changes.
  [[nodiscard]] uint32_t adopted() const { return adopted_; }

 private:
  void check(const Table& table, const Rules& rules) {
    const std::vector<TableRule> list = listed(rules);
    const auto packet = [&] {
      const KeyWords words = variety_ >= 5 ? random_words6(random_) : random_words(random_);
      FlowKey key;
      memcpy(&key, words.word, sizeof key);
      return key;
    };
    for (int burst = 0; burst < 3; ++burst) compare_with_scan(table, list, packet);
  }

  Random random_;
  uint32_t max_tables_;
  int variety_;
  Places places_;
  TableStore store_;
  Table table_;
  Rules rules_;
  uint32_t adopted_ = 0;
};

}  // namespace

TEST_CASE("programs before and after a change see their own rules, whatever changes") {
  for (uint32_t seed = 0; seed < 80; ++seed) {
    CAPTURE(seed);
    Changing changing(seed, seed % 8 < 4 ? 32 : 12, static_cast<int>(seed % 5 == 4 ? 5 : seed % 5));
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
#ifdef __SANITIZE_ADDRESS__
  constexpr uint32_t kBases = 2, kFirst = 1700;  // sanitizers look for faults of memory, which do not need all of them
#else
  constexpr uint32_t kBases = 4, kFirst = 2500;
#endif
  Changing changing(1, 48, 2);
  changing.change(0, kFirst);
  // Targets of rules that left meanwhile are soon others'. In the end most of it leaves.
  for (uint32_t round = 0; round < 6000 && changing.adopted() < kBases; ++round) {
    CAPTURE(round);
    const bool ends = changing.adopted() == kBases - 1;
    changing.change(ends ? 4 : round % 4, ends ? 2 : 1 + round % 4);
    if (round % 8 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
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
    Changing changing(1, 32, variety);
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
