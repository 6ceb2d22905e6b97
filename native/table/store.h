// The rules of one flow table, by the control thread. A change is staged first, which checks it and compiles what has to be
// compiled; committed, which makes the table that the next program has, while programs before see theirs; and settled, when no
// worker has a program before that one any more.
//
// A rule goes where it costs least to change:
//   direct   without a mask, or of in_port alone: an array that is made anew
//   exact    a mask that has, or may get, an exact table: a cell is written, whatever the size of the table
//   routes   many prefixes of which longer ones are stronger: the slots that it covers are written
//   recent   anything else: a few hundred rules at most, compiled anew
//   base     what `recent` had when it grew too long, compiled together; one that leaves is only marked. A large one is compiled
//            beside further changes (table/rebuild.h), and adopted by the first that finds it done
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/status.h"
#include "table/exact_set.h"
#include "table/place.h"
#include "table/rebuild.h"
#include "table/rest.h"
#include "table/route_set.h"
#include "table/table.h"

namespace vswitch {

class TableStore {
 public:
  // `places`: by target; null where no rule ever leaves. At most `max_tables` sub-tables, in at most `max_bytes`.
  TableStore(uint32_t max_tables, Places* places, size_t max_bytes = SIZE_MAX)
      : max_tables_(max_tables), max_bytes_(max_bytes), places_(places), exact_(places), routes_(places) {}

  struct Change {
    std::vector<uint32_t> remove;  // targets
    std::vector<TableRule> add;
  };
  struct Staged {
    std::vector<uint32_t> remove;  // in order
    std::vector<TableRule> direct;
    std::vector<TableRule> exact;
    std::vector<TableRule> routes;
    std::vector<uint32_t> dissolved;  // exact tables whose rules are in the new base, or in route tables
    std::optional<Rest> base;         // where it takes the place of the old one
    std::optional<Rest> recent;
    bool adopts = false;  // the base that was compiled beside changes
  };

  // Fails with TABLE_UNBOUNDED where the rules would need more tables, and with LIMIT_EXCEEDED where those that come would need
  // more memory. Changes nothing.
  [[nodiscard]] Result<Staged> stage(Change change) const;
  Table commit(Staged staged);
  void settle();

 private:
  // From so many on what is recent is compiled together with the base.
  static constexpr size_t kMostRecent = 256;
  // And so many wait for a base that is compiled beside.
  static constexpr size_t kMostWaiting = 1024;
  // An exact table of so many rules stays, whatever is beside it; smaller ones are compiled together with the base.
  static constexpr size_t kLargeExact = 4096;

  // Rules to add, by where they go.
  struct Sorted {
    std::vector<TableRule> direct;
    std::vector<TableRule> exact;  // of masks that have a table
    std::vector<TableRule> routes;
    std::vector<uint32_t> dissolved;
    std::map<KeyWords, std::vector<TableRule>> fresh;
    std::vector<TableRule> rest;
  };

  // What there will be beside the rest.
  struct Counts {
    std::map<KeyWords, size_t> exact;  // rules by mask
    size_t routes = 0;                 // tables
  };

  [[nodiscard]] Sorted sort(std::vector<TableRule> rules, const std::vector<uint32_t>& leaving) const;
  void take_routes(const std::vector<uint32_t>& leaving, Sorted& sorted) const;
  [[nodiscard]] size_t place_fresh(Sorted& sorted) const;
  [[nodiscard]] Status stage_rest(std::vector<TableRule> added, size_t exact_tables, Staged& staged) const;
  [[nodiscard]] Status rebuild(std::vector<TableRule> rules, Staged& staged) const;
  [[nodiscard]] Counts count(const std::vector<TableRule>& exact, const std::vector<TableRule>& routes,
                             const std::vector<uint32_t>& dissolved) const;
  [[nodiscard]] bool dissolve(size_t smaller_than, std::vector<TableRule> rules, Staged& staged) const;

  [[nodiscard]] bool is_sparse(size_t dead) const;
  // Whether a base that becomes necessary is compiled beside changes.
  [[nodiscard]] bool rebuilds_beside() const;
  void start_rebuild();
  [[nodiscard]] bool adopt(const std::vector<TableRule>& added, Staged& staged) const;
  void bury(Rest& base, const std::vector<uint32_t>& leaving);

  [[nodiscard]] size_t bytes_after(const Staged& staged) const;
  [[nodiscard]] std::optional<Rest> compile(std::vector<TableRule> rules, size_t beside, std::vector<TableRule>& exact) const;

  void remove(uint32_t target, bool base_is_replaced);
  void remove_direct(uint32_t at);
  void add_direct(const std::vector<TableRule>& rules);
  void replace(Rest& old, uint32_t part, std::optional<Rest> rest);
  void put_place(uint32_t target, uint32_t part, size_t at);
  [[nodiscard]] std::vector<TableRule> few() const;
  [[nodiscard]] Table make_table() const;

  uint32_t max_tables_;
  size_t max_bytes_;
  Places* places_;
  Side side_ = kSides[0];  // of the table that was made last
  std::vector<TableRule> direct_;
  ExactSet exact_;
  RouteSet routes_;
  Rest base_;
  Rest recent_;
  std::vector<RuleWord*> leaving_base_;  // until settled
  std::shared_ptr<Rebuild> rebuild_;     // where one was begun, and not adopted
};

}  // namespace vswitch
