// Rules of several masks, and of port ranges, in one hash table: the way of TupleMerge (Daly, Bruschi, Linguaglossa, Pontarelli,
// Rossi, Tollet, Torng, Yourtchenko, "TupleMerge: Fast Software Packet Processing for Online Packet Classification", IEEE/ACM
// Transactions on Networking 27(4), 2019).
//
// The table hashes only bits that all its rules ask for; rules that agree in them share a cell, which leads to a chain of them,
// strongest first and at most kMaxChain long. A rule of the chain is compared in full: each word that a rule of the table asks
// for, then the ranges. Built once; what changes later is only by whom a rule is seen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/burst.h"
#include "table/cells.h"
#include "table/rule.h"

namespace vswitch {

class MergedTable {
 public:
  static constexpr uint32_t kMaxChain = 64;
  static constexpr uint32_t kMaxRules = 1 << 26;  // of a table, so that a chain fits in a word

  // The rules are sorted, strongest first. Each asks for `mask`, by its own mask or by its ranges (common_mask()); at most
  // kMaxChain of them agree in it.
  MergedTable(std::span<const TableRule> rules, const KeyWords& mask);

  [[nodiscard]] RuleWord strongest() const { return strongest_; }
  // Cells and rules that a look-up compares at most.
  [[nodiscard]] uint32_t max_probes() const { return cells_.max_probes() + max_chain_; }
  [[nodiscard]] uint32_t max_chain() const { return max_chain_; }
  [[nodiscard]] size_t memory_bytes() const {
    return cells_.memory_bytes() + (chains_.size() + places_.size()) * sizeof(uint64_t);
  }

  // Improves hit[i] of each selected packet for which a stronger rule is here.
  void lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  // The same for one packet, adding what it compares.
  void count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const;

  // The writer's: the words of the rules, in the order in which they were given.
  [[nodiscard]] const std::vector<RuleWord*>& rule_words() const { return places_; }

 private:
  void build(std::span<const TableRule> rules);
  void append(const TableRule& rule);
  template <uint32_t kWords>
  void lookup_words(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  [[nodiscard]] uint32_t rule_stride() const noexcept { return 2 * rule_words_ + 2; }
  [[nodiscard]] const uint64_t* rule_at(uint64_t chain) const noexcept;
  template <class Count>
  void follow(const FlowKey& key, uint64_t chain, Side side, Hit& hit, Count& count) const noexcept;

  uint8_t hash_words_ = 0;
  uint8_t rule_words_ = 0;
  uint8_t hash_word_[kKeyWords] = {};  // which words of the key the mask touches
  uint8_t rule_word_[kKeyWords] = {};  // and which those of its rules do
  uint64_t word_mask_[kKeyWords] = {};
  RuleWord strongest_ = 0;
  uint32_t max_chain_ = 0;
  Cells cells_;                   // a chain after the words
  std::vector<uint64_t> chains_;  // a value and a mask for each of rule_words_, then the ranges, then the rule's word
  std::vector<RuleWord*> places_;
};

}  // namespace vswitch
