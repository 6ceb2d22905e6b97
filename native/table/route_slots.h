// Which route an address has: a slot for each value of its first bits, and a group of slots more for the next bits where a longer
// prefix begins with them, as in DIR-24-8 (Gupta, Lin, McKeown, "Routing Lookups in Hardware at Memory Access Speeds", INFOCOM
// 1998). Memory is taken as it is written.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "base/hot.h"
#include "base/zeroed.h"

namespace vswitch {

// Its first bit is the highest.
using RouteAddress = unsigned __int128;

struct Prefix {
  RouteAddress address = 0;  // no bits behind the length
  uint32_t length = 0;

  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

inline constexpr uint32_t kRootBits = 24;  // of the address find the first slot

// How the other bits of an address are cut.
struct RouteShape {
  uint32_t bits;      // of an address
  uint32_t shortest;  // shorter prefixes would fill too many slots
  uint32_t stride;    // bits that find each further slot
  uint32_t max_groups;

  [[nodiscard]] constexpr uint32_t group_slots() const { return 1u << stride; }
  // On the way to a prefix.
  [[nodiscard]] constexpr uint32_t groups(uint32_t length) const {
    return length <= kRootBits ? 0 : (length - kRootBits + stride - 1) / stride;
  }
};

inline constexpr RouteShape kIpv4Shape = {32, 8, 8, 1u << 16};
inline constexpr RouteShape kIpv6Shape = {128, 3, 4, 1u << 24};  // a group is a line of the cache

VSWITCH_INLINE uint32_t load_slot(const uint32_t& slot) noexcept { return __atomic_load_n(&slot, __ATOMIC_ACQUIRE); }
inline void store_slot(uint32_t& slot, uint32_t value) noexcept { __atomic_store_n(&slot, value, __ATOMIC_RELEASE); }

class RouteSlots {
 public:
  explicit RouteSlots(const RouteShape& shape)
      : shape_(shape),
        root_(size_t{1} << kRootBits),
        groups_(size_t{shape.max_groups} * shape.group_slots()),
        users_(shape.max_groups) {}

  // A slot names a route, or leads to a group.
  VSWITCH_INLINE static bool is_group(uint32_t slot) noexcept { return (slot & kGroup) != 0; }
  VSWITCH_INLINE const uint32_t* root(uint32_t first_bits) const noexcept { return &root_[first_bits]; }
  VSWITCH_INLINE const uint32_t* in_group(uint32_t slot, uint32_t group_slots, uint32_t next_bits) const noexcept {
    return &groups_[size_t{slot & ~kGroup} * group_slots + next_bits];
  }

  // The rest is the writer's.

  [[nodiscard]] const RouteShape& shape() const { return shape_; }
  // The route that an address has.
  [[nodiscard]] uint32_t at(RouteAddress address) const;
  // And how many slots lead to it.
  [[nodiscard]] uint32_t slots_at(RouteAddress address) const;

  // Makes the groups that the prefix needs.
  void enter(const Prefix& prefix);
  // Those that no other needs go; they are used again after the next settle().
  void leave(const Prefix& prefix);
  void settle();

  // Calls `each` with every slot of a prefix that has entered and that names a route.
  template <class Each>
  void for_each(const Prefix& prefix, const Each& each) {
    const Range range = range_of(prefix);
    for (uint32_t at = 0; at < range.count; ++at) for_each_below(range.first[at], each);
  }

  // Groups and bytes that prefixes, which come in order, would add.
  [[nodiscard]] size_t groups_to_add(std::span<const Prefix> prefixes) const;
  [[nodiscard]] size_t bytes_to_add(std::span<const Prefix> prefixes) const;
  [[nodiscard]] uint32_t used_groups() const { return used_groups_ - static_cast<uint32_t>(free_.size()); }
  [[nodiscard]] size_t memory_bytes() const { return std::popcount(pages_) * kPageBytes + used_groups_ * group_bytes(); }

 private:
  static constexpr uint32_t kGroup = 1u << 31;
  // Of the root, as the kernel gives it.
  static constexpr size_t kPageBytes = 2u << 20;
  static constexpr uint32_t kPages = (1u << kRootBits) * sizeof(uint32_t) / kPageBytes;
  static_assert(kPages == 32);

  struct Range {
    uint32_t* first;
    uint32_t count;
  };
  [[nodiscard]] Range range_of(const Prefix& prefix);
  [[nodiscard]] static uint32_t pages_of(const Prefix& prefix);
  [[nodiscard]] size_t group_bytes() const { return (shape_.group_slots() + 1) * sizeof(uint32_t); }
  [[nodiscard]] uint32_t* group_of(uint32_t slot) { return &groups_[size_t{slot & ~kGroup} * shape_.group_slots()]; }
  [[nodiscard]] uint32_t next_bits(RouteAddress address, uint32_t depth) const;
  [[nodiscard]] uint32_t new_group(uint32_t route);

  template <class Each>
  void for_each_below(uint32_t& slot, const Each& each) {
    if (!is_group(slot)) return each(slot);
    uint32_t* const group = group_of(slot);
    for (uint32_t at = 0; at < shape_.group_slots(); ++at) for_each_below(group[at], each);
  }

  const RouteShape shape_;
  ZeroedArray<uint32_t> root_;
  ZeroedArray<uint32_t> groups_;
  ZeroedArray<uint32_t> users_;  // prefixes that need a group
  uint32_t used_groups_ = 0;
  uint32_t pages_ = 0;  // of the root that were written, a bit each
  std::vector<uint32_t> free_;
  std::vector<uint32_t> gone_;  // that readers may still be in
};

}  // namespace vswitch
