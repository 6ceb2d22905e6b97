// The half-open connections that one worker made, by tenant, oldest first: what makes room under a flood. Lists through an array
// beside the records. Only their worker touches them: a connection that another worker completes or removes stays in its list
// until it is met there or used again, which is told by who made it for whom.
#pragma once

#include <cstdint>

#include "base/hot.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/zeroed.h"

namespace vswitch {

class CtHalfOpenLists {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit CtHalfOpenLists(uint32_t records) : links_(decltype(links_)::resident(size_t{records} + kFirst)) {
    for (uint32_t head = 1; head < kFirst; ++head) links_[head] = {head, head};
  }

  void append(TenantSlot slot, uint32_t record) noexcept {
    remove(record);
    const uint32_t head = slot + 1u;
    const uint32_t node = record + kFirst;
    const uint32_t last = links_[head].previous;
    links_[node] = {last, head};
    links_[last].next = node;
    links_[head].previous = node;
  }
  // Also of one that is in no list.
  void remove(uint32_t record) noexcept {
    Link& link = links_[record + kFirst];
    if (link.next == 0) return;
    links_[link.previous].next = link.next;
    links_[link.next].previous = link.previous;
    link = {};
  }
  VSWITCH_INLINE void prefetch(uint32_t record) const noexcept { __builtin_prefetch(&links_[record + kFirst], 1); }
  [[nodiscard]] uint32_t oldest(TenantSlot slot) const noexcept {
    const uint32_t node = links_[slot + 1u].next;
    return node < kFirst ? kNone : node - kFirst;
  }
  [[nodiscard]] uint64_t memory_bytes() const noexcept { return links_.bytes(); }

 private:
  struct Link {
    uint32_t previous, next;  // 0: in no list
  };
  static constexpr uint32_t kFirst = kSlots + 1;  // before it are the heads of the tenants' lists, from 1 on

  ZeroedArray<Link> links_;
};

}  // namespace vswitch
