// Makes connections of what a snapshot says, of which nothing is believed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dpdk/clock.h"
#include "packet/ct_packet.h"
#include "state/ct_record.h"
#include "state/ct_worker.h"

namespace vswitch {

struct CtShared;

inline constexpr uint32_t kCtSavedMagic = 0x7463766d;  // "mvct"
inline constexpr uint16_t kCtSavedVersion = 1;
inline constexpr uint32_t kCtSavedShift = 8;  // from a connection's word to the flags
inline constexpr uint16_t kCtSavedFlags = 0xff;
static_assert(kCtSeenReply >> kCtSavedShift == 1 && kCtUsesMapping >> kCtSavedShift == 0x80);

struct CtSavedHeader {
  uint32_t magic;
  uint16_t version, record_bytes;
  uint32_t count, checksum;
};

struct CtSavedEnds {
  uint8_t src[16], dst[16];
  uint16_t src_port, dst_port;
};

struct CtSavedSide {
  uint32_t end, limit, max_window, scale;
};

struct CtSaved {
  uint8_t slot, family, proto, state;
  uint16_t zone, flags;
  uint32_t mark, timeout_ms;
  uint8_t label[16];
  CtSavedEnds ends[2];
  CtSavedSide side[2];
};
static_assert(sizeof(CtSaved) == 136);

// CRC-32C of records.
[[nodiscard]] uint32_t snapshot_checksum(const uint8_t* records, size_t bytes);

class CtRestorer {
 public:
  CtRestorer(CtShared& shared, Cycles now);
  bool restore(const CtSaved& saved);

 private:
  // Whether such a connection can be.
  [[nodiscard]] static bool is_sound(const CtSaved& saved);
  bool admit(TenantSlot slot, uint16_t zone, bool half_open);
  void dismiss(TenantSlot slot, uint16_t zone, bool half_open);
  bool join(uint32_t record, TenantSlot slot, uint16_t zone, const CtTuple& from, const CtTuple& to);
  void fill(uint32_t record, const CtSaved& saved, uint64_t word);

  CtShared& shared_;
  ConntrackWorker& self_;
  uint32_t tick_;
};

}  // namespace vswitch
