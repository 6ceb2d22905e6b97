// In the place of base/secret.cc: the same hash tables in every run.
#include "base/secret.h"

namespace vswitch {

uint64_t process_secret() { return 0x6d74732d76737769; }

}  // namespace vswitch
