#include "state/ct_fragments.h"

namespace vswitch {
namespace {

uint64_t tag_of(const CtPacket& packet, TenantSlot slot, uint16_t zone, const CtSecrets& secrets) noexcept {
  CtTuple tuple = packet.tuple;
  tuple.src_port = 0;
  tuple.dst_port = 0;
  const uint64_t flow = ct_probe(tuple, slot, zone, false, secrets).hash;
  return fold(flow ^ secrets.word[4], packet.fragment_id ^ secrets.word[5]) | 1;  // 0 is an empty place
}

}  // namespace

void CtFragments::remember(const CtPacket& packet, TenantSlot slot, uint16_t zone, const CtSecrets& secrets,
                           uint32_t tick) noexcept {
  const uint64_t tag = tag_of(packet, slot, zone, secrets);
  Set& set = sets_[tag >> 32 & (kSets - 1)];
  uint32_t way = 0;
  uint32_t oldest = 0;
  for (uint32_t i = 0; i < kWays; ++i) {
    const uint64_t other = set.tag[i].load(std::memory_order_relaxed);
    const uint32_t age = other == 0 ? UINT32_MAX : tick - static_cast<uint32_t>(set.value[i].load(std::memory_order_relaxed));
    if (other == tag) {
      way = i;
      break;
    }
    if (age >= oldest) {
      oldest = age;
      way = i;
    }
  }
  const uint64_t ports = uint64_t{packet.tuple.src_port} | uint64_t{packet.tuple.dst_port} << 16;
  // A reader that meets half of it finds no tag.
  set.tag[way].store(0, std::memory_order_relaxed);
  set.value[way].store(ports << 32 | tick, std::memory_order_release);
  set.tag[way].store(tag, std::memory_order_release);
}

bool CtFragments::recall(const CtPacket& packet, TenantSlot slot, uint16_t zone, const CtSecrets& secrets, uint32_t tick,
                         CtTuple& tuple) const noexcept {
  const uint64_t tag = tag_of(packet, slot, zone, secrets);
  const Set& set = sets_[tag >> 32 & (kSets - 1)];
  for (uint32_t i = 0; i < kWays; ++i) {
    if (set.tag[i].load(std::memory_order_acquire) != tag) continue;
    const uint64_t value = set.value[i].load(std::memory_order_acquire);
    if (set.tag[i].load(std::memory_order_relaxed) != tag || tick - static_cast<uint32_t>(value) > kTimeoutMs) return false;
    tuple.src_port = value >> 32 & 0xffff;
    tuple.dst_port = value >> 48;
    return true;
  }
  return false;
}

}  // namespace vswitch
