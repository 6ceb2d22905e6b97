// Reads a transaction from the buffer that src/switch/codec.ts wrote, and trusts none of it: every length and every number is
// checked before it is used. Knows nothing of Node.
#pragma once

#include <cstdint>
#include <span>

#include "base/status.h"
#include "control/rule.h"

namespace vswitch {

Result<Transaction> decode_transaction(std::span<const uint8_t> buffer);

}  // namespace vswitch
