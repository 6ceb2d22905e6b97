// Packets to probe with, and what came of them, as JavaScript has them (src/switch/native.ts).
#pragma once

#include <napi.h>

#include <vector>

#include "control/probe.h"

namespace vswitch {

// Throws a TypeError that names the packet.
std::vector<ProbePacket> probe_packets(const Napi::CallbackInfo& info, size_t index);

// `detail`: with what each table was asked.
Napi::Value to_js(Napi::Env env, const std::vector<ProbeResult>& results, bool detail);

}  // namespace vswitch
