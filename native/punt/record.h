// How packets lie in the stream between the switch and a tenant's plugins: records one after the other, each a header of 16
// bytes, then the frame without FCS, then zeros up to a multiple of 8. Little-endian, as src/plugins/ reads and writes it.
#pragma once

#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"

namespace vswitch {

struct PuntRecord {
  uint32_t length;   // of the frame
  uint8_t kind;      // to the plugins: 0; from them: PuntVerdict
  uint8_t worker;    // which worker punted it; the answer goes back there
  uint16_t port;     // by which the frame came in, or goes out
  uint32_t handler;  // of the punt action; 0 from plugins
  uint32_t mark;     // the high 32 bits of `metadata`
};

static_assert(sizeof(PuntRecord) == 16);

enum class PuntVerdict : uint8_t {
  kResume,  // into the tenant's tables anew, as if it came in by `port`, with `mark` in its metadata
  kOutput,  // out of `port`
};

inline constexpr uint32_t kMaxPuntBytes = 9728;  // of a frame

// How long a record is in the stream.
VSWITCH_INLINE constexpr uint32_t punt_bytes(uint32_t length) noexcept {
  return static_cast<uint32_t>(sizeof(PuntRecord)) + ((length + 7) & ~7u);
}

}  // namespace vswitch
