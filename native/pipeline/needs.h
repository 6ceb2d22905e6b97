// Which headers a table's rules need read, of packets of which port, and which rule was the first to need each.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "packet/headers.h"

namespace vswitch {

struct PortNeeds {
  PortNumber in_port = 0;  // 0: of any port
  HeaderSet headers = 0;
  std::array<RuleId, kHeaders> because = {};  // by bit of `headers`
  uint64_t next_tables = 0;                   // bit i: a rule goes to table i
  // Groups and meters whose needs come on top, each with the first rule that names it.
  std::vector<std::pair<uint32_t, RuleId>> groups;
  std::vector<std::pair<uint32_t, RuleId>> meters;

  void add(HeaderSet more, RuleId rule) {
    for (HeaderSet fresh = more & ~headers; fresh != 0; fresh &= fresh - 1) because[__builtin_ctz(fresh)] = rule;
    headers |= more;
  }
};

class TableNeeds {
 public:
  // Of the packets that came in by a port; 0: by any.
  PortNeeds& of(PortNumber in_port) {
    for (PortNeeds& needs : needs_) {
      if (needs.in_port == in_port) return needs;
    }
    needs_.emplace_back().in_port = in_port;
    return needs_.back();
  }

  [[nodiscard]] auto begin() const { return needs_.begin(); }
  [[nodiscard]] auto end() const { return needs_.end(); }

 private:
  std::vector<PortNeeds> needs_;
};

}  // namespace vswitch
