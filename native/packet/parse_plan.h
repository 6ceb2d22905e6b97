// What is read of the packets of a port: the union of what the rules they can meet ask for, and nothing else.
#pragma once

#include "packet/headers.h"

namespace vswitch {

struct ParsePlan {
  HeaderSet headers = 0;

  [[nodiscard]] bool reads(HeaderSet header) const { return (headers & header) != 0; }
  void add(HeaderSet more) { headers |= more; }
};

}  // namespace vswitch
