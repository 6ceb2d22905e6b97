// The switch as a JavaScript object: the verbs of src/switch/native.ts, NativeSwitch.
#pragma once

#include <napi.h>

#include <memory>

#include "control/switch.h"
#include "control/thread.h"

namespace vswitch {

class SwitchObject : public Napi::ObjectWrap<SwitchObject> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit SwitchObject(const Napi::CallbackInfo& info);
  ~SwitchObject() override;

 private:
  // Shared with the jobs that are under way; `value` belongs to the control thread.
  struct State {
    ControlThread thread;
    std::unique_ptr<Switch> value;
    bool closed = false;
  };

  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value open_port(const Napi::CallbackInfo& info);
  Napi::Value close_port(const Napi::CallbackInfo& info);
  Napi::Value port_state(const Napi::CallbackInfo& info);
  Napi::Value apply(const Napi::CallbackInfo& info);
  void read_counters(const Napi::CallbackInfo& info);
  void read_rule_counters(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  void close_sync(const Napi::CallbackInfo& info);

  static void shut_down(State& state);

  std::shared_ptr<State> state_;
  // For reading counters without waiting for the control thread; set by Node's thread once started, cleared before closing.
  const Switch* readable_ = nullptr;
};

}  // namespace vswitch
