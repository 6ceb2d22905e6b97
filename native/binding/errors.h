// A native Error as a JavaScript Error with `code`, `step`, `errno` and `log` (src/switch/native.ts: NativeError).
#pragma once

#include <napi.h>

#include "base/status.h"

namespace vswitch {

Napi::Error to_js(Napi::Env env, const Error& failure);

}  // namespace vswitch
