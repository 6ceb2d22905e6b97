// The sizes that tables are made for, with what a rule costs in all.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "action/program.h"
#include "meter/counters.h"
#include "support/fields.h"
#include "support/sanitized.h"
#include "support/table_scan.h"
#include "table/table.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// Beside its part of the table.
constexpr size_t kBytesBeside = sizeof(ActionProgram) + sizeof(HitCounters);

Table compiled(const std::vector<TableRule>& rules) {
  auto table = Table::compile(rules, 32);
  REQUIRE(table.ok());
  return table.value();
}

uint32_t target_of_key(const Table& table, const KeyWords& words) {
  FlowKey key;
  memcpy(&key, words.word, sizeof key);
  Selection one;
  one.add(0);
  Hit hits[kBurst];
  table.lookup(&key, one, hits);
  return hits[0].found() ? hits[0].target() : kNoTarget;
}

struct Family {
  uint16_t type;
  const char* field;
  uint32_t bits;
  std::vector<double> shares;  // of lengths, the first of `shortest` bits
  uint32_t shortest;
};

// Lengths as the Internet has them.
const Family kInternet4 = {0x800, "ipv4_dst", 32, {1, 1, 1, 1, 2, 3, 9, 5, 9, 14, 26, 30, 55, 60, 120, 110, 570}, 8};
const Family kInternet6 = {
    0x86dd, "ipv6_dst", 128, {27, 4, 2, 140, 18, 16, 6, 37, 5, 10, 8, 84, 6, 14, 6, 90, 10, 19, 20, 470}, 29};

Value128 mask_of(const Family& family, uint32_t length) { return ~Value128{0} << (128 - length) >> (128 - family.bits); }

// Different prefixes; those of IPv6 share their first bits, as those of providers do.
void add_routes(const Family& family, size_t count, std::vector<TableRule>& rules) {
  std::mt19937_64 random(1);
  std::discrete_distribution<uint32_t> lengths(family.shares.begin(), family.shares.end());
  std::map<std::pair<uint32_t, Value128>, bool> seen;
  while (seen.size() < count) {
    const uint32_t length = family.shortest + lengths(random);
    Value128 address = random() & 0xffffffff;
    if (family.bits == 128) {
      const uint64_t provider = 0x20010000 + (random() % 20'000) * 0x2000;
      address = Value128{provider << 32 | (random() & 0xffffffff)} << 64 | random();
    }
    address &= mask_of(family, length);
    if (!seen.try_emplace({length, address}).second) continue;
    TableRule rule{{}, {}, {}, {}, length, static_cast<uint32_t>(rules.size())};
    place(field("eth_type"), family.type, rule.value);
    place(field("eth_type"), 0xffff, rule.mask);
    place(field(family.field), address, rule.value);
    place(field(family.field), mask_of(family, length), rule.mask);
    rules.push_back(rule);
  }
}

}  // namespace

TEST_CASE("a million exact rules take at most 192 bytes each, in all") {
  constexpr uint32_t kRules = kSanitized ? 100'000 : 1'000'000;
  std::vector<TableRule> rules;
  for (uint32_t i = 0; i < kRules; ++i) {
    TableRule rule{{}, {}, {}, {}, 1, i};
    const auto match = [&](const char* name, uint32_t value) {
      place(field(name), value, rule.value);
      place(field(name), all_ones(field(name)), rule.mask);
    };
    match("eth_type", 0x800);
    match("ip_proto", 17);
    match("ipv4_src", 0xc0a80000 + i % 65'536);
    match("ipv4_dst", 0x0a000000 + i);
    match("udp_src", i % 60'000);
    match("udp_dst", 53);
    rules.push_back(rule);
  }
  const Table table = compiled(rules);
  CHECK(table.kind() == Template::exact);
  CHECK(table.worst_case_probes() <= Cells::kMaxProbes);
  CHECK(table.memory_bytes() / kRules + kBytesBeside <= 192);
  for (uint32_t i = 0; i < kRules; i += 997) CHECK(target_of_key(table, rules[i].value) == i);
}

TEST_CASE("a full BGP table of both families is two route tables") {
  constexpr size_t kPart = kSanitized ? 20 : 1;
  constexpr size_t kIpv4Routes = 900'000 / kPart;
  constexpr size_t kIpv6Routes = 160'000 / kPart;
  std::vector<TableRule> rules;
  add_routes(kInternet4, kIpv4Routes, rules);
  add_routes(kInternet6, kIpv6Routes, rules);
  const Table table = compiled(rules);
  CHECK(table.kind() == Template::lpm);
  CHECK(table.table_count() == 2);
  CHECK(table.worst_case_probes() <= 2 + 7);  // no IPv6 prefix is longer than 48 bits

  // What the longest prefix is, found the plain way.
  std::map<std::pair<KeyWords, KeyWords>, uint32_t> known;
  for (const TableRule& rule : rules) known[{rule.mask, rule.value}] = rule.target;
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const bool is_ipv6 = i % 2 != 0;
    const Family& family = is_ipv6 ? kInternet6 : kInternet4;
    const TableRule& near = rules[is_ipv6 ? kIpv4Routes + random() % kIpv6Routes : random() % kIpv4Routes];
    FlowKey key;
    memcpy(&key, near.value.word, sizeof key);
    const Value128 host = Value128{random()} << 64 | random();
    KeyWords words;
    place(field("eth_type"), family.type, words);
    place(field(family.field),
          value_of(field(family.field), key) | (host & ~mask_of(family, near.rank) & all_ones(field(family.field))), words);
    uint32_t wanted = kNoTarget;
    for (uint32_t length = family.shortest; length < family.shortest + family.shares.size(); ++length) {
      KeyWords mask;
      place(field("eth_type"), 0xffff, mask);
      place(field(family.field), mask_of(family, length), mask);
      if (const auto found = known.find({mask, masked(words, mask)}); found != known.end()) wanted = found->second;
    }
    CHECK(target_of_key(table, words) == wanted);
  }
}
