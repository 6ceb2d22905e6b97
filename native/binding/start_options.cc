#include "binding/start_options.h"

#include <algorithm>

#include "binding/arguments.h"

namespace vswitch {
namespace {

CtOptions conntrack_options(const Napi::Object& js) {
  CtOptions options;
  options.entries = number(js, "entries", 0, kMaxCtEntries);
  options.loose = flag(js, "loose");
  options.check_window = flag(js, "checkWindow");
  options.follow_fragments = flag(js, "followFragments");
  const auto timeouts = u32s(js, "timeoutsMs", kCtTimeouts);
  std::transform(timeouts.begin(), timeouts.end(), options.timeouts_ms.begin(), [&js](uint32_t ms) {
    if (ms < 1 || ms > kMaxCtTimeoutMs) throw Napi::RangeError::New(js.Env(), "timeoutsMs has one that is out of range");
    return ms;
  });
  const auto limits = u32s(js, "limits", size_t{kSlots} * 3);
  for (size_t slot = 0; slot < kSlots; ++slot)
    options.limits[slot] = {limits[slot * 3], limits[slot * 3 + 1], limits[slot * 3 + 2]};
  return options;
}

}  // namespace

CycleShares cycle_shares(const Napi::Object& js) {
  CycleShares shares;
  const auto numbers = u32s(js, "cycleShares", size_t{kSlots} * 3);
  if (std::ranges::any_of(numbers, [](uint32_t number) { return number > UINT16_MAX; }))
    throw Napi::RangeError::New(js.Env(), "cycleShares has one that is out of range");
  for (size_t slot = 0; slot < kSlots; ++slot) {
    const auto at = [&](size_t i) { return static_cast<uint16_t>(numbers[slot * 3 + i]); };
    shares[slot] = {at(0), at(1), at(2)};
  }
  return shares;
}

SwitchOptions start_options(const Napi::Object& js) {
  SwitchOptions options;
  options.eal_arguments = string_array(js, "ealArguments");
  options.worker_lcores = u32_array(js, "workerLcores");
  options.max_sleep_us = number(js, "maxSleepUs", 0, 999'999);
  options.mbufs = number(js, "mbufs", 31, 16'777'215);
  options.mbuf_data_bytes = static_cast<uint16_t>(number(js, "mbufDataBytes", 128, 16'384));
  options.capacity.rules = number(js, "maxRules", 1, 16'777'216);
  options.capacity.groups = number(js, "maxGroups", 0, 65'536);
  options.capacity.meters = number(js, "maxMeters", 0, 1'048'576);
  options.masks_per_table = number(js, "masksPerTable", 1, 65'535);
  options.table_bytes = size_t{number(js, "tableMib", 1, 65'536)} << 20;
  options.conntrack = conntrack_options(object(js, "conntrack"));
  options.shares = cycle_shares(js);
  return options;
}

}  // namespace vswitch
