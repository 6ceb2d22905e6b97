#include "binding/port_object.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "binding/arguments.h"

namespace vswitch {

std::vector<Gateway> gateways(const Napi::Object& spec) {
  static_assert(sizeof(Gateway) == 18, "as src/switch/native.ts has it");
  const std::span<const uint8_t> raw = bytes(spec, "gateways");
  std::vector<Gateway> found(raw.size() / sizeof(Gateway));
  if (!found.empty()) memcpy(found.data(), raw.data(), found.size() * sizeof(Gateway));
  const bool is_whole = raw.size() % sizeof(Gateway) == 0;
  const bool are_gateways = std::all_of(found.begin(), found.end(), [](const Gateway& gateway) {
    return (gateway.family == 4 && gateway.length <= 32) || (gateway.family == 6 && gateway.length <= 128);
  });
  if (!is_whole || !are_gateways) throw Napi::RangeError::New(spec.Env(), "gateways are no gateways");
  return found;
}

Napi::Value to_js(Napi::Env env, PortInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("driver", info.driver);
  object.Set("mac", info.mac);
  object.Set("mtu", Napi::Number::New(env, info.mtu));
  object.Set("rxQueues", Napi::Number::New(env, info.rx_queues));
  object.Set("txQueues", Napi::Number::New(env, info.tx_queues));
  object.Set("rxOffloads", strings(env, info.rx_offloads));
  object.Set("txOffloads", strings(env, info.tx_offloads));
  return object;
}

Napi::Value to_js(Napi::Env env, PortState& state) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("linkUp", Napi::Boolean::New(env, state.link_up));
  object.Set("speedMbps", Napi::Number::New(env, state.speed_mbps));
  object.Set("fullDuplex", Napi::Boolean::New(env, state.full_duplex));
  object.Set("rxMissed", Napi::BigInt::New(env, state.rx_missed));
  object.Set("rxErrors", Napi::BigInt::New(env, state.rx_errors));
  object.Set("rxNoMbuf", Napi::BigInt::New(env, state.rx_no_mbuf));
  object.Set("txErrors", Napi::BigInt::New(env, state.tx_errors));
  Napi::BigUint64Array queues = Napi::BigUint64Array::New(env, state.queues.size() * 4);
  size_t at = 0;
  for (const QueueCounters& queue : state.queues) {
    for (const uint64_t count : {queue.rx_packets, queue.rx_bytes, queue.tx_packets, queue.tx_bytes}) queues[at++] = count;
  }
  object.Set("queues", queues);
  return object;
}

}  // namespace vswitch
