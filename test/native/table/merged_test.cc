#include <doctest/doctest.h>

#include <random>

#include "support/fields.h"
#include "support/table_scan.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

using Random = std::mt19937;

constexpr uint32_t kMaxMasks = 32;

FlowKey key_of(const KeyWords& words) {
  FlowKey key;
  memcpy(&key, words.word, sizeof key);
  return key;
}

uint32_t one_of(Random& random, std::initializer_list<uint32_t> values) { return values.begin()[random() % values.size()]; }

uint32_t prefix(uint32_t bits) { return bits == 0 ? 0 : ~uint32_t{0} << (32 - bits); }

uint16_t port(Random& random) {
  return static_cast<uint16_t>(random() % 3 == 0 ? one_of(random, {0, 53, 80, 1023, 1024, 65535}) : random());
}

PortRange range(Random& random) {
  const uint16_t low = port(random);
  switch (random() % 5) {
    case 0:
      return {low, low};
    case 1:
      return {1024, 65535};
    case 2:
      return {std::min(low, port(random)), low};
    default:
      return {};
  }
}

void match(TableRule& rule, const char* name, Value128 value, Value128 mask) {
  place(field(name), value & mask, rule.value);
  place(field(name), mask, rule.mask);
}

// The shape of an access list: prefixes of few networks, ranges, a protocol.
TableRule acl_rule(Random& random, uint32_t rank, uint32_t target) {
  TableRule rule{{}, {}, range(random), range(random), rank, target};
  match(rule, "ipv4_src", random(), prefix(one_of(random, {0, 8, 16, 21, 24, 28, 30, 32})));
  match(rule, "ipv4_dst", random(), prefix(one_of(random, {0, 16, 19, 24, 27, 32})));
  match(rule, "ip_proto", one_of(random, {6, 17}), random() % 3 != 0 ? 0xff : 0);
  return rule;
}

// Any bits of any field; few values, so that rules overlap.
TableRule odd_rule(Random& random, uint32_t rank, uint32_t target) {
  TableRule rule{{}, {}, {}, {}, rank, target};
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (random() % 4 == 0) rule.mask.word[w] = uint64_t{3} << random() % 63;
    rule.value.word[w] = rule.mask.word[w] & (random() % 2 == 0 ? 0 : ~uint64_t{0});
  }
  if (random() % 3 == 0) rule.tp_src = range(random);
  if (random() % 3 == 0) rule.tp_dst = range(random);
  return rule;
}

// Packets of a rule most of the time, at the ends of its ranges often.
FlowKey packet_for(const std::vector<TableRule>& rules, Random& random) {
  if (rules.empty()) return {};
  const TableRule& rule = rules[random() % rules.size()];
  KeyWords words;
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    const uint64_t any = random() % 2 == 0 ? 0 : uint64_t{random()} << 32 | random();
    words.word[w] = rule.value.word[w] | (any & ~rule.mask.word[w]);
  }
  FlowKey key = key_of(words);
  key.in_port = rte_cpu_to_be_16(rte_be_to_cpu_16(key.in_port) % kPorts);
  const auto within = [&](const PortRange& r) {
    const auto inside = static_cast<uint32_t>(r.low + random() % (r.high - r.low + 1u));
    return static_cast<uint16_t>(one_of(random, {r.low, r.high, inside, r.low - 1u, r.high + 1u}));
  };
  if (rule.tp_src != PortRange{}) key.tp_src = rte_cpu_to_be_16(within(rule.tp_src));
  if (rule.tp_dst != PortRange{}) key.tp_dst = rte_cpu_to_be_16(within(rule.tp_dst));
  return key;
}

template <class MakeRule>
std::vector<TableRule> make_rules(uint32_t count, uint32_t ranks, Random& random, const MakeRule& make) {
  std::vector<TableRule> rules;
  for (uint32_t i = 0; i < count; ++i) rules.push_back(make(random, static_cast<uint32_t>(random() % ranks), i));
  return rules;
}

void check(const std::vector<TableRule>& rules, uint32_t max_masks, Random& random, uint32_t bursts) {
  auto table = Table::compile(rules, max_masks);
  REQUIRE(table.ok());
  for (uint32_t i = 0; i < bursts; ++i) compare_with_scan(table.value(), rules, [&] { return packet_for(rules, random); });
}

// No bit in common: only a list can hold these.
std::vector<TableRule> wide_ranges(uint32_t count) {
  std::vector<TableRule> rules;
  for (uint32_t i = 0; i < count; ++i) {
    rules.push_back({{}, {}, {static_cast<uint16_t>(i + 1), static_cast<uint16_t>(65534 - i)}, {}, i, i});
  }
  return rules;
}

}  // namespace

TEST_CASE("any masks and ranges find what a linear scan finds") {
  Random random(1);
  for (int round = 0; round < 150; ++round) {
    const uint32_t ranks = round % 2 == 0 ? 3 : 1'000'000;
    check(make_rules(random() % 100, ranks, random, odd_rule), kMaxMasks, random, 8);
  }
}

TEST_CASE("access lists find what a linear scan finds") {
  Random random(2);
  for (int round = 0; round < 40; ++round) {
    const uint32_t ranks = round % 2 == 0 ? 3 : 1'000'000;
    check(make_rules(random() % 400, ranks, random, acl_rule), kMaxMasks, random, 8);
  }
}

TEST_CASE("an access list of 10,000 rules is few tables of short chains") {
  Random random(3);
  const std::vector<TableRule> rules = make_rules(10'000, 10'000, random, acl_rule);
  auto table = Table::compile(rules, kMaxMasks);
  REQUIRE(table.ok());
  CHECK(table.value().kind() == Template::merged);
  CHECK(table.value().table_count() <= kMaxMasks);
  CHECK(table.value().longest_chain() <= MergedTable::kMaxChain);
  CHECK(table.value().memory_bytes() <= rules.size() * 256);
  for (int i = 0; i < 20; ++i) compare_with_scan(table.value(), rules, [&] { return packet_for(rules, random); });
}

TEST_CASE("64 rules fit in one table, whatever they are") {
  Random random(4);
  for (int round = 0; round < 20; ++round) check(make_rules(64, 5, random, odd_rule), 1, random, 4);
  check(wide_ranges(MergedTable::kMaxChain), 1, random, 4);
}

TEST_CASE("what cannot be bounded is refused, and why") {
  CHECK(Table::compile(wide_ranges(4 * MergedTable::kMaxChain), 4).ok());
  const auto refused = Table::compile(wide_ranges(4 * MergedTable::kMaxChain + 1), 4);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::TABLE_UNBOUNDED);
  CHECK(refused.error().message.find("4 tables") != std::string::npos);
}

TEST_CASE("a range that is a prefix costs no more than a mask") {
  std::vector<TableRule> rules;
  for (uint32_t i = 0; i < 100; ++i) {
    const auto first = static_cast<uint16_t>(i * 16);
    rules.push_back({{}, {}, {}, {first, static_cast<uint16_t>(first + 15)}, 1, i});
  }
  auto table = Table::compile(rules, 1);
  REQUIRE(table.ok());
  CHECK(table.value().kind() == Template::exact);
  Random random(5);
  for (int i = 0; i < 20; ++i) compare_with_scan(table.value(), rules, [&] { return packet_for(rules, random); });
}

TEST_CASE("a range that no packet can meet matches nothing") {
  Random random(6);
  std::vector<TableRule> rules{{{}, {}, {5, 4}, {}, 3, 0}, {{}, {}, {}, {8, 15}, 2, 1}, {{}, {}, {}, {}, 1, 2}};
  match(rules[1], "tcp_dst", 16, 0xffff);
  auto table = Table::compile(rules, 1);
  REQUIRE(table.ok());
  CHECK(table.value().kind() == Template::direct);
  for (int i = 0; i < 20; ++i) compare_with_scan(table.value(), rules, [&] { return packet_for({rules[2]}, random); });
}

TEST_CASE("of equals with different masks the first given wins") {
  for (const uint32_t first : {0u, 1u}) {
    std::vector<TableRule> rules(2);
    match(rules[first], "ipv4_dst", 0x0a000001, 0xffffffff);
    match(rules[1 - first], "ipv4_src", 0x0a000002, 0xffffffff);
    rules[1].target = 1;
    KeyWords words;
    place(field("ipv4_dst"), 0x0a000001, words);
    place(field("ipv4_src"), 0x0a000002, words);
    for (const uint32_t max_masks : {1u, 2u}) {
      auto table = Table::compile(rules, max_masks);
      compare_with_scan(table.value(), rules, [&] { return key_of(words); });
    }
  }
}
