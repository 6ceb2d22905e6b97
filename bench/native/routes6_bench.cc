// What a table of IPv6 routes costs: time to compile, memory, sub-tables, and cycles per look-up in bursts of 32 of addresses at
// random in routes drawn at random. Usage: routes6-bench FILE, of which each line is a prefix.
#include <arpa/inet.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "dpdk/clock.h"
#include "packet/fields.h"
#include "table/table.h"

using namespace vswitch;

namespace {

constexpr uint32_t kMaxMasks = 32;
constexpr uint32_t kRounds = 31;
constexpr uint32_t kLookups = 1 << 16;

const FieldSpec& field(std::string_view name) {
  return *std::ranges::find_if(kFields, [&](const FieldSpec& spec) { return spec.name == name; });
}

std::vector<TableRule> load(const char* path) {
  std::vector<TableRule> rules;
  FILE* file = fopen(path, "r");
  char line[128];
  while (file != nullptr && fgets(line, sizeof line, file) != nullptr) {
    char* const slash = strchr(line, '/');
    uint8_t bytes[16];
    if (slash == nullptr) continue;
    *slash = 0;
    if (inet_pton(AF_INET6, line, bytes) != 1) continue;
    const auto length = static_cast<uint32_t>(atoi(slash + 1));
    Value128 address = 0;
    for (const uint8_t byte : bytes) address = address << 8 | byte;
    TableRule rule{{}, {}, {}, {}, length, static_cast<uint32_t>(rules.size())};
    place(field("eth_type"), 0x86dd, rule.value);
    place(field("eth_type"), 0xffff, rule.mask);
    place(field("ipv6_dst"), address, rule.value);
    place(field("ipv6_dst"), ~Value128{0} << (128 - length), rule.mask);
    rules.push_back(rule);
  }
  if (file != nullptr) fclose(file);
  return rules;
}

FlowKey key_in(const TableRule& rule, std::mt19937_64& random) {
  KeyWords words = rule.value;
  const uint32_t first = offsetof(FlowKey, ipv6_dst) / sizeof(uint64_t);
  for (uint32_t w = first; w < first + 2; ++w) words.word[w] |= random() & ~rule.mask.word[w];
  FlowKey key;
  memcpy(&key, words.word, sizeof key);
  return key;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<TableRule> rules = argc == 2 ? load(argv[1]) : std::vector<TableRule>{};
  if (rules.empty()) {
    fprintf(stderr, "no IPv6 prefixes\n");
    return 1;
  }
  const auto start = std::chrono::steady_clock::now();
  auto table = Table::compile(rules, kMaxMasks);
  const std::chrono::duration<double, std::milli> build = std::chrono::steady_clock::now() - start;
  if (!table.ok()) {
    fprintf(stderr, "%s\n", table.error().message.c_str());
    return 1;
  }
  std::mt19937_64 random(1);
  std::vector<FlowKey> keys(kLookups);
  for (FlowKey& key : keys) key = key_in(rules[random() % rules.size()], random);
  Selection all;
  for (uint32_t i = 0; i < kBurst; ++i) all.add(i);
  std::vector<double> rounds;
  for (uint32_t round = 0; round < kRounds; ++round) {
    const Cycles from = now();
    for (uint32_t at = 0; at < kLookups; at += kBurst) {
      Hit hits[kBurst];
      table.value().lookup(&keys[at], all, hits);
      if (!hits[0].found()) abort();
    }
    rounds.push_back(static_cast<double>(now() - from) / kLookups);
  }
  std::ranges::sort(rounds);
  printf(
      "{\"rules\":%zu,\"buildMs\":%.1f,\"memoryBytes\":%zu,\"template\":\"%s\",\"tables\":%zu,\"worstCaseProbes\":%u,"
      "\"cyclesPerLookup\":{\"best\":%.1f,\"median\":%.1f}}\n",
      rules.size(), build.count(), table.value().memory_bytes(), kTemplateNames[static_cast<size_t>(table.value().kind())],
      table.value().table_count(), table.value().worst_case_probes(), rounds.front(), rounds[kRounds / 2]);
  return 0;
}
