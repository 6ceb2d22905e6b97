// What the pipeline is measured with: rules, and packets that they match.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/rule_store.h"
#include "packet/ct_packet.h"
#include "support/hex.h"

namespace vswitch::bench {

inline constexpr uint32_t kBursts = 32;  // of a round
inline constexpr uint32_t kFlows = kBursts * kBurst;
inline constexpr PortNumber kSource = 1;
inline constexpr PortNumber kSink = 2;

// What a scenario installs, and which packets it gets.
struct Work {
  Transaction transaction;
  std::vector<test::Bytes> packets;
  TenantSlot slot = 1;                // of the source
  std::vector<CtPacket> connections;  // are tracked and committed before
};

extern const std::map<std::string, std::function<Work()>> kScenarios;

}  // namespace vswitch::bench
