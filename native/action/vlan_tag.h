// What push_vlan and pop_vlan share.
#pragma once

#include <initializer_list>

#include "packet/burst.h"

namespace vswitch {

// The layers after so many bytes came before them.
VSWITCH_INLINE void move_layers(Layers& layers, int32_t bytes) noexcept {
  for (uint16_t* layer : {&layers.ipv4, &layers.ipv6, &layers.arp, &layers.transport, &layers.nd_option})
    if (*layer != 0) *layer = static_cast<uint16_t>(*layer + bytes);
}

}  // namespace vswitch
