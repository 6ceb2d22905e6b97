// A port's routers: the addresses at which hosts behind it send what is not for their own network.
#pragma once

#include <rte_byteorder.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace vswitch {

// An address as in a packet; IPv4 in the first 4 bytes, the others 0.
struct Gateway {
  uint8_t family = 4;  // 4, 6
  uint8_t length = 0;  // of the network's prefix
  uint8_t address[16] = {};
};

struct Gateways {
  uint8_t mac[6] = {};              // of the port
  uint32_t replies_per_second = 0;  // of each worker to a tenant; 0: as many as there are packets
  std::vector<Gateway> list;

  // The router of the network that the host is in, else the first of its family; null: there is none.
  [[nodiscard]] const Gateway* find(uint8_t family, const uint8_t* host) const noexcept {
    const Gateway* first = nullptr;
    for (const Gateway& gateway : list) {
      if (gateway.family != family) continue;
      if (first == nullptr) first = &gateway;
      if (is_near(gateway, host)) return &gateway;
    }
    return first;
  }

 private:
  static bool is_near(const Gateway& gateway, const uint8_t* host) noexcept {
    const uint32_t whole = gateway.length / 8;
    const uint32_t rest = gateway.length % 8;
    if (memcmp(gateway.address, host, whole) != 0) return false;
    return rest == 0 || ((gateway.address[whole] ^ host[whole]) >> (8 - rest)) == 0;
  }
};

}  // namespace vswitch
