// Prefixes of ipv4_dst or of ipv6_dst, longest first: rules that agree in all but the prefix, and of which a longer prefix is
// always the stronger.
//
//   IPv4   24 bits of the address find a slot, 8 more another: two slots at most
//   IPv6   24 bits find a slot, and each 4 more another where a prefix is longer: 27 slots at most, and 7 for a /48
//
// Changes in place: a route knows the one that covers it, and who does not see the route that a slot names goes on to that one.
// So a slot can be written before everybody sees the route, and long after nobody does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/zeroed.h"
#include "packet/burst.h"
#include "table/route_slots.h"
#include "table/rule.h"

namespace vswitch {

// What rules of one table have in common: mask and value without the address.
struct RouteFamily {
  KeyWords mask;
  KeyWords value;

  [[nodiscard]] bool is_ipv6() const;
  [[nodiscard]] const RouteShape& shape() const { return is_ipv6() ? kIpv6Shape : kIpv4Shape; }

  friend auto operator<=>(const RouteFamily&, const RouteFamily&) = default;
};

class RouteTable {
 public:
  static constexpr uint32_t kMaxRoutes = 1u << 22;

  // The prefix of a rule that can be in such a table, and its family.
  static std::optional<Prefix> prefix_of(const TableRule& rule, RouteFamily& family);

  explicit RouteTable(const RouteFamily& family);

  // Improves hit[i] of each selected packet for which a stronger rule is here.
  void lookup(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  void count(const FlowKey& key, Side side, Hit& hit, Probes& probes) const;
  [[nodiscard]] uint32_t max_probes() const { return 1 + slots_.shape().groups(longest_); }
  [[nodiscard]] RuleWord strongest() const { return strongest_; }
  [[nodiscard]] size_t memory_bytes() const { return slots_.memory_bytes() + size_t{used_routes_} * kRouteBytes; }
  // That prefixes, which come in order, take beside it.
  [[nodiscard]] size_t bytes_to_add(std::span<const Prefix> prefixes) const {
    return slots_.bytes_to_add(prefixes) + prefixes.size() * kRouteBytes;
  }

  // The rest is the writer's.

  [[nodiscard]] const RouteFamily& family() const { return family_; }
  [[nodiscard]] size_t routes() const { return live_; }  // that do not leave
  // The route of the prefix; 0: none.
  [[nodiscard]] uint32_t find(const Prefix& prefix) const;
  [[nodiscard]] RuleWord word(uint32_t route) const { return words_[route]; }

  // Which routes may come: ranks have to rise with lengths. Kept apart, so that several can be asked for before any comes.
  class Admission {
   public:
    Admission(const RouteShape& shape, const RouteTable* table);  // null: an empty one
    bool admit(const Prefix& prefix, uint32_t rank);

   private:
    struct Ranks {
      uint32_t lowest = UINT32_MAX;
      uint32_t highest = 0;
    };
    const RouteShape* shape_;
    Ranks ranks_[129];
    uint32_t routes_ = 0;
    uint32_t groups_ = 0;

    void record(const Prefix& prefix, uint32_t rank);
    friend class RouteTable;
  };

  // The route's number. It was admitted, and nobody of `side` sees another of the same prefix.
  uint32_t insert(const Prefix& prefix, RuleWord word, Side side);
  void remove(uint32_t route, Side side);
  void settle();

 private:
  struct Route {
    uint32_t parent;  // that covers it, or of the same prefix and leaving; 0: none
    uint32_t length;
  };
  static constexpr size_t kRouteBytes = sizeof(RuleWord) + sizeof(Route) + sizeof(RouteAddress);
  struct Check {
    uint32_t word;
    uint64_t mask;
    uint64_t value;

    VSWITCH_INLINE uint64_t differs(const FlowKey& key) const noexcept { return (word_of(key, word) & mask) ^ value; }
  };

  [[nodiscard]] VSWITCH_INLINE bool is_of_family(const FlowKey& key) const noexcept;
  [[nodiscard]] VSWITCH_INLINE RuleWord seen(uint32_t route, Side side) const noexcept;
  VSWITCH_INLINE void improve(const Selection& packets, const uint32_t* routes, Side side, Hit* hits) const noexcept;
  void lookup_ipv4(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  void lookup_ipv6(const FlowKey* keys, const Selection& selection, Side side, Hit* hits) const noexcept;
  [[nodiscard]] Prefix prefix(uint32_t route) const { return {addresses_[route], routes_[route].length}; }
  [[nodiscard]] uint32_t cover_of(const Prefix& prefix) const;
  void take_over(uint32_t route, uint32_t from, uint32_t to);
  uint32_t new_route();

  const RouteFamily family_;
  std::vector<Check> checks_;
  RuleWord strongest_ = 0;  // that it ever had
  uint32_t longest_ = 0;    // likewise
  RouteSlots slots_;
  ZeroedArray<RuleWord> words_;  // of the routes; apart, since packets ask for nothing else
  ZeroedArray<Route> routes_;
  ZeroedArray<RouteAddress> addresses_;  // of the routes
  size_t live_ = 0;
  uint32_t used_routes_ = 1;
  Admission admission_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> entering_;
  std::vector<uint32_t> leaving_;
  std::vector<uint32_t> gone_;  // that readers may still come by
};

}  // namespace vswitch
