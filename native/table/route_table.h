// IPv4 prefixes of one field, longest first: rules that agree in all but the prefix of nw_dst, and of which a longer prefix is
// always the stronger. The look-up is DIR-24-8's (Gupta, Lin, McKeown, "Routing Lookups in Hardware at Memory Access Speeds",
// INFOCOM 1998): a slot for each 24 bits, and 256 more where a longer prefix begins with them.
//
// Changes in place: a route knows the one that covers it, and who does not see the route that a slot names goes on to that one.
// So a slot can be written before everybody sees the route, and long after nobody does. Memory is taken as it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/zeroed.h"
#include "packet/burst.h"
#include "table/rule.h"

namespace vswitch {

struct Prefix {
  uint32_t address = 0;  // host byte order, no bits behind the length
  uint32_t length = 0;

  friend bool operator==(const Prefix&, const Prefix&) = default;
};

// What rules of one table have in common: mask and value without nw_dst.
struct RouteFamily {
  KeyWords mask;
  KeyWords value;

  friend auto operator<=>(const RouteFamily&, const RouteFamily&) = default;
};

class RouteTable {
 public:
  static constexpr uint32_t kShortest = 8;  // shorter prefixes would fill too many slots
  static constexpr uint32_t kMaxRoutes = 1u << 22;
  static constexpr uint32_t kMaxGroups = 1u << 16;  // of 256 slots

  // The prefix of a rule that can be in such a table, and its family.
  static std::optional<Prefix> prefix_of(const TableRule& rule, RouteFamily& family);

  explicit RouteTable(const RouteFamily& family);

  // Improves hit[i] of each selected packet for which a stronger rule is here.
  void lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  void count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const;
  [[nodiscard]] uint32_t max_probes() const { return 2; }
  [[nodiscard]] RuleWord strongest() const { return strongest_; }
  [[nodiscard]] size_t memory_bytes() const;

  // The rest is the writer's.

  [[nodiscard]] const RouteFamily& family() const { return family_; }
  [[nodiscard]] size_t routes() const { return live_; }  // that do not leave
  // The route of the prefix; 0: none.
  [[nodiscard]] uint32_t find(const Prefix& prefix) const;
  [[nodiscard]] RuleWord word(uint32_t route) const { return routes_[route].word; }

  // Which routes may come: ranks have to rise with lengths. Kept apart, so that several can be asked for before any comes.
  class Admission {
   public:
    explicit Admission(const RouteTable* table = nullptr);  // null: an empty one
    bool admit(const Prefix& prefix, uint32_t rank);

   private:
    struct Ranks {
      uint32_t lowest = UINT32_MAX;
      uint32_t highest = 0;
    };
    Ranks ranks_[33];
    uint32_t routes_ = 0;
    uint32_t groups_ = 0;
    friend class RouteTable;
  };

  // The route's number. It was admitted, and nobody of `side` sees another of the same prefix.
  uint32_t insert(const Prefix& prefix, RuleWord word, Side side);
  void remove(uint32_t route, Side side);
  void settle();

 private:
  struct Route {
    RuleWord word;
    uint32_t parent;  // that covers it, or of the same prefix and leaving; 0: none
    uint32_t length;
    uint32_t address;
    uint32_t unused;
  };
  struct Check {
    uint32_t word;
    uint64_t mask;
    uint64_t value;

    VSWITCH_INLINE uint64_t differs(const FlowKey& key) const noexcept { return (word_of(key, word) & mask) ^ value; }
  };

  [[nodiscard]] VSWITCH_INLINE bool is_of_family(const FlowKey& key) const noexcept;
  [[nodiscard]] VSWITCH_INLINE RuleWord seen(uint32_t route, Side side) const noexcept;
  [[nodiscard]] uint32_t cover_of(const Prefix& prefix) const;
  template <class Each>
  void for_each_slot(const Prefix& prefix, const Each& each);
  void take_over(uint32_t route, uint32_t from, uint32_t to);
  uint32_t new_route();

  const RouteFamily family_;
  std::vector<Check> checks_;
  RuleWord strongest_ = 0;  // that it ever had
  ZeroedArray<uint32_t> slots_;
  ZeroedArray<uint32_t> groups_;
  ZeroedArray<Route> routes_;
  size_t live_ = 0;
  uint32_t used_routes_ = 1;
  uint32_t used_groups_ = 0;
  Admission admission_;
  std::unordered_map<uint64_t, uint32_t> routes_by_prefix_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> entering_;
  std::vector<uint32_t> leaving_;
  std::vector<uint32_t> gone_;  // that readers may still come by
};

}  // namespace vswitch
