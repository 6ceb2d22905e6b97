// What a switch is started with, from JavaScript (src/switch/native.ts, NativeStartOptions).
#pragma once

#include <napi.h>

#include "control/switch.h"

namespace vswitch {

// Throws a TypeError or RangeError that names what is wrong.
SwitchOptions start_options(const Napi::Object& js);
// Of its `cycleShares`.
CycleShares cycle_shares(const Napi::Object& js);

}  // namespace vswitch
