// The verbs of the way to tenants' plugins.
#include <algorithm>

#include "binding/arguments.h"
#include "binding/promise_job.h"
#include "binding/switch_object.h"

namespace vswitch {

Napi::Value SwitchObject::open_punt(const Napi::CallbackInfo& info) {
  const Napi::Object js = object_argument(info, 0, "options");
  PuntOptions options;
  options.slot = static_cast<TenantSlot>(number(js, "slot", 1, kMaxTenant));
  options.queue_bytes = number(js, "queueBytes", 1, 1u << 30);
  options.packets_per_second = number(js, "packetsPerSecond", 0, UINT32_MAX);
  const auto work = [state = state_, options]() -> Result<int> {
    if (!state->value) return closed();
    return state->value->open_punt(options);
  };
  return run_job<int>(info.Env(), state_->thread, work,
                      [](Napi::Env env, int& socket) { return Napi::Number::New(env, socket); });
}

Napi::Value SwitchObject::close_punt(const Napi::CallbackInfo& info) {
  const auto slot = static_cast<TenantSlot>(number_argument(info, 0, "slot", 1, kMaxTenant));
  const auto work = [state = state_, slot]() -> Result<bool> {
    if (!state->value) return closed();
    if (Status failure = state->value->close_punt(slot)) return *failure;
    return true;
  };
  return run_job<bool>(info.Env(), state_->thread, work, [](Napi::Env env, bool&) { return env.Undefined(); });
}

void SwitchObject::read_punt_counters(const Napi::CallbackInfo& info) {
  const auto slot = static_cast<TenantSlot>(number_argument(info, 0, "slot", 1, kMaxTenant));
  const auto out = words_argument(info, 1, "out");
  if (out.size() < kPuntCounters) throw Napi::RangeError::New(info.Env(), "out holds too few counters");
  const auto counters = readable(info.Env()).read_punt_counters(slot);
  std::copy(counters.begin(), counters.end(), out.begin());
}

}  // namespace vswitch
