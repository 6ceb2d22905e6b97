#include "base/secret.h"

#include <random>

namespace vswitch {

uint64_t process_secret() {
  static const uint64_t secret = uint64_t{std::random_device()()} << 32 | std::random_device()();
  return secret;
}

}  // namespace vswitch
