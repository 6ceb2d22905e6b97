#include "binding/conntrack_object.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "binding/arguments.h"
#include "binding/promise_job.h"
#include "binding/switch_object.h"
#include "dpdk/clock.h"

namespace vswitch {
namespace {

constexpr uint32_t kMaxPage = 65'536;  // of connections that one answer lists

Error no_conntrack() { return error(ErrorCode::INVALID_ARGUMENT, "connection tracking has no entries"); }

Napi::Value address_of(Napi::Env env, const uint8_t* address, uint8_t family) {
  return Napi::Buffer<uint8_t>::Copy(env, address, family == 4 ? 4 : 16);
}

Napi::Value to_js(Napi::Env env, const CtConnection& connection) {
  const auto integer = [env](auto value) { return Napi::Number::New(env, static_cast<double>(value)); };
  const auto port = [env](uint16_t value) { return Napi::Number::New(env, rte_be_to_cpu_16(value)); };
  const CtTuple& original = connection.original;
  const CtTuple& reply = connection.reply;
  Napi::Object object = Napi::Object::New(env);
  object.Set("slot", integer(connection.slot));
  object.Set("zone", integer(connection.zone));
  object.Set("family", integer(original.family));
  object.Set("proto", integer(original.proto));
  object.Set("src", address_of(env, original.src, original.family));
  object.Set("dst", address_of(env, original.dst, original.family));
  object.Set("srcPort", port(original.src_port));
  object.Set("dstPort", port(original.dst_port));
  object.Set("replySrc", address_of(env, reply.src, reply.family));
  object.Set("replyDst", address_of(env, reply.dst, reply.family));
  object.Set("replySrcPort", port(reply.src_port));
  object.Set("replyDstPort", port(reply.dst_port));
  object.Set("state", integer(static_cast<uint32_t>(connection.state)));
  object.Set("mark", integer(connection.mark));
  object.Set("label", Napi::Buffer<uint8_t>::Copy(env, connection.label, sizeof connection.label));
  object.Set("timeoutMs", integer(connection.timeout_ms));
  return object;
}

Napi::Value count_to_js(Napi::Env env, uint32_t& count) { return Napi::Number::New(env, count); }

}  // namespace

CtFilter ct_filter_argument(const Napi::CallbackInfo& info, size_t index) {
  const Napi::Object js = object_argument(info, index, "filter");
  const auto has = [&js](const char* name) { return !js.Get(name).IsUndefined(); };
  CtFilter filter;
  if (has("slot")) filter.slot = static_cast<TenantSlot>(number(js, "slot", 0, kMaxTenant));
  if (has("zone")) filter.zone = static_cast<uint16_t>(number(js, "zone", 0, UINT16_MAX));
  if (has("proto")) filter.proto = static_cast<uint8_t>(number(js, "proto", 0, UINT8_MAX));
  if (has("family")) filter.family = static_cast<uint8_t>(number(js, "family", 4, 6));
  if (has("port")) filter.port = static_cast<uint16_t>(number(js, "port", 0, UINT16_MAX));
  if (!has("address")) return filter;
  const auto address = bytes(js, "address");
  if (address.size() != 4 && address.size() != 16) throw Napi::RangeError::New(info.Env(), "address must hold 4 or 16 bytes");
  filter.has_address = true;
  filter.address_family = address.size() == 4 ? 4 : 6;
  std::copy(address.begin(), address.end(), filter.address);
  return filter;
}

Napi::Value to_js(Napi::Env env, const CtPage& page) {
  Napi::Array connections = Napi::Array::New(env, page.connections.size());
  for (uint32_t i = 0; i < page.connections.size(); ++i) connections.Set(i, to_js(env, page.connections[i]));
  Napi::Object object = Napi::Object::New(env);
  object.Set("cursor", Napi::Number::New(env, page.cursor));
  object.Set("connections", connections);
  return object;
}

// Work for the control thread on the connections, where the switch has them.
template <typename T, typename Work>
std::function<Result<T>()> SwitchObject::on_conntrack(Work work) const {
  return [state = state_, work = std::move(work)]() -> Result<T> {
    if (!state->value) return closed();
    Conntrack* const conntrack = state->value->conntrack();
    if (conntrack == nullptr) return no_conntrack();
    return work(*conntrack);
  };
}

Napi::Value SwitchObject::ct_list(const Napi::CallbackInfo& info) {
  const CtFilter filter = ct_filter_argument(info, 0);
  const Napi::Object js = object_argument(info, 0, "filter");
  const uint32_t limit = number(js, "limit", 1, kMaxPage);
  const uint32_t cursor = number(js, "cursor", 0, UINT32_MAX);
  const auto work = [=](Conntrack& conntrack) -> Result<CtPage> { return conntrack.list(filter, limit, cursor, now()); };
  return run_job<CtPage>(info.Env(), state_->thread, on_conntrack<CtPage>(work),
                         [](Napi::Env env, CtPage& page) { return vswitch::to_js(env, page); });
}

Napi::Value SwitchObject::ct_count(const Napi::CallbackInfo& info) {
  const auto work = [filter = ct_filter_argument(info, 0)](Conntrack& conntrack) -> Result<uint32_t> {
    return conntrack.count(filter, now());
  };
  return run_job<uint32_t>(info.Env(), state_->thread, on_conntrack<uint32_t>(work), count_to_js);
}

Napi::Value SwitchObject::ct_flush(const Napi::CallbackInfo& info) {
  const auto work = [filter = ct_filter_argument(info, 0)](Conntrack& conntrack) -> Result<uint32_t> {
    return conntrack.flush(filter, now());
  };
  return run_job<uint32_t>(info.Env(), state_->thread, on_conntrack<uint32_t>(work), count_to_js);
}

Napi::Value SwitchObject::ct_snapshot(const Napi::CallbackInfo& info) {
  using Snapshot = std::vector<uint8_t>;
  const auto work = [](Conntrack& conntrack) -> Result<Snapshot> { return conntrack.snapshot(now()); };
  return run_job<Snapshot>(info.Env(), state_->thread, on_conntrack<Snapshot>(work), [](Napi::Env env, Snapshot& bytes) {
    return Napi::Buffer<uint8_t>::Copy(env, bytes.data(), bytes.size());
  });
}

Napi::Value SwitchObject::ct_restore(const Napi::CallbackInfo& info) {
  const auto given = bytes_argument(info, 0, "snapshot");
  const auto work = [bytes = std::vector<uint8_t>(given.begin(), given.end())](Conntrack& conntrack) -> Result<CtRestored> {
    return conntrack.restore(bytes, now());
  };
  return run_job<CtRestored>(info.Env(), state_->thread, on_conntrack<CtRestored>(work), [](Napi::Env env, CtRestored& done) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("restored", Napi::Number::New(env, done.restored));
    object.Set("skipped", Napi::Number::New(env, done.skipped));
    return object;
  });
}

Napi::Value SwitchObject::set_ct_zone_limit(const Napi::CallbackInfo& info) {
  const auto slot = static_cast<TenantSlot>(number_argument(info, 0, "slot", 0, kMaxTenant));
  const auto zone = static_cast<uint16_t>(number_argument(info, 1, "zone", 0, UINT16_MAX));
  const uint32_t entries = number_argument(info, 2, "entries", 0, UINT32_MAX);
  const uint32_t new_per_second = number_argument(info, 3, "newPerSecond", 0, UINT32_MAX);
  const auto work = [=](Conntrack& conntrack) -> Result<bool> {
    conntrack.set_zone_limit(slot, zone, entries, new_per_second);
    return true;
  };
  return run_job<bool>(info.Env(), state_->thread, on_conntrack<bool>(work),
                       [](Napi::Env env, bool&) { return env.Undefined(); });
}

void SwitchObject::read_ct_counters(const Napi::CallbackInfo& info) {
  constexpr size_t kWords = size_t{kSlots} * kCtCounters;
  const auto out = words_argument(info, 0, "out");
  if (out.size() < kWords) throw Napi::RangeError::New(info.Env(), "out holds too few counters");
  const Conntrack* const conntrack = readable(info.Env()).conntrack();
  if (conntrack != nullptr) {
    conntrack->read_counters(out.first<kWords>());
  } else {
    std::fill_n(out.begin(), kWords, 0);
  }
}

Napi::Value SwitchObject::ct_states(const Napi::CallbackInfo& info) {
  using Counts = std::vector<CtStateCounts>;
  const auto work = [state = state_]() -> Result<Counts> {
    if (!state->value) return closed();
    const Conntrack* const conntrack = state->value->conntrack();
    return conntrack != nullptr ? conntrack->count_states(now()) : Counts(kSlots);
  };
  return run_job<Counts>(info.Env(), state_->thread, work, [](Napi::Env env, Counts& counts) {
    Napi::Uint32Array words = Napi::Uint32Array::New(env, counts.size() * (kCtStates + 1));
    uint32_t* next = words.Data();
    for (const CtStateCounts& of_slot : counts) {
      next = std::copy(of_slot.states.begin(), of_slot.states.end(), next);
      *next++ = of_slot.mappings;
    }
    return words;
  });
}

Napi::Value SwitchObject::ct_usage(const Napi::CallbackInfo& info) {
  const auto work = [state = state_]() -> Result<CtUsage> {
    if (!state->value) return closed();
    const Conntrack* const conntrack = state->value->conntrack();
    return conntrack != nullptr ? conntrack->usage() : CtUsage{};
  };
  return run_job<CtUsage>(info.Env(), state_->thread, work, [](Napi::Env env, CtUsage& usage) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("entries", Napi::Number::New(env, usage.entries));
    object.Set("capacity", Napi::Number::New(env, usage.capacity));
    object.Set("memoryBytes", Napi::Number::New(env, static_cast<double>(usage.memory_bytes)));
    return object;
  });
}

}  // namespace vswitch
