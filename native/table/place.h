// Where the control thread finds a rule of a flow table again, by the rule's target.
#pragma once

#include <cstdint>

#include "base/zeroed.h"

namespace vswitch {

struct Place {
  static constexpr uint32_t kNowhere = 0;  // no packet can match the rule
  static constexpr uint32_t kDirect = 1;
  static constexpr uint32_t kRecent = 2;
  static constexpr uint32_t kBase = 3;
  static constexpr uint32_t kShadow = 4;             // of a stronger rule; `at` is a hash
  static constexpr uint32_t kRoutes = 1u << 16;      // and higher numbers: a route table, `at` is the route
  static constexpr uint32_t kFirstExact = 1u << 24;  // and higher numbers: an exact table, `at` is the cell

  uint32_t part = kNowhere;
  uint32_t at = 0;
};

using Places = ZeroedArray<Place>;

}  // namespace vswitch
