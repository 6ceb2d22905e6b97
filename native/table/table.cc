#include "table/table.h"

#include <rte_byteorder.h>

#include <algorithm>

#include "table/store.h"

namespace vswitch {

Result<Table> Table::compile(std::vector<TableRule> rules, uint32_t max_masks) {
  TableStore store(max_masks, nullptr);
  auto staged = store.stage({{}, std::move(rules)});
  if (!staged.ok()) return staged.error();
  const Table table = store.commit(std::move(staged.value()));
  store.settle();
  return table;
}

Table::Table(const std::vector<TableRule>& direct, std::vector<Part> parts, Side side) : side_(side), parts_(std::move(parts)) {
  for (const TableRule& rule : direct) {
    if (rule.mask == KeyWords{}) fallback_.word = std::max(fallback_.word, rule_word(rule.rank, rule.target));
  }
  for (const TableRule& rule : direct) {
    if (rule.mask == KeyWords{}) continue;
    if (by_port_.empty()) by_port_.assign(kPorts, fallback_);
    const uint16_t port = rte_be_to_cpu_16(static_cast<uint16_t>(rule.value.word[0]));
    if (port < kPorts) by_port_[port].word = std::max(by_port_[port].word, rule_word(rule.rank, rule.target));
  }
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.strongest > b.strongest; });
}

VSWITCH_INLINE void Table::Part::lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept {
  if (exact) return exact->lookup(keys, selection, side, hits);
  if (routes) return routes->lookup(keys, selection, side, hits);
  if (linear) return linear->lookup(keys, selection, hits);
  merged->lookup(keys, selection, side, hits);
}

void Table::Part::count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const {
  if (exact) return exact->count(key, side, hit, probes);
  if (routes) return routes->count(key, side, hit, probes);
  if (linear) return linear->count(key, hit, probes);
  merged->count(key, side, hit, probes);
}

uint32_t Table::Part::max_probes() const {
  return exact ? exact->max_probes() : routes ? routes->max_probes() : linear ? linear->max_probes() : merged->max_probes();
}

size_t Table::Part::memory_bytes() const {
  return exact    ? exact->memory_bytes()
         : routes ? routes->memory_bytes()
         : linear ? linear->memory_bytes()
                  : merged->memory_bytes();
}

Template Table::Part::kind() const {
  return exact ? Template::exact : routes ? Template::lpm : linear ? Template::linear : Template::merged;
}

Template Table::kind() const {
  if (parts_.empty()) return fallback_.found() || !by_port_.empty() ? Template::direct : Template::empty;
  if (std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.merged != nullptr; })) return Template::merged;
  if (std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.routes != nullptr; })) return Template::lpm;
  if (parts_.front().linear) return Template::linear;
  return parts_.size() == 1 ? Template::exact : Template::sub_tables;
}

VSWITCH_HOT void Table::lookup(const FlowKey* keys, const Selection& selection, Hit hits[kBurst]) const noexcept {
  const Selection* open = &selection;
  if (__builtin_expect(by_port_.empty(), 1)) {
    for (uint32_t i = 0; i < kBurst; ++i) hits[i] = fallback_;
  } else {
    for (uint32_t i = 0; i < selection.count; ++i) {
      hits[selection.index[i]] = by_port_[rte_be_to_cpu_16(keys[selection.index[i]].in_port)];
    }
  }
  Selection still;
  for (const Part& part : parts_) {
    // A packet is done when nothing that follows can be stronger than what it has; before the first part none is, mostly.
    if (&part != parts_.data() || !by_port_.empty()) {
      uint32_t count = 0;
      for (uint32_t i = 0; i < open->count; ++i) {
        const uint8_t packet = open->index[i];
        still.index[count] = packet;
        count += hits[packet].word < part.strongest;
      }
      still.count = count;
      open = &still;
      if (count == 0) return;
    }
    part.lookup(keys, *open, side_, hits);
  }
}

uint32_t Table::probes(const FlowKey& key) const {
  const uint16_t port = rte_be_to_cpu_16(key.in_port);
  Hit hit = by_port_.empty() ? fallback_ : by_port_[port];
  Probes probes{by_port_.empty() ? 0u : 1u};
  for (const Part& part : parts_) {
    if (hit.word >= part.strongest) break;
    part.count(key, side_, hit, probes);
  }
  return probes.count;
}

uint32_t Table::worst_case_probes() const {
  uint32_t probes = by_port_.empty() ? 0 : 1;
  for (const Part& part : parts_) probes += part.max_probes();
  return probes;
}

uint32_t Table::longest_chain() const {
  uint32_t longest = 0;
  for (const Part& part : parts_) longest = std::max(longest, part.merged ? part.merged->max_chain() : 0);
  return longest;
}

size_t Table::memory_bytes() const {
  size_t bytes = by_port_.size() * sizeof(Hit);
  for (const Part& part : parts_) bytes += part.memory_bytes();
  return bytes;
}

}  // namespace vswitch
