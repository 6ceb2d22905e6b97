// A table that changes at random, with what is seen of it beside what a scan of its rules finds.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <iterator>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "support/fields.h"
#include "support/sanitized.h"
#include "support/table_scan.h"
#include "table/store.h"

namespace vswitch::test {

using Random = std::mt19937;
using Rules = std::map<uint32_t, TableRule>;  // by target

inline constexpr uint32_t kTargets = 4000;

inline KeyWords random_words(Random& random) {
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
inline KeyWords random_words6(Random& random) {
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
inline TableRule random_route(Random& random, uint32_t target, bool outliers) {
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
inline TableRule random_route6(Random& random, uint32_t target, bool outliers) {
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
inline TableRule random_rule(Random& random, uint32_t target, int variety) {
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

inline std::vector<TableRule> listed(const Rules& rules) {
  std::vector<TableRule> list;
  for (const auto& [target, rule] : rules) list.push_back(rule);
  return list;
}

class ChangingTable {
 public:
  ChangingTable(uint32_t seed, uint32_t max_tables, int variety)
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
    for (int burst = 0; burst < (kSanitized ? 1 : 3); ++burst) compare_with_scan(table, list, packet);
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

}  // namespace vswitch::test
