// What is told of a port (src/switch/native.ts, NativePortInfo and NativePortState).
#pragma once

#include <napi.h>

#include "port/spec.h"

namespace vswitch {

// Of a port's spec; throws a RangeError where they are none.
std::vector<Gateway> gateways(const Napi::Object& spec);

Napi::Value to_js(Napi::Env env, PortInfo& info);
Napi::Value to_js(Napi::Env env, PortState& state);

}  // namespace vswitch
