// Work for the control thread whose outcome settles a Promise: Node's thread never waits for a device.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/status.h"
#include "binding/errors.h"
#include "control/thread.h"

namespace vswitch {

// Runs `work` on the control thread, then `convert` on Node's, and resolves with what that returns. While the work is under way
// the process stays alive.
template <typename T>
Napi::Promise run_job(Napi::Env env, ControlThread& thread, std::function<Result<T>()> work,
                      std::function<Napi::Value(Napi::Env, T&)> convert) {
  struct Job {
    Napi::Promise::Deferred deferred;
    std::function<Result<T>()> work;
    std::function<Napi::Value(Napi::Env, T&)> convert;
    std::optional<Result<T>> result;
  };
  auto deferred = Napi::Promise::Deferred::New(env);
  auto job = std::make_shared<Job>(Job{deferred, std::move(work), std::move(convert), std::nullopt});
  auto settle = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "vswitch", 0, 1);
  thread.post([job, settle]() mutable {
    job->result.emplace(job->work());
    job->work = nullptr;
    const auto on_node = [job](Napi::Env node, Napi::Function) {
      const Napi::HandleScope scope(node);
      if (job->result->ok()) {
        job->deferred.Resolve(job->convert(node, job->result->value()));
      } else {
        job->deferred.Reject(to_js(node, job->result->error()).Value());
      }
    };
    settle.BlockingCall(on_node);
    settle.Release();
  });
  return deferred.Promise();
}

}  // namespace vswitch
