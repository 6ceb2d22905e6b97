// Connections, and what is asked about them, as JavaScript has them (src/switch/native.ts).
#pragma once

#include <napi.h>

#include "state/conntrack.h"

namespace vswitch {

// Throws a TypeError or RangeError that names what is wrong.
CtFilter ct_filter_argument(const Napi::CallbackInfo& info, size_t index);

Napi::Value to_js(Napi::Env env, const CtPage& page);

}  // namespace vswitch
