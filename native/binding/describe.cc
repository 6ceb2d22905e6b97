#include "binding/describe.h"

#include <rte_version.h>

#include <initializer_list>
#include <string>

#include "action/action.h"
#include "base/limits.h"
#include "base/status.h"
#include "meter/counters.h"
#include "packet/fields.h"
#include "packet/headers.h"
#include "state/ct_limits.h"

namespace vswitch {
namespace {

constexpr uint32_t kAbi = 3;  // src/switch/handshake.ts: abiVersion

using Names = std::initializer_list<const char*>;

uint32_t append(Napi::Array array, uint32_t at, Names names, const std::string& prefix = "") {
  for (const char* name : names) array.Set(at++, prefix + name);
  return at;
}

#define X(name, ...) #name,

constexpr Names kErrors = {VSWITCH_ERRORS(X)};
constexpr Names kActions = {VSWITCH_ACTIONS(X)};
constexpr Names kDropReasonNames = {VSWITCH_DROP_REASONS(X)};
constexpr Names kStageNames = {VSWITCH_STAGES(X)};
constexpr Names kTraffic = {VSWITCH_TRAFFIC_COUNTERS(X)};
constexpr Names kWorker = {VSWITCH_WORKER_COUNTERS(X)};
constexpr Names kMeterNames = {VSWITCH_METER_COUNTERS(X)};
constexpr Names kTableNames = {VSWITCH_TABLE_COUNTERS(X)};
constexpr Names kPuntNames = {VSWITCH_PUNT_COUNTERS(X)};
constexpr Names kHeaderNames = {VSWITCH_HEADERS(X)};
constexpr Names kTimeouts = {VSWITCH_CT_TIMEOUTS(X)};
constexpr Names kCtCounterList = {VSWITCH_CT_COUNTERS(X)};
constexpr Names kCtStateList = {VSWITCH_CT_STATES(X)};
#undef X

Napi::Array list(Napi::Env env, Names names) {
  Napi::Array array = Napi::Array::New(env);
  append(array, 0, names);
  return array;
}

Napi::Array fields(Napi::Env env) {
  Napi::Array array = Napi::Array::New(env);
  uint32_t at = 0;
  for (const FieldSpec& spec : kFields) {
    Napi::Object field = Napi::Object::New(env);
    field.Set("name", std::string(spec.name));
    field.Set("bits", Napi::Number::New(env, spec.bits));
    array.Set(at++, field);
  }
  return array;
}

Napi::Array tenant_counters(Napi::Env env) {
  Napi::Array array = Napi::Array::New(env);
  uint32_t at = append(array, 0, kTraffic);
  at = append(array, at, kStageNames, "cycles_");
  append(array, at, kDropReasonNames, "drop_");
  return array;
}

}  // namespace

Napi::Object describe(Napi::Env env) {
  Napi::Object limits = Napi::Object::New(env);
  limits.Set("ports", Napi::Number::New(env, kMaxPort));
  limits.Set("tenants", Napi::Number::New(env, kMaxTenant));
  limits.Set("tables", Napi::Number::New(env, kMaxTables));
  Napi::Object description = Napi::Object::New(env);
  description.Set("version", VSWITCH_VERSION);
  description.Set("dpdk", rte_version());
  description.Set("abi", Napi::Number::New(env, kAbi));
  description.Set("fields", fields(env));
  description.Set("actions", list(env, kActions));
  description.Set("dropReasons", list(env, kDropReasonNames));
  description.Set("stages", list(env, kStageNames));
  description.Set("workerCounters", list(env, kWorker));
  description.Set("tenantCounters", tenant_counters(env));
  description.Set("portCounters", list(env, kTraffic));
  description.Set("meterCounters", list(env, kMeterNames));
  description.Set("tableCounters", list(env, kTableNames));
  description.Set("puntCounters", list(env, kPuntNames));
  description.Set("headers", list(env, kHeaderNames));
  description.Set("ctTimeouts", list(env, kTimeouts));
  description.Set("ctCounters", list(env, kCtCounterList));
  description.Set("ctStates", list(env, kCtStateList));
  description.Set("errors", list(env, kErrors));
  description.Set("limits", limits);
  return description;
}

}  // namespace vswitch
