// The link of a kernel interface, for devices that are one (af_packet, af_xdp, tap): their drivers say that it is up whatever
// becomes of it.
#pragma once

#include <cstdint>

namespace vswitch {

// Whether the interface is up and has a carrier. An index of 0, which is no interface, is taken for one that has.
bool kernel_link_up(uint32_t if_index) noexcept;

}  // namespace vswitch
