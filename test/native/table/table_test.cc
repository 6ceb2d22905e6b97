#include "table/table.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "support/fields.h"
#include "support/table_scan.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

using Random = std::mt19937;

FlowKey key_of(const KeyWords& words) {
  FlowKey key;
  memcpy(&key, words.word, sizeof key);
  return key;
}

// Few values in few bits, so that rules overlap and packets hit.
KeyWords random_words(Random& random) {
  KeyWords words;
  place(field("in_port"), random() % 4, words);
  place(field("eth_type"), random() % 2 != 0 ? 0x800 : 0x806, words);
  place(field("ipv4_dst"), 0x0a000000 + random() % 8, words);
  place(field("ipv4_src"), 0x0a000000 + random() % 8, words);
  place(field("tcp_dst"), random() % 4, words);
  place(field("vlan_vid"), random() % 3, words);
  place(field("eth_dst"), random() % 3, words);
  return words;
}

KeyWords random_mask(Random& random) {
  KeyWords mask;
  for (const char* name : {"in_port", "eth_type", "ipv4_dst", "ipv4_src", "tcp_dst", "vlan_vid", "eth_dst"}) {
    const FieldSpec& spec = field(name);
    if (random() % 3 == 0) place(spec, all_ones(spec), mask);
  }
  if (random() % 3 == 0) place(field("ipv4_dst"), 0xfffffffe, mask);
  return mask;
}

}  // namespace

TEST_CASE("a table finds what a linear scan finds") {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<TableRule> rules;
    const uint32_t count = random() % 40;
    const bool distinct_ranks = round % 2 == 0;
    for (uint32_t i = 0; i < count; ++i) {
      const KeyWords mask = random_mask(random);
      const uint32_t rank = distinct_ranks ? i * 7 % 41 : static_cast<uint32_t>(random() % 3);
      rules.push_back({masked(random_words(random), mask), mask, {}, {}, rank, i});
    }
    auto table = Table::compile(rules, 64);
    REQUIRE(table.ok());
    const auto packet = [&] { return key_of(random_words(random)); };
    for (int burst = 0; burst < 10; ++burst) compare_with_scan(table.value(), rules, packet);
  }
}

TEST_CASE("each table gets the cheapest template that can express it") {
  const auto rule = [](std::initializer_list<const char*> names, uint32_t value, uint32_t rank) {
    TableRule made{{}, {}, {}, {}, rank, 0};
    for (const char* name : names) {
      place(field(name), value, made.value);
      place(field(name), all_ones(field(name)), made.mask);
    }
    return made;
  };
  const auto kind = [](const std::vector<TableRule>& rules) { return Table::compile(rules, 64).value().kind(); };
  CHECK(kind({}) == Template::empty);
  CHECK(kind({rule({}, 0, 1)}) == Template::direct);
  CHECK(kind({rule({"in_port"}, 1, 1), rule({"in_port"}, 2, 1), rule({}, 0, 0)}) == Template::direct);
  CHECK(kind({rule({"in_port", "ipv4_dst"}, 1, 1), rule({"ipv4_dst"}, 2, 9)}) == Template::linear);
  std::vector<TableRule> rules;
  for (uint32_t value = 1; value <= 8; ++value) rules.push_back(rule({"in_port", "ipv4_dst"}, value, 1));
  CHECK(kind(rules) == Template::linear);
  rules.push_back(rule({"in_port", "ipv4_dst"}, 9, 1));
  CHECK(kind(rules) == Template::exact);
  rules.push_back(rule({"ipv4_dst"}, 2, 9));
  CHECK(kind(rules) == Template::sub_tables);
}

TEST_CASE("a rule for a port loses to a stronger one for all") {
  Random random(3);
  std::vector<TableRule> rules;
  for (uint32_t port = 0; port < 4; ++port) {
    TableRule rule{{}, {}, {}, {}, port, port};
    place(field("in_port"), port, rule.value);
    place(field("in_port"), 0xffff, rule.mask);
    rules.push_back(rule);
  }
  rules.push_back({{}, {}, {}, {}, 2, 4});
  auto table = Table::compile(rules, 64);
  CHECK(table.value().kind() == Template::direct);
  for (int burst = 0; burst < 10; ++burst) compare_with_scan(table.value(), rules, [&] { return key_of(random_words(random)); });
}

TEST_CASE("many masks share tables where that is the cheaper look-up, and more than the bound in any case") {
  std::vector<TableRule> rules;
  const auto add = [&](uint32_t bits) {
    TableRule rule{{}, {}, {}, {}, bits, 0};
    place(field("ipv4_dst"), ~Value128{0} >> (128 - bits) << (32 - bits) & 0xffffffff, rule.mask);
    rules.push_back(rule);
    place(field("ipv4_dst"), 0x80000000, rule.value);
    rules.push_back(rule);
  };
  for (uint32_t bits = 1; bits <= 8; ++bits) add(bits);
  CHECK(Table::compile(rules, 9).value().kind() == Template::sub_tables);
  CHECK(Table::compile(rules, 7).value().kind() == Template::merged);
  add(9);
  CHECK(Table::compile(rules, 9).value().kind() == Template::merged);
}

TEST_CASE("a large table keeps its probes bounded") {
  std::vector<TableRule> rules;
  KeyWords mask;
  place(field("ipv4_dst"), 0xffffffff, mask);
  for (uint32_t i = 0; i < 100'000; ++i) {
    TableRule rule{{}, mask, {}, {}, 1, i};
    place(field("ipv4_dst"), 0x0a000000 + i, rule.value);
    rules.push_back(rule);
  }
  auto table = Table::compile(rules, 64);
  CHECK(table.value().worst_case_probes() <= Cells::kMaxProbes);
  CHECK(table.value().memory_bytes() <= rules.size() * 128);
  FlowKey keys[kBurst];
  Hit hits[kBurst];
  Selection all;
  for (uint32_t i = 0; i < kBurst; ++i) all.add(i);
  for (uint32_t first = 0; first + kBurst <= 100'100; first += kBurst) {
    for (uint32_t i = 0; i < kBurst; ++i) {
      KeyWords words;
      place(field("ipv4_dst"), 0x0a000000 + first + i, words);
      keys[i] = key_of(words);
      hits[i] = {};
    }
    table.value().lookup(keys, all, hits);
    for (uint32_t i = 0; i < kBurst; ++i)
      CHECK((hits[i].found() ? hits[i].target() : kNoTarget) == (first + i < 100'000 ? first + i : kNoTarget));
  }
}
