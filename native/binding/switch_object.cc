#include "binding/switch_object.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "binding/arguments.h"
#include "binding/port_object.h"
#include "binding/probe_object.h"
#include "binding/promise_job.h"
#include "binding/start_options.h"
#include "binding/transactions.h"
#include "dpdk/clock.h"

namespace vswitch {
namespace {

Napi::Value to_js(Napi::Env env, const std::vector<ParsedHeader>& headers) {
  Napi::Array array = Napi::Array::New(env, headers.size());
  for (uint32_t i = 0; i < headers.size(); ++i) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("port", Napi::Number::New(env, headers[i].port));
    object.Set("header", Napi::Number::New(env, headers[i].header));
    object.Set("rule", headers[i].rule == kNoRule ? env.Undefined() : Napi::Number::New(env, headers[i].rule));
    array.Set(i, object);
  }
  return array;
}

Napi::Value to_js(Napi::Env env, const std::vector<TableReport>& reports) {
  const auto common = [env](Napi::Object object, const auto& what) {
    object.Set("template", kTemplateNames[static_cast<size_t>(what.kind)]);
    object.Set("memoryBytes", Napi::Number::New(env, static_cast<double>(what.memory_bytes)));
    object.Set("maxProbes", Napi::Number::New(env, what.max_probes));
  };
  Napi::Array array = Napi::Array::New(env, reports.size());
  for (uint32_t i = 0; i < reports.size(); ++i) {
    const TableReport& report = reports[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("slot", Napi::Number::New(env, report.slot));
    object.Set("table", Napi::Number::New(env, report.table));
    common(object, report);
    Napi::Array parts = Napi::Array::New(env, report.parts.size());
    for (uint32_t j = 0; j < report.parts.size(); ++j) {
      Napi::Object part = Napi::Object::New(env);
      common(part, report.parts[j]);
      parts.Set(j, part);
    }
    object.Set("parts", parts);
    array.Set(i, object);
  }
  return array;
}

// Reads `words` counters of each of the numbers that the first argument lists into the second.
template <typename Read>
void read_by_number(const Napi::CallbackInfo& info, const Switch& value, size_t words, Read read) {
  const auto numbers = ids_argument(info, 0, "numbers");
  const auto out = words_argument(info, 1, "out");
  if (out.size() < numbers.size() * words) throw Napi::RangeError::New(info.Env(), "out holds too few counters");
  for (size_t i = 0; i < numbers.size(); ++i) read(value, numbers[i], &out[words * i]);
}

}  // namespace

Napi::Function SwitchObject::define(Napi::Env env) {
  return DefineClass(env, "Switch",
                     {InstanceMethod<&SwitchObject::start>("start"),
                      InstanceMethod<&SwitchObject::open_port>("openPort"),
                      InstanceMethod<&SwitchObject::close_port>("closePort"),
                      InstanceMethod<&SwitchObject::port_state>("portState"),
                      InstanceMethod<&SwitchObject::apply>("apply"),
                      InstanceMethod<&SwitchObject::read_counters>("readCounters"),
                      InstanceMethod<&SwitchObject::read_rule_counters>("readRuleCounters"),
                      InstanceMethod<&SwitchObject::read_group_counters>("readGroupCounters"),
                      InstanceMethod<&SwitchObject::read_meter_counters>("readMeterCounters"),
                      InstanceMethod<&SwitchObject::read_table_counters>("readTableCounters"),
                      InstanceMethod<&SwitchObject::probe>("probe"),
                      InstanceMethod<&SwitchObject::parser_plan>("parserPlan"),
                      InstanceMethod<&SwitchObject::table_reports>("tableReports"),
                      InstanceMethod<&SwitchObject::ct_list>("ctList"),
                      InstanceMethod<&SwitchObject::ct_count>("ctCount"),
                      InstanceMethod<&SwitchObject::ct_flush>("ctFlush"),
                      InstanceMethod<&SwitchObject::ct_snapshot>("ctSnapshot"),
                      InstanceMethod<&SwitchObject::ct_restore>("ctRestore"),
                      InstanceMethod<&SwitchObject::set_ct_zone_limit>("setCtZoneLimit"),
                      InstanceMethod<&SwitchObject::read_ct_counters>("readCtCounters"),
                      InstanceMethod<&SwitchObject::ct_states>("ctStates"),
                      InstanceMethod<&SwitchObject::ct_usage>("ctUsage"),
                      InstanceMethod<&SwitchObject::open_punt>("openPunt"),
                      InstanceMethod<&SwitchObject::close_punt>("closePunt"),
                      InstanceMethod<&SwitchObject::read_punt_counters>("readPuntCounters"),
                      InstanceMethod<&SwitchObject::refresh_links>("refreshLinks"),
                      InstanceMethod<&SwitchObject::set_shares>("setShares"),
                      InstanceMethod<&SwitchObject::close>("close"),
                      InstanceMethod<&SwitchObject::close_sync>("closeSync")});
}

SwitchObject::SwitchObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<SwitchObject>(info), state_(std::make_shared<State>()) {}

SwitchObject::~SwitchObject() {
  state_->thread.run([this] { shut_down(*state_); });
}

Error SwitchObject::closed() { return error(ErrorCode::CLOSED, "the switch is not started or is closed"); }

void SwitchObject::shut_down(State& state) {
  state.closed = true;
  state.value.reset();
}

Napi::Value SwitchObject::start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  SwitchOptions options = start_options(object_argument(info, 0, "options"));

  const auto work = [state = state_, options = std::move(options)]() -> Result<bool> {
    if (state->closed) return closed();
    if (state->value) return error(ErrorCode::ALREADY_STARTED, "the switch is started");
    auto started = Switch::start(options);
    if (!started.ok()) return started.error();
    state->value = std::move(started.value());
    state->readable.store(state->value.get(), std::memory_order_release);
    return state->value->has_hugepages();
  };
  return run_job<bool>(env, state_->thread, work, [](Napi::Env node, bool& hugepages) {
    Napi::Object result = Napi::Object::New(node);
    result.Set("tscHz", Napi::BigInt::New(node, cycles_per_second()));
    result.Set("hugepages", Napi::Boolean::New(node, hugepages));
    return result;
  });
}

const Switch& SwitchObject::readable(Napi::Env env) const {
  const Switch* value = closing_ ? nullptr : state_->readable.load(std::memory_order_acquire);
  if (value == nullptr) throw vswitch::to_js(env, closed());
  return *value;
}

Napi::Value SwitchObject::open_port(const Napi::CallbackInfo& info) {
  const Napi::Object js = object_argument(info, 0, "spec");
  PortSpec spec;
  spec.number = static_cast<PortNumber>(number(js, "number", 1, kMaxPort));
  spec.slot = static_cast<TenantSlot>(number(js, "slot", 0, kMaxTenant));
  spec.name = string(js, "name");
  spec.devargs = string(js, "devargs");
  spec.mac = string(js, "mac");
  spec.mtu = static_cast<uint16_t>(number(js, "mtu", 0, UINT16_MAX));
  spec.rx_queues = static_cast<uint16_t>(number(js, "rxQueues", 1, kMaxQueues));
  spec.rx_descriptors = static_cast<uint16_t>(number(js, "rxDescriptors", 1, UINT16_MAX));
  spec.tx_descriptors = static_cast<uint16_t>(number(js, "txDescriptors", 1, UINT16_MAX));
  spec.gateways = gateways(js);
  spec.replies_per_second = number(js, "repliesPerSecond", 0, UINT32_MAX);
  const auto work = [state = state_, spec = std::move(spec)]() -> Result<PortInfo> {
    if (!state->value) return closed();
    return state->value->open_port(spec);
  };
  return run_job<PortInfo>(info.Env(), state_->thread, work, [](Napi::Env env, PortInfo& report) { return to_js(env, report); });
}

Napi::Value SwitchObject::close_port(const Napi::CallbackInfo& info) {
  const auto port = static_cast<PortNumber>(number_argument(info, 0, "number", 1, kMaxPort));
  const auto work = [state = state_, port]() -> Result<bool> {
    if (!state->value) return closed();
    if (Status failure = state->value->close_port(port)) return *failure;
    return true;
  };
  return run_job<bool>(info.Env(), state_->thread, work, [](Napi::Env env, bool&) { return env.Undefined(); });
}

Napi::Value SwitchObject::port_state(const Napi::CallbackInfo& info) {
  const auto port = static_cast<PortNumber>(number_argument(info, 0, "number", 1, kMaxPort));
  const auto work = [state = state_, port]() -> Result<PortState> {
    if (!state->value) return closed();
    return state->value->port_state(port);
  };
  return run_job<PortState>(info.Env(), state_->thread, work,
                            [](Napi::Env env, PortState& report) { return to_js(env, report); });
}

Napi::Value SwitchObject::apply(const Napi::CallbackInfo& info) {
  const auto work = [state = state_, transactions = transactions_argument(info, 0)]() mutable -> Result<Applied> {
    if (!state->value) return closed();
    return apply_in_order(*state->value, std::move(transactions));
  };
  return run_job<Applied>(info.Env(), state_->thread, work,
                          [](Napi::Env env, Applied& applied) { return vswitch::to_js(env, applied); });
}

void SwitchObject::read_counters(const Napi::CallbackInfo& info) {
  const auto out = words_argument(info, 0, "out");
  const Switch& value = readable(info.Env());
  if (out.size() < value.counter_words()) throw Napi::RangeError::New(info.Env(), "out holds too few counters");
  value.read_counters(out);
}

void SwitchObject::read_rule_counters(const Napi::CallbackInfo& info) {
  read_by_number(info, readable(info.Env()), 2, [](const Switch& value, uint32_t id, uint64_t* out) {
    std::tie(out[0], out[1]) = value.read_rule_counters(id);
  });
}

void SwitchObject::read_group_counters(const Napi::CallbackInfo& info) {
  read_by_number(info, readable(info.Env()), 2, [](const Switch& value, uint32_t number, uint64_t* out) {
    std::tie(out[0], out[1]) = value.read_group_counters(number);
  });
}

void SwitchObject::read_meter_counters(const Napi::CallbackInfo& info) {
  read_by_number(info, readable(info.Env()), kMeterCounters, [](const Switch& value, uint32_t number, uint64_t* out) {
    const auto counters = value.read_meter_counters(number);
    std::copy(counters.begin(), counters.end(), out);
  });
}

void SwitchObject::read_table_counters(const Napi::CallbackInfo& info) {
  const auto out = words_argument(info, 0, "out");
  if (out.size() < Switch::kTableWords) throw Napi::RangeError::New(info.Env(), "out holds too few counters");
  readable(info.Env()).read_table_counters(out.first<Switch::kTableWords>());
}

Napi::Value SwitchObject::probe(const Napi::CallbackInfo& info) {
  const bool detail = flag_argument(info, 1, "detail");
  const auto work = [state = state_, packets = probe_packets(info, 0), detail]() -> Result<std::vector<ProbeResult>> {
    if (!state->value) return closed();
    return state->value->probe(packets, detail);
  };
  return run_job<std::vector<ProbeResult>>(
      info.Env(), state_->thread, work,
      [detail](Napi::Env env, std::vector<ProbeResult>& results) { return vswitch::to_js(env, results, detail); });
}

Napi::Value SwitchObject::parser_plan(const Napi::CallbackInfo& info) {
  const auto work = [state = state_]() -> Result<std::vector<ParsedHeader>> {
    if (!state->value) return closed();
    return state->value->parser_plan();
  };
  return run_job<std::vector<ParsedHeader>>(
      info.Env(), state_->thread, work, [](Napi::Env env, std::vector<ParsedHeader>& headers) { return to_js(env, headers); });
}

Napi::Value SwitchObject::table_reports(const Napi::CallbackInfo& info) {
  const auto work = [state = state_]() -> Result<std::vector<TableReport>> {
    if (!state->value) return closed();
    return state->value->table_reports();
  };
  return run_job<std::vector<TableReport>>(info.Env(), state_->thread, work,
                                           [](Napi::Env env, std::vector<TableReport>& reports) { return to_js(env, reports); });
}

Napi::Value SwitchObject::refresh_links(const Napi::CallbackInfo& info) {
  const auto work = [state = state_]() -> Result<bool> {
    if (!state->value) return closed();
    state->value->refresh_links();
    return true;
  };
  return run_job<bool>(info.Env(), state_->thread, work, [](Napi::Env env, bool&) { return env.Undefined(); });
}

Napi::Value SwitchObject::set_shares(const Napi::CallbackInfo& info) {
  const auto work = [state = state_, shares = cycle_shares(object_argument(info, 0, "options"))]() -> Result<bool> {
    if (!state->value) return closed();
    state->value->set_shares(shares);
    return true;
  };
  return run_job<bool>(info.Env(), state_->thread, work, [](Napi::Env env, bool&) { return env.Undefined(); });
}

Napi::Value SwitchObject::close(const Napi::CallbackInfo& info) {
  closing_ = true;
  const auto work = [state = state_]() -> Result<bool> {
    shut_down(*state);
    return true;
  };
  return run_job<bool>(info.Env(), state_->thread, work, [](Napi::Env env, bool&) { return env.Undefined(); });
}

void SwitchObject::close_sync(const Napi::CallbackInfo&) {
  closing_ = true;
  state_->thread.run([this] { shut_down(*state_); });
}

}  // namespace vswitch
