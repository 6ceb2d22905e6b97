// What a ClassBench rule set costs as one table: time to compile, memory, sub-tables, chains, and cycles per look-up in bursts of
// 32 of headers that match a rule drawn at random. Usage: classbench-bench FILE..., a line of JSON for each.
#include <rte_byteorder.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>

#include "dpdk/clock.h"
#include "packet/fields.h"
#include "table/table.h"

using namespace vswitch;

namespace {

constexpr uint32_t kMaxMasks = 32;
constexpr uint32_t kRounds = 15;
constexpr uint32_t kLookups = 1 << 14;

void match(TableRule& rule, const char* name, uint64_t value, uint64_t mask) {
  for (const FieldSpec& field : kFields) {
    if (field.name != name) continue;
    place(field, value & mask, rule.value);
    place(field, mask, rule.mask);
  }
}

uint32_t prefix(uint32_t bits) { return bits == 0 ? 0 : ~uint32_t{0} << (32 - bits); }

uint32_t address(const uint32_t* part) { return part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3]; }

// A line is "@a.b.c.d/n a.b.c.d/n low : high low : high protocol/mask flags/mask"; the flags are left out.
bool parse(const char* line, TableRule& rule) {
  uint32_t from[5];
  uint32_t to[5];
  uint32_t ports[4];
  uint32_t protocol[2];
  const int read =
      sscanf(line, " @%u.%u.%u.%u/%u %u.%u.%u.%u/%u %u : %u %u : %u %x/%x", &from[0], &from[1], &from[2], &from[3], &from[4],
             &to[0], &to[1], &to[2], &to[3], &to[4], &ports[0], &ports[1], &ports[2], &ports[3], &protocol[0], &protocol[1]);
  if (read != 16) return false;
  match(rule, "eth_type", 0x800, 0xffff);
  match(rule, "ipv4_src", address(from), prefix(from[4]));
  match(rule, "ipv4_dst", address(to), prefix(to[4]));
  match(rule, "ip_proto", protocol[0], protocol[1]);
  rule.tp_src = {static_cast<uint16_t>(ports[0]), static_cast<uint16_t>(ports[1])};
  rule.tp_dst = {static_cast<uint16_t>(ports[2]), static_cast<uint16_t>(ports[3])};
  return true;
}

std::vector<TableRule> load(const char* path) {
  std::vector<TableRule> rules;
  FILE* file = fopen(path, "r");
  if (file == nullptr) return rules;
  char line[256];
  while (fgets(line, sizeof line, file) != nullptr) {
    TableRule rule;
    if (parse(line, rule)) rules.push_back(rule);
  }
  fclose(file);
  for (uint32_t i = 0; i < rules.size(); ++i) {
    rules[i].rank = static_cast<uint32_t>(rules.size()) - i;
    rules[i].target = i;
  }
  return rules;
}

FlowKey random_key(const TableRule& rule, std::mt19937_64& random) {
  KeyWords words;
  for (uint32_t w = 0; w < kKeyWords; ++w) words.word[w] = rule.value.word[w] | (random() & ~rule.mask.word[w]);
  FlowKey key;
  memcpy(&key, words.word, sizeof key);
  const auto port = [&](const PortRange& range) {
    return rte_cpu_to_be_16(static_cast<uint16_t>(range.low + random() % (range.high - range.low + 1u)));
  };
  key.tp_src = port(rule.tp_src);
  key.tp_dst = port(rule.tp_dst);
  return key;
}

double cycles_per_lookup(const Table& table, const std::vector<FlowKey>& keys) {
  Selection all;
  for (uint32_t i = 0; i < kBurst; ++i) all.add(i);
  std::vector<double> rounds;
  for (uint32_t round = 0; round < kRounds; ++round) {
    const Cycles start = now();
    for (size_t at = 0; at < keys.size(); at += kBurst) {
      Hit hits[kBurst];
      table.lookup(&keys[at], all, hits);
      if (!hits[0].found()) abort();
    }
    rounds.push_back(static_cast<double>(now() - start) / static_cast<double>(keys.size()));
  }
  std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
  return rounds[kRounds / 2];
}

void measure(const char* path) {
  const std::vector<TableRule> rules = load(path);
  const auto start = std::chrono::steady_clock::now();
  auto table = Table::compile(rules, kMaxMasks);
  const std::chrono::duration<double, std::milli> build = std::chrono::steady_clock::now() - start;
  if (rules.empty() || !table.ok()) {
    fprintf(stderr, "%s: %s\n", path, rules.empty() ? "no rules" : table.error().message.c_str());
    exit(1);
  }
  std::mt19937_64 random(1);
  std::vector<FlowKey> keys(kLookups);
  for (FlowKey& key : keys) key = random_key(rules[random() % rules.size()], random);
  const Table& built = table.value();
  printf(
      "{\"file\":\"%s\",\"rules\":%zu,\"buildMs\":%.1f,\"memoryBytes\":%zu,\"tables\":%zu,\"longestChain\":%u,"
      "\"worstCaseProbes\":%u,\"cyclesPerLookup\":%.1f}\n",
      path, rules.size(), build.count(), built.memory_bytes(), built.table_count(), built.longest_chain(),
      built.worst_case_probes(), cycles_per_lookup(built, keys));
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) measure(argv[i]);
}
