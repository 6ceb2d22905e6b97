// The open ports, owned by the control thread.
#pragma once

#include <map>

#include "port/port.h"

namespace vswitch {

class PortSet {
 public:
  [[nodiscard]] bool has(PortNumber number) const { return ports_.contains(number); }
  [[nodiscard]] const Port* find(PortNumber number) const {
    const auto at = ports_.find(number);
    return at == ports_.end() ? nullptr : &at->second;
  }
  const Port& add(Port port) {
    const PortNumber number = port.spec().number;
    return ports_.emplace(number, std::move(port)).first->second;
  }
  // Takes the port out without closing it: the caller closes it once no worker can touch it.
  Port take(PortNumber number) {
    Port port = std::move(ports_.at(number));
    ports_.erase(number);
    return port;
  }

  [[nodiscard]] auto begin() const { return ports_.begin(); }
  [[nodiscard]] auto end() const { return ports_.end(); }

 private:
  std::map<PortNumber, Port> ports_;
};

}  // namespace vswitch
