// The lists that both sides keep; src/switch/handshake.ts compares them with its own when the addon is loaded.
#pragma once

#include <napi.h>

namespace vswitch {

Napi::Object describe(Napi::Env env);

}  // namespace vswitch
