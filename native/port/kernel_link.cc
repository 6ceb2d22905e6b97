#include "port/kernel_link.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vswitch {

bool kernel_link_up(uint32_t if_index) noexcept {
  if (if_index == 0) return true;
  ifreq request{};
  if (if_indextoname(if_index, request.ifr_name) == nullptr) return false;
  // Any socket asks for interfaces, see netdevice(7).
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) return true;
  const bool known = ioctl(any, SIOCGIFFLAGS, &request) == 0;
  close(any);
  constexpr int kUp = IFF_UP | IFF_RUNNING;
  return known && (request.ifr_flags & kUp) == kUp;
}

}  // namespace vswitch
