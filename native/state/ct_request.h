// What is asked of connection tracking for a packet, and what it says.
#pragma once

#include <cstdint>

#include "packet/ct_packet.h"
#include "state/ct_nat.h"

namespace vswitch {

// Bits of ct_state.
enum CtStateBit : uint8_t {
  kCtNew = 0x01,
  kCtEstablished = 0x02,
  kCtRelated = 0x04,
  kCtReply = 0x08,
  kCtInvalid = 0x10,
  kCtTracked = 0x20,
  kCtSourceNat = 0x40,
  kCtDestinationNat = 0x80,
};
inline constexpr uint8_t kCtTranslated = kCtSourceNat | kCtDestinationNat;

struct CtRequest {
  uint16_t zone = 0;
  bool commit = false;
  bool nat = false;
  uint32_t mark = 0, mark_mask = 0;
  uint8_t label[16] = {}, label_mask[16] = {};  // network byte order
  CtNat range;                                  // kind none: only what the connection has
};

// What is not ok is a packet to drop, under the reason of the same name.
enum class CtVerdict : uint8_t { ok, table_full, tenant_full, zone_full, rate_exceeded, nat_exhausted, fragment };

struct CtResult {
  CtVerdict verdict;
  uint8_t state;  // CtStateBit
  bool translate;
  uint32_t mark;
  CtTuple to;  // where translate: what the packet's endpoints become (an error's: the inner ones, turned like CtPacket::tuple)
};

}  // namespace vswitch
