// IPv6 extension headers (RFC 8200, section 4), as all that walk over them see them.
#pragma once

#include <cstdint>

#include "packet/headers.h"

namespace vswitch {

// Bounds every walk; RFC 8200 lists fewer kinds than this.
inline constexpr int kMaxExtensionHeaders = 8;

// The kinds that say what follows them. What follows ESP is encrypted.
constexpr bool is_extension(uint8_t kind) {
  return kind == kProtoHopByHop || kind == kProtoRouting || kind == kProtoDestination || kind == kProtoFragment ||
         kind == kProtoAuthentication;
}

// Of a header whose first 8 bytes are there. RFC 4302, section 2.2 counts the authentication header in words of 4 bytes.
constexpr uint32_t extension_bytes(uint8_t kind, const uint8_t* extension) {
  if (kind == kProtoFragment) return 8;
  if (kind == kProtoAuthentication) return (extension[1] + 2u) * 4u;
  return (extension[1] + 1u) * 8u;
}

// ofp_ipv6exthdr_flags (OpenFlow 1.3.5, section 7.2.3.7) of the headers met.
class ExtensionFlags {
 public:
  // `kind` is an extension header, ESP or "no next header".
  void meet(uint8_t kind) noexcept {
    if (kind == kProtoNoNext) {
      flags_ |= 1;
      return;
    }
    // Destination options may come before routing and at the end.
    const bool last = kind == kProtoDestination && place_ > place_of(kProtoDestination);
    const int place = last ? place_of(kProtoEsp) + 1 : place_of(kind);
    if (place < place_) flags_ |= kUnsequenced;
    if (place > place_) place_ = place;
    if ((flags_ & flag_of(kind)) != 0 && (kind != kProtoDestination || twice_)) flags_ |= kUnrepeated;
    if (kind == kProtoDestination) twice_ = (flags_ & flag_of(kind)) != 0;
    flags_ |= flag_of(kind);
  }

  [[nodiscard]] uint16_t flags() const noexcept { return flags_; }

 private:
  static constexpr uint16_t kUnrepeated = 128;
  static constexpr uint16_t kUnsequenced = 256;

  // In the order that RFC 8200, section 4.1 recommends.
  static constexpr int place_of(uint8_t kind) {
    constexpr uint8_t kOrder[] = {kProtoHopByHop, kProtoDestination, kProtoRouting, kProtoFragment, kProtoAuthentication};
    int place = 0;
    for (const uint8_t other : kOrder) {
      if (other == kind) break;
      ++place;
    }
    return place;
  }
  static constexpr uint16_t flag_of(uint8_t kind) {
    constexpr uint16_t kFlags[] = {64, 8, 32, 16, 4, 2};
    return kFlags[place_of(kind)];
  }

  uint16_t flags_ = 0;
  int place_ = 0;  // of the last one that was in order
  bool twice_ = false;
};

}  // namespace vswitch
