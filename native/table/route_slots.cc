#include "table/route_slots.h"

#include <bit>

namespace vswitch {
namespace {

uint32_t bits_of(RouteAddress address, uint32_t from, uint32_t count) {
  return static_cast<uint32_t>(address << from >> (128 - count));
}

uint32_t common_bits(RouteAddress a, RouteAddress b) {
  const auto high = static_cast<uint64_t>((a ^ b) >> 64);
  const auto low = static_cast<uint64_t>(a ^ b);
  return static_cast<uint32_t>(high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low));
}

}  // namespace

// Of the group at a depth, the first being 0.
uint32_t RouteSlots::next_bits(RouteAddress address, uint32_t depth) const {
  return bits_of(address, kRootBits + depth * shape_.stride, shape_.stride);
}

uint32_t RouteSlots::at(RouteAddress address) const {
  uint32_t slot = root_[bits_of(address, 0, kRootBits)];
  for (uint32_t depth = 0; is_group(slot); ++depth) slot = *in_group(slot, shape_.group_slots(), next_bits(address, depth));
  return slot;
}

uint32_t RouteSlots::slots_at(RouteAddress address) const {
  uint32_t slot = root_[bits_of(address, 0, kRootBits)];
  uint32_t slots = 1;
  for (; is_group(slot); ++slots) slot = *in_group(slot, shape_.group_slots(), next_bits(address, slots - 1));
  return slots;
}

RouteSlots::Range RouteSlots::range_of(const Prefix& prefix) {
  uint32_t* array = root_.data();
  uint32_t at = bits_of(prefix.address, 0, kRootBits);
  const uint32_t depths = shape_.groups(prefix.length);
  for (uint32_t depth = 0; depth < depths; ++depth) {
    array = group_of(array[at]);
    at = next_bits(prefix.address, depth);
  }
  return {&array[at], 1u << (kRootBits + depths * shape_.stride - prefix.length)};
}

uint32_t RouteSlots::new_group(uint32_t route) {
  uint32_t group = used_groups_;
  if (free_.empty()) {
    ++used_groups_;
  } else {
    group = free_.back();
    free_.pop_back();
  }
  std::fill_n(group_of(group), shape_.group_slots(), route);
  return group;
}

uint32_t RouteSlots::pages_of(const Prefix& prefix) {
  constexpr uint32_t kPageBits = std::countr_zero(kPages);
  const uint32_t count = prefix.length < kPageBits ? 1u << (kPageBits - prefix.length) : 1;
  return ((1u << count) - 1) << bits_of(prefix.address, 0, kPageBits);
}

void RouteSlots::enter(const Prefix& prefix) {
  pages_ |= pages_of(prefix);
  uint32_t* slot = &root_[bits_of(prefix.address, 0, kRootBits)];
  for (uint32_t depth = 0; depth < shape_.groups(prefix.length); ++depth) {
    if (!is_group(*slot)) store_slot(*slot, kGroup | new_group(*slot));
    ++users_[*slot & ~kGroup];
    slot = &group_of(*slot)[next_bits(prefix.address, depth)];
  }
}

void RouteSlots::leave(const Prefix& prefix) {
  uint32_t* slot = &root_[bits_of(prefix.address, 0, kRootBits)];
  uint32_t* first = nullptr;  // that leads to a group which nobody needs; those below it nobody needs either
  for (uint32_t depth = 0; depth < shape_.groups(prefix.length); ++depth) {
    const uint32_t group = *slot & ~kGroup;
    if (--users_[group] == 0) {
      gone_.push_back(group);
      if (first == nullptr) first = slot;
    }
    slot = &group_of(group)[next_bits(prefix.address, depth)];
  }
  if (first != nullptr) store_slot(*first, *slot);
}

void RouteSlots::settle() {
  free_.insert(free_.end(), gone_.begin(), gone_.end());
  gone_.clear();
}

size_t RouteSlots::groups_to_add(std::span<const Prefix> prefixes) const {
  size_t groups = 0;
  uint32_t made = 0;  // on the way to the prefix before
  RouteAddress before = 0;
  for (const Prefix& prefix : prefixes) {
    const uint32_t common = common_bits(prefix.address, before);
    const uint32_t shared = common < kRootBits ? 0 : std::min(made, 1 + (common - kRootBits) / shape_.stride);
    const uint32_t there = slots_at(prefix.address) - 1;
    made = std::max(shared, shape_.groups(prefix.length));
    groups += made - std::min(made, std::max(shared, there));
    before = prefix.address;
  }
  return groups;
}

size_t RouteSlots::bytes_to_add(std::span<const Prefix> prefixes) const {
  uint32_t pages = pages_;
  for (const Prefix& prefix : prefixes) pages |= pages_of(prefix);
  return std::popcount(pages & ~pages_) * kPageBytes + groups_to_add(prefixes) * group_bytes();
}

}  // namespace vswitch
