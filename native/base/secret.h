// What nobody outside the process can know: tables that rules of tenants fill are seeded with it.
#pragma once

#include <cstdint>

namespace vswitch {

// The same for the life of the process. Benches that count instructions link another one, which is the same in every run.
uint64_t process_secret();

}  // namespace vswitch
