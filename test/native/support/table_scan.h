// What tables must find, the plain way: a scan over all rules.
#pragma once

#include <doctest/doctest.h>
#include <rte_byteorder.h>

#include <cstring>
#include <vector>

#include "table/table.h"

namespace vswitch::test {

inline KeyWords masked(const KeyWords& words, const KeyWords& mask) {
  KeyWords result;
  for (uint32_t i = 0; i < kKeyWords; ++i) result.word[i] = words.word[i] & mask.word[i];
  return result;
}

inline bool within(uint16_t port, const PortRange& range) {
  const uint16_t host = rte_be_to_cpu_16(port);
  return range.low <= host && host <= range.high;
}

inline bool matches(const TableRule& rule, const FlowKey& key) {
  KeyWords words;
  memcpy(words.word, &key, sizeof key);
  return masked(words, rule.mask) == rule.value && within(key.tp_src, rule.tp_src) && within(key.tp_dst, rule.tp_dst);
}

// What OpenFlow says: of the rules that match, the one of the highest rank; the first given among equals.
inline uint32_t scan(const std::vector<TableRule>& rules, const FlowKey& key) {
  const TableRule* best = nullptr;
  for (const TableRule& rule : rules) {
    if (matches(rule, key) && (best == nullptr || rule.rank > best->rank)) best = &rule;
  }
  return best == nullptr ? kNoTarget : best->target;
}

// Looks up a burst of keys that `make` gives, of which some are not selected.
template <class Make>
void compare_with_scan(const Table& table, const std::vector<TableRule>& rules, const Make& make) {
  FlowKey keys[kBurst];
  Hit hits[kBurst];
  Selection selection;
  for (uint32_t i = 0; i < kBurst; ++i) {
    keys[i] = make();
    if (i % 4 != 0) selection.add(i);
  }
  table.lookup(keys, selection, hits);
  for (uint32_t i = 0; i < kBurst; ++i) {
    if (i % 4 != 0) CHECK((hits[i].found() ? hits[i].target() : kNoTarget) == scan(rules, keys[i]));
    CHECK(table.probes(keys[i]) <= table.worst_case_probes());
  }
}

}  // namespace vswitch::test
