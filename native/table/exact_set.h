// The exact tables of a flow table, one a mask, as they change in place. Of rules that match the same packets only the strongest
// is in its table; the others wait in its shadow.
//
// A table that fills is copied into a larger one a step with each change, so that no change pays for all of it. Nobody sees the
// copy before it is whole and takes the table's place; until then what changes in the part that is copied changes in both.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "table/exact.h"
#include "table/place.h"
#include "table/rule.h"

namespace vswitch {

class ExactSet {
 public:
  struct Part {
    uint32_t id;  // even: a rule's Place has it, or it plus one, which of the two tables has its cell
    KeyWords mask;
    std::shared_ptr<ExactTable> table;
    uint32_t seed = 1;                           // of its hash
    uint32_t place = id;                         // of rules whose cell is in `table`
    std::shared_ptr<ExactTable> next = nullptr;  // the larger table, where there is one
    uint32_t copied = 0;                         // cells of `table`, from the first on
    size_t rules = 0;                            // of which the table has the strongest of each match
    RuleWord strongest = 0;                      // that it ever had
    bool is_new = true;                          // in the change that is not settled yet: nobody sees it as it was before
  };

  explicit ExactSet(Places* places) : places_(places) {}

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] const Part* part_of(const KeyWords& mask) const;
  // Its rules that the side sees, those in shadow too.
  [[nodiscard]] std::vector<TableRule> rules_of(const Part& part, Side side) const;
  // What the tables will take with these rules more, but without those that are dropped.
  [[nodiscard]] size_t bytes_with(std::span<const TableRule> rules, std::span<const uint32_t> dropped) const;

  // Until the next settle(), `side` sees the change, and the other side what was before.
  void remove(Place place, uint32_t target, Side side);
  void add(std::span<const TableRule> rules, Side side);
  void drop(std::span<const uint32_t> ids);
  void settle();

 private:
  struct Flux {
    ExactTable* table;
    uint32_t cell;
  };
  struct Shadow {
    uint32_t part;
    KeyWords value;
    RuleWord word;
  };

  void insert(Part& part, const TableRule& rule, Side side);
  void write(Part& part, const KeyWords& value, RuleWord word, Side side);
  void grow(Part& part, size_t more, Side side);
  void copy_some(Part& part, size_t cells);
  void copy(Part& part, uint32_t cell, Side side);
  void take_out(Part& part, const KeyWords& value, Side side);
  void hide(const Part& part, const KeyWords& value, RuleWord word);
  void reveal(Part& part, const KeyWords& value, Side side);
  void put_place(uint32_t target, uint32_t part, uint32_t at);

  Places* places_;
  uint32_t next_id_ = Place::kFirstExact;
  std::vector<Part> parts_;                            // those without rules are gone when the change is settled
  std::unordered_multimap<uint32_t, Shadow> shadows_;  // by a hash of part and value
  std::vector<Flux> entering_;
  std::vector<Flux> leaving_;
};

}  // namespace vswitch
