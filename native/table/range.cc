#include "table/range.h"

#include <rte_byteorder.h>

#include <bit>

namespace vswitch {
namespace {

// A port in word 1: the bit it starts at.
constexpr uint32_t kWord = 1;
constexpr uint32_t kSourceShift = 32;
constexpr uint32_t kDestinationShift = 48;
static_assert(offsetof(FlowKey, tp_src) == 12 && offsetof(FlowKey, tp_dst) == 14);
static_assert(std::endian::native == std::endian::little);

uint64_t place_port(uint16_t port, uint32_t shift) { return uint64_t{rte_cpu_to_be_16(port)} << shift; }

uint16_t port_of(const KeyWords& words, uint32_t shift) {
  return rte_be_to_cpu_16(static_cast<uint16_t>(words.word[kWord] >> shift));
}

// The bits that all ports of the range share, from the top.
uint16_t common_bits(const PortRange& range) {
  const auto differ = static_cast<uint16_t>(range.low ^ range.high);
  return static_cast<uint16_t>(~(std::bit_ceil(differ + 1u) - 1));
}

bool is_prefix(const PortRange& range) {
  const uint16_t free = static_cast<uint16_t>(~common_bits(range));
  return (range.low & free) == 0 && (range.high & free) == free;
}

void require(uint16_t bits, uint16_t port, uint32_t shift, KeyWords& mask, KeyWords& value) {
  mask.word[kWord] |= place_port(bits, shift);
  value.word[kWord] |= place_port(port & bits, shift);
}

void fold(PortRange& range, uint32_t shift, TableRule& rule) {
  if (!is_prefix(range)) return;
  require(common_bits(range), range.low, shift, rule.mask, rule.value);
  range = {};
}

// Whether the range is upside down, or its common bits are not those the mask asks for.
bool impossible(const PortRange& range, uint32_t shift, const TableRule& rule) {
  const uint16_t asked = port_of(rule.mask, shift) & common_bits(range);
  return range.low > range.high || ((port_of(rule.value, shift) ^ range.low) & asked) != 0;
}

}  // namespace

bool normalize(TableRule& rule) {
  if (impossible(rule.tp_src, kSourceShift, rule) || impossible(rule.tp_dst, kDestinationShift, rule)) return false;
  fold(rule.tp_src, kSourceShift, rule);
  fold(rule.tp_dst, kDestinationShift, rule);
  return true;
}

KeyWords common_mask(const TableRule& rule, KeyWords& value) {
  KeyWords mask = rule.mask;
  value = rule.value;
  require(common_bits(rule.tp_src), rule.tp_src.low, kSourceShift, mask, value);
  require(common_bits(rule.tp_dst), rule.tp_dst.low, kDestinationShift, mask, value);
  return mask;
}

}  // namespace vswitch
