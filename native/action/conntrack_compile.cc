#include <algorithm>
#include <cstring>
#include <string>

#include "action/conntrack.h"

namespace vswitch {
namespace {

// As src/switch/codec.ts writes it.
struct Wire {
  uint16_t zone;
  uint8_t flags;
  uint8_t family;  // of the range
  uint32_t mark, mark_mask;
  uint16_t port_low, port_high;
  uint32_t port_block;
  uint8_t prefix_bits;
  uint8_t zero[3];
  uint8_t label[16], label_mask[16];
  uint8_t low[16], high[16];
};

static_assert(sizeof(Wire) == 88);

enum WireFlag : uint8_t {
  kCommit = 1,
  kNat = 2,
  kSourceRange = 4,
  kDestinationRange = 8,
  kRandom = 16,
  kPersistent = 32,
  kFlags = 63,
};

constexpr uint32_t kMaxPortBlock = 65'536;

Wire wire_of(const Action& action) {
  Wire wire;
  memcpy(&wire, action.payload.data(), sizeof wire);
  return wire;
}

Error bad(const std::string& what) { return error(ErrorCode::BAD_TRANSACTION, "conntrack with " + what); }

bool is_zero(const uint8_t* bytes, size_t count) {
  return std::all_of(bytes, bytes + count, [](uint8_t byte) { return byte == 0; });
}

bool is_within(const uint8_t* value, const uint8_t* mask, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if ((value[i] & ~mask[i]) != 0) return false;
  }
  return true;
}

Status check_addresses(const Wire& wire) {
  const size_t bytes = wire.family == 4 ? 4 : 16;
  const auto excess = static_cast<uint32_t>(16 - bytes);
  if (wire.family != 4 && wire.family != 6) return bad("a range of family " + std::to_string(wire.family));
  if (!is_zero(wire.low + bytes, excess) || !is_zero(wire.high + bytes, excess) || memcmp(wire.low, wire.high, bytes) > 0)
    return bad("a range of addresses that is none");
  if (wire.prefix_bits == 0) return {};
  if (wire.prefix_bits > bytes * 8 || memcmp(wire.low, wire.high, bytes) != 0) return bad("a prefix that is none");
  for (size_t bit = wire.prefix_bits; bit < bytes * 8; ++bit) {
    if ((wire.low[bit / 8] >> (7 - bit % 8) & 1) != 0) return bad("host bits in a prefix");
  }
  return {};
}

Status check_range(const Wire& wire) {
  if ((wire.flags & (kSourceRange | kDestinationRange)) == 0) return {};
  if ((wire.flags & kSourceRange) != 0 && (wire.flags & kDestinationRange) != 0) return bad("two ranges");
  if ((wire.flags & kCommit) == 0 || (wire.flags & kNat) == 0) return bad("a range without commit");
  const bool any_port = wire.port_low == 0 && wire.port_high == 0;
  if (!any_port && (wire.port_low == 0 || wire.port_low > wire.port_high)) return bad("a range of ports that is none");
  if (wire.port_block > kMaxPortBlock) return bad("a port block of " + std::to_string(wire.port_block));
  return check_addresses(wire);
}

}  // namespace

Status ThroughConntrack::check(const Action& action) {
  if (action.payload.size() != sizeof(Wire)) return bad("a payload of " + std::to_string(action.payload.size()) + " bytes");
  const Wire wire = wire_of(action);
  if ((wire.flags & ~kFlags) != 0) return bad("flags " + std::to_string(wire.flags));
  if ((wire.mark & ~wire.mark_mask) != 0 || !is_within(wire.label, wire.label_mask, 16)) return bad("a value beyond its mask");
  const bool marks = wire.mark_mask != 0 || !is_zero(wire.label_mask, 16);
  if (marks && (wire.flags & kCommit) == 0) return bad("a mark or label without commit");
  return check_range(wire);
}

void ThroughConntrack::append(const Action& action, std::vector<Op>& ops) {
  const Wire wire = wire_of(action);
  CtRequest request;
  request.zone = wire.zone;
  request.commit = (wire.flags & kCommit) != 0;
  request.nat = (wire.flags & kNat) != 0;
  request.mark = wire.mark;
  request.mark_mask = wire.mark_mask;
  memcpy(request.label, wire.label, sizeof request.label);
  memcpy(request.label_mask, wire.label_mask, sizeof request.label_mask);
  if ((wire.flags & (kSourceRange | kDestinationRange)) != 0) {
    CtNat& range = request.range;
    range.kind = (wire.flags & kSourceRange) != 0 ? CtNatKind::src : CtNatKind::dst;
    range.family = wire.family;
    range.random = (wire.flags & kRandom) != 0;
    range.persistent = (wire.flags & kPersistent) != 0;
    range.prefix_bits = wire.prefix_bits;
    range.port_low = wire.port_low;
    range.port_high = wire.port_high;
    range.port_block = wire.port_block;
    memcpy(range.low, wire.low, sizeof range.low);
    memcpy(range.high, wire.high, sizeof range.high);
  }
  append_op(ops, Op{ActionKind::conntrack}, request);
}

}  // namespace vswitch
