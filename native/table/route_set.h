// The route tables of a flow table, one a family, as they change in place.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "table/place.h"
#include "table/route_table.h"

namespace vswitch {

class RouteSet {
 public:
  struct Part {
    uint32_t id;
    std::shared_ptr<RouteTable> table;
  };

  explicit RouteSet(Places* places) : places_(places) {}

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] const RouteTable* table_of(const RouteFamily& family) const;
  // What the tables will take with these rules more.
  [[nodiscard]] size_t bytes_with(std::span<const TableRule> rules) const;

  // Which rules of a change may be routes; asked one after the other. `leaving`: targets in order.
  class Admissions {
   public:
    Admissions(const RouteSet& set, const std::vector<uint32_t>& leaving) : set_(set), leaving_(leaving) {}
    bool admit(const TableRule& rule, const RouteFamily& family, const Prefix& prefix);

   private:
    struct Asked {
      RouteTable::Admission admission;
      std::set<Prefix> fresh;
    };
    const RouteSet& set_;
    const std::vector<uint32_t>& leaving_;
    std::map<RouteFamily, Asked> asked_;
  };

  // Until the next settle(), `side` sees the change, and the other side what was before.
  void remove(Place place, Side side);
  void add(std::span<const TableRule> rules, Side side);
  void settle();

 private:
  Places* places_;
  uint32_t next_id_ = Place::kRoutes;
  std::vector<Part> parts_;
};

}  // namespace vswitch
