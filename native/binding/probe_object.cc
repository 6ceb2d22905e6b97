#include "binding/probe_object.h"

#include <algorithm>

#include "binding/arguments.h"
#include "packet/fields.h"

namespace vswitch {
namespace {

Napi::Value to_js(Napi::Env env, const std::vector<uint8_t>& bytes) {
  return Napi::Buffer<uint8_t>::Copy(env, bytes.data(), bytes.size());
}

// Two words for each field in the order of kFields, the low one first.
Napi::Value to_js(Napi::Env env, const FlowKey& key) {
  Napi::BigUint64Array words = Napi::BigUint64Array::New(env, kFields.size() * 2);
  size_t at = 0;
  for (const FieldSpec& field : kFields) {
    const Value128 value = value_of(field, key);
    words[at++] = static_cast<uint64_t>(value);
    words[at++] = static_cast<uint64_t>(value >> 64);
  }
  return words;
}

Napi::Value to_js(Napi::Env env, const ProbeStep& step, bool detail) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("table", Napi::Number::New(env, step.table));
  object.Set("rule", step.rule == kNoRule ? env.Undefined() : Napi::Number::New(env, step.rule));
  if (!detail) return object;
  object.Set("fields", to_js(env, step.key));
  object.Set("bytes", to_js(env, step.bytes));
  return object;
}

Napi::Value to_js(Napi::Env env, const ProbeResult& result, bool detail) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("slot", Napi::Number::New(env, result.slot));
  Napi::Array out = Napi::Array::New(env, result.out.size());
  for (uint32_t i = 0; i < result.out.size(); ++i) {
    Napi::Object output = Napi::Object::New(env);
    output.Set("port", Napi::Number::New(env, result.out[i].port));
    output.Set("bytes", to_js(env, result.out[i].bytes));
    out.Set(i, output);
  }
  object.Set("out", out);
  Napi::Array steps = Napi::Array::New(env, result.steps.size());
  for (uint32_t i = 0; i < result.steps.size(); ++i) steps.Set(i, to_js(env, result.steps[i], detail));
  object.Set("steps", steps);
  Napi::Array punted = Napi::Array::New(env, result.punted.size());
  for (uint32_t i = 0; i < result.punted.size(); ++i) punted.Set(i, Napi::Number::New(env, result.punted[i]));
  object.Set("punted", punted);
  Napi::Array drops = Napi::Array::New(env, result.drops.size());
  for (uint32_t i = 0; i < result.drops.size(); ++i) drops.Set(i, Napi::Number::New(env, static_cast<uint32_t>(result.drops[i])));
  object.Set("drops", drops);
  Napi::BigUint64Array cycles = Napi::BigUint64Array::New(env, result.cycles.size());
  for (size_t i = 0; i < result.cycles.size(); ++i) cycles[i] = result.cycles[i];
  object.Set("cycles", cycles);
  return object;
}

}  // namespace

std::vector<ProbePacket> probe_packets(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsArray()) throw Napi::TypeError::New(info.Env(), "packets is not an array");
  const auto array = info[index].As<Napi::Array>();
  std::vector<ProbePacket> packets;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value entry = array.Get(i);
    if (!entry.IsObject()) throw Napi::TypeError::New(info.Env(), "packets[" + std::to_string(i) + "] is not an object");
    const auto object = entry.As<Napi::Object>();
    const auto in_port = static_cast<PortNumber>(number(object, "inPort", 1, kMaxPort));
    const auto data = bytes(object, "bytes");
    packets.push_back({in_port, {data.begin(), data.end()}});
  }
  return packets;
}

Napi::Value to_js(Napi::Env env, const std::vector<ProbeResult>& results, bool detail) {
  Napi::Array array = Napi::Array::New(env, results.size());
  for (uint32_t i = 0; i < results.size(); ++i) array.Set(i, to_js(env, results[i], detail));
  return array;
}

}  // namespace vswitch
