// The addon's exports; src/switch/native.ts describes them.
#include <napi.h>

#include "binding/describe.h"
#include "binding/switch_object.h"
#include "dpdk/log_capture.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  vswitch::LogCapture::install(false);
  exports.Set("describe", Napi::Function::New(env, [](const Napi::CallbackInfo& info) { return vswitch::describe(info.Env()); }));
  auto constructor = std::make_shared<Napi::FunctionReference>(Napi::Persistent(vswitch::SwitchObject::define(env)));
  exports.Set("createSwitch",
              Napi::Function::New(env, [constructor](const Napi::CallbackInfo&) { return constructor->New({}); }));
  return exports;
}

}  // namespace

NODE_API_MODULE(vswitch, init)
