#include "binding/errors.h"

namespace vswitch {
namespace {

const char* name_of(ErrorCode code) {
  switch (code) {
#define X(name)         \
  case ErrorCode::name: \
    return #name;
    VSWITCH_ERRORS(X)
#undef X
  }
  return "";
}

}  // namespace

Napi::Error to_js(Napi::Env env, const Error& failure) {
  Napi::Error js = Napi::Error::New(env, failure.message);
  js.Set("code", Napi::String::New(env, name_of(failure.code)));
  js.Set("step", Napi::String::New(env, failure.step));
  js.Set("errno", Napi::Number::New(env, failure.system_errno));
  js.Set("log", Napi::String::New(env, failure.log));
  return js;
}

}  // namespace vswitch
