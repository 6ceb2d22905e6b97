// Transactions that JavaScript hands over together, and what became of them (src/switch/native.ts: NativeApplied).
#pragma once

#include <napi.h>

#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "control/switch.h"

namespace vswitch {

// Decoded at once, since the buffers are JavaScript's and may change after the call. Throws a TypeError where they are none.
std::vector<Result<Transaction>> transactions_argument(const Napi::CallbackInfo& info, size_t index);

struct Applied {
  uint32_t count = 0;
  Generation generation = 0;  // of the last of them
  Status fault;               // of the next
};

// One after the other, each as a whole or not at all, up to the first that fails.
Applied apply_in_order(Switch& value, std::vector<Result<Transaction>> transactions);

Napi::Value to_js(Napi::Env env, const Applied& applied);

}  // namespace vswitch
