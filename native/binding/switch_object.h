// The switch as a JavaScript object: the verbs of src/switch/native.ts, NativeSwitch.
#pragma once

#include <napi.h>

#include <atomic>
#include <functional>
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
  // Shared with the jobs that are under way.
  struct State {
    ControlThread thread;
    // The control thread's.
    std::unique_ptr<Switch> value;
    bool closed = false;
    // Written by the control thread; for reading counters without waiting for it. Node's thread reads it until it asks to close.
    std::atomic<const Switch*> readable{nullptr};
  };

  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value open_port(const Napi::CallbackInfo& info);
  Napi::Value close_port(const Napi::CallbackInfo& info);
  Napi::Value port_state(const Napi::CallbackInfo& info);
  Napi::Value apply(const Napi::CallbackInfo& info);
  void read_counters(const Napi::CallbackInfo& info);
  void read_rule_counters(const Napi::CallbackInfo& info);
  void read_group_counters(const Napi::CallbackInfo& info);
  void read_meter_counters(const Napi::CallbackInfo& info);
  void read_table_counters(const Napi::CallbackInfo& info);
  Napi::Value probe(const Napi::CallbackInfo& info);
  Napi::Value parser_plan(const Napi::CallbackInfo& info);
  Napi::Value table_reports(const Napi::CallbackInfo& info);
  // In conntrack_object.cc.
  Napi::Value ct_list(const Napi::CallbackInfo& info);
  Napi::Value ct_count(const Napi::CallbackInfo& info);
  Napi::Value ct_flush(const Napi::CallbackInfo& info);
  Napi::Value ct_snapshot(const Napi::CallbackInfo& info);
  Napi::Value ct_restore(const Napi::CallbackInfo& info);
  Napi::Value set_ct_zone_limit(const Napi::CallbackInfo& info);
  void read_ct_counters(const Napi::CallbackInfo& info);
  Napi::Value ct_states(const Napi::CallbackInfo& info);
  Napi::Value ct_usage(const Napi::CallbackInfo& info);
  // In punt_object.cc.
  Napi::Value open_punt(const Napi::CallbackInfo& info);
  Napi::Value close_punt(const Napi::CallbackInfo& info);
  void read_punt_counters(const Napi::CallbackInfo& info);
  Napi::Value refresh_links(const Napi::CallbackInfo& info);
  Napi::Value set_shares(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  void close_sync(const Napi::CallbackInfo& info);

  static void shut_down(State& state);
  static Error closed();
  template <typename T, typename Work>
  std::function<Result<T>()> on_conntrack(Work work) const;

  // Throws CLOSED before the start and after the close.
  const Switch& readable(Napi::Env env) const;

  std::shared_ptr<State> state_;
  bool closing_ = false;
};

}  // namespace vswitch
