// Cycles per look-up of ExactTable beside rte_hash's bulk look-up: the same random IPv4 five-tuples, all present, bursts of 64,
// in one process and in turn. Prints the median of the rounds, a line for each number of rules.
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "dpdk/clock.h"
#include "dpdk/eal.h"
#include "packet/fields.h"
#include "table/exact.h"

using namespace vswitch;

namespace {

constexpr uint32_t kRounds = 31;
constexpr uint32_t kLookups = 1 << 16;
constexpr uint32_t kKeyBytes = 24;  // words 0 to 2 of the flow key: port, type, addresses, ports, protocol

KeyWords five_tuple_mask() {
  KeyWords mask;
  for (const FieldSpec& field : kFields) {
    for (const char* name : {"in_port", "eth_type", "ipv4_src", "ipv4_dst", "ip_proto", "tcp_src", "tcp_dst"}) {
      if (field.name == name) place(field, (Value128{1} << field.bits) - 1, mask);
    }
  }
  return mask;
}

double median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void compare(uint32_t rules) {
  std::mt19937_64 random(1);
  const KeyWords mask = five_tuple_mask();
  std::vector<TableRule> table_rules(rules);
  rte_hash_parameters parameters{};
  const std::string name = "bench" + std::to_string(rules);
  parameters.name = name.c_str();
  parameters.entries = rules;
  parameters.key_len = kKeyBytes;
  parameters.hash_func = rte_hash_crc;
  rte_hash* hash = rte_hash_create(&parameters);
  for (uint32_t i = 0; i < rules; ++i) {
    TableRule& rule = table_rules[i];
    rule.mask = mask;
    for (uint32_t w = 0; w < kKeyWords; ++w) rule.value.word[w] = random() & mask.word[w];
    rule.target = i;
    if (rte_hash_add_key_data(hash, rule.value.word, reinterpret_cast<void*>(uintptr_t{i})) != 0) abort();
  }
  ExactTable table(mask, rules + rules / 3);
  for (const TableRule& rule : table_rules) {
    if (table.insert(rule.value, rule_word(rule.rank, rule.target)) == Cells::kNoCell) abort();
  }

  std::vector<FlowKey> keys(kLookups);
  for (FlowKey& key : keys) memcpy(&key, table_rules[random() % rules].value.word, sizeof key);
  Selection all;
  for (uint32_t i = 0; i < kBurst; ++i) all.add(i);
  uint64_t sum = 0;
  std::vector<double> ours;
  std::vector<double> theirs;
  for (uint32_t round = 0; round < kRounds; ++round) {
    Cycles start = now();
    for (uint32_t at = 0; at < kLookups; at += kBurst) {
      Hit hits[kBurst] = {};
      table.lookup(&keys[at], all, kSides[0], hits);
      for (const Hit& hit : hits) sum += hit.target();
    }
    ours.push_back(static_cast<double>(now() - start) / kLookups);
    start = now();
    for (uint32_t at = 0; at < kLookups; at += kBurst) {
      const void* pointers[kBurst];
      void* data[kBurst];
      uint64_t found = 0;
      for (uint32_t i = 0; i < kBurst; ++i) pointers[i] = &keys[at + i];
      rte_hash_lookup_bulk_data(hash, pointers, kBurst, &found, data);
      for (void* value : data) sum -= reinterpret_cast<uintptr_t>(value);
    }
    theirs.push_back(static_cast<double>(now() - start) / kLookups);
  }
  printf(
      "{\"rules\":%u,\"cyclesPerLookup\":{\"ours\":%.1f,\"peer\":%.1f},\"peer\":\"rte_hash\",\"bytesPerRule\":%.0f,\"agree\":%s}"
      "\n",
      rules, median(ours), median(theirs), static_cast<double>(table.memory_bytes()) / rules, sum == 0 ? "true" : "false");
  rte_hash_free(hash);
}

}  // namespace

int main() {
  const std::string prefix = "--file-prefix=bench-" + std::to_string(getpid());
  auto eal = Eal::start({"--lcores=0@1", "--no-huge", "--no-shconf", prefix, "-m", "512", "--no-pci", "--no-telemetry"});
  if (!eal.ok()) {
    fprintf(stderr, "DPDK does not start: %s\n", eal.error().message.c_str());
    return 1;
  }
  for (const uint32_t rules : {10u, 1'000u, 100'000u, 1'000'000u}) compare(rules);
}
