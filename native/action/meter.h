// meter: measures packets by a token-bucket algorithm, and drops or re-marks those that are over a rate (OpenFlow 1.3.5,
// section 5.7).
#pragma once

#include <rte_meter.h>

#include <atomic>
#include <memory>
#include <vector>

#include "action/action.h"

namespace vswitch {

enum class MeterKind : uint8_t { srtcm, trtcm, trtcm_rfc4115 };
enum class MeterVerdict : uint8_t { pass, drop, dscp_remark };

struct MeterSpec {
  uint32_t number = 0;
  MeterKind kind = MeterKind::srtcm;
  bool packets = false;  // rates and bursts count packets, not bytes
  MeterVerdict yellow = MeterVerdict::pass;
  uint8_t yellow_dscp = 0;
  MeterVerdict red = MeterVerdict::drop;
  uint8_t red_dscp = 0;
  uint64_t cir = 0;  // a second
  uint64_t cbs = 0;
  uint64_t second_rate = 0;
  uint64_t second_burst = 0;
};

// A meter's buckets. Workers share them: whoever finds them taken tries a bounded number of times, and lets the packets pass
// unmeasured if that was not enough, since a worker waits for nobody.
class Meter {
 public:
  // Fails with BAD_TRANSACTION where rte_meter does not take the parameters.
  static Result<std::shared_ptr<Meter>> make(const MeterSpec& spec);

  [[nodiscard]] HeaderSet headers() const noexcept;
  // Measures the packets in their order; keeps those that may go on.
  void measure(const ActionContext& context, MeterCounters& counters, Selection& packets) noexcept;

 private:
  explicit Meter(const MeterSpec& spec) : spec_(spec) {}
  Status configure();
  bool take() noexcept;
  rte_color colour(uint64_t time, uint32_t length) noexcept;

  const MeterSpec spec_;
  std::atomic_flag taken_;
  union Profile {
    rte_meter_srtcm_profile srtcm;
    rte_meter_trtcm_profile trtcm;
    rte_meter_trtcm_rfc4115_profile rfc4115;
  } profile_ = {};
  union State {
    rte_meter_srtcm srtcm;
    rte_meter_trtcm trtcm;
    rte_meter_trtcm_rfc4115 rfc4115;
  } state_ = {};
};

// All meters, by number; what rules name is there.
class MeterTable {
 public:
  std::vector<std::shared_ptr<Meter>> meters;

  [[nodiscard]] Meter* find(uint32_t number) const noexcept { return number < meters.size() ? meters[number].get() : nullptr; }
};

struct ThroughMeter {
  static constexpr bool kRewrites = true;                // the DSCP
  static HeaderSet headers(const Action&) { return 0; }  // MeterTable knows
  static Status check(const Action& action);
  static void append(const Action& action, std::vector<Op>& ops);
  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
