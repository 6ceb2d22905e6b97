#include <string>

#include "action/set_field.h"
#include "action/set_field_operand.h"

namespace vswitch {
namespace {

template <typename T>
void append_operand(std::vector<Op>& ops, Op op, const T& operand) {
  if constexpr (sizeof(T) <= sizeof op.bytes) {
    memcpy(op.bytes, &operand, sizeof operand);
    ops.push_back(op);
  } else {
    append_op(ops, op, operand);
  }
}

// A field whose lowest bit is `shift` bits from the end of the bytes.
template <uint32_t kBytes>
Patch<kBytes> make_patch(Value128 value, Value128 mask, uint32_t shift = 0) {
  Patch<kBytes> patch;
  value = (value & mask) << shift;
  mask <<= shift;
  for (int i = kBytes - 1; i >= 0; --i, value >>= 8, mask >>= 8) {
    patch.value[i] = static_cast<uint8_t>(value);
    patch.keep[i] = static_cast<uint8_t>(~mask);
  }
  return patch;
}

Value128 all_ones(uint32_t bits) { return bits == 128 ? ~Value128{0} : (Value128{1} << bits) - 1; }

Value128 mask_of(const Action& action) {
  Value128 mask = 0;
  memcpy(&mask, action.payload.data(), sizeof mask);
  return mask;
}

bool settable(Field field) {
  switch (field) {
    case Field::in_port:
    case Field::ip_frag:
    case Field::tcp_flags:
    case Field::ipv6_exthdr:
    case Field::ct_state:
    case Field::ct_zone:
    case Field::ct_mark:
      return false;
    default:
      return true;
  }
}

}  // namespace

HeaderSet SetField::headers(const Action& action) {
  const auto field = static_cast<Field>(action.argument);
  switch (field) {
    case Field::eth_dst:
    case Field::eth_src:
      return 0;  // always where they are
    case Field::eth_type:
      return kEtherType | kVlan;
    case Field::ipv4_src:
    case Field::ipv4_dst:
      return kIpv4 | kTransport | kEtherType;
    case Field::ipv6_src:
    case Field::ipv6_dst:
      return kIpv6 | kTransport | kEtherType;
    case Field::ip_proto:
      return kIpv4 | kIpv6 | kTransport | kEtherType;
    default:
      return kFields[action.argument].headers;
  }
}

Status SetField::check(const Action& action) {
  const uint32_t field = action.argument;
  if (field >= kFields.size() || !settable(static_cast<Field>(field)))
    return error(ErrorCode::BAD_TRANSACTION, "set_field of field number " + std::to_string(field));
  if (action.payload.size() != sizeof(Value128))
    return error(ErrorCode::BAD_TRANSACTION, "set_field with a mask of " + std::to_string(action.payload.size()) + " bytes");
  if (((action.value | mask_of(action)) & ~all_ones(kFields[field].bits)) != 0)
    return error(ErrorCode::BAD_TRANSACTION, "set_field with more bits than " + std::string(kFields[field].name) + " has");
  return {};
}

void SetField::append(const Action& action, std::vector<Op>& ops) {
  const Value128 value = action.value;
  const Value128 mask = mask_of(action);
  Op op{ActionKind::set_field};
  op.field = static_cast<uint8_t>(action.argument);
  switch (static_cast<Field>(action.argument)) {
    case Field::eth_dst:
    case Field::eth_src: {
      if (mask != all_ones(48)) return append_operand(ops, op, make_patch<6>(value, mask));
      const bool destination = op.field == static_cast<uint8_t>(Field::eth_dst);
      op.flags = destination ? kDestination : kSource;
      Addresses addresses{};
      store_mac(value, addresses.bytes + (destination ? 0 : 6));
      return append_op(ops, op, addresses);
    }
    case Field::vlan_vid:  // OFPVID_PRESENT is not in the packet
      return append_operand(ops, op, make_patch<2>(value, mask & 0xfff));
    case Field::vlan_pcp:
      return append_operand(ops, op, make_patch<2>(value, mask, 13));
    case Field::ip_dscp:
      return append_operand(ops, op, BothFamilies{make_patch<2>(value, mask, 2), make_patch<2>(value, mask, 6)});
    case Field::ip_ecn:
      return append_operand(ops, op, BothFamilies{make_patch<2>(value, mask), make_patch<2>(value, mask, 4)});
    case Field::ip_ttl:
      return append_operand(ops, op, BothFamilies{make_patch<2>(value, mask, 8), make_patch<2>(value, mask)});
    case Field::ip_proto:
      return append_operand(ops, op, BothFamilies{make_patch<2>(value, mask), make_patch<2>(value, mask)});
    case Field::icmpv4_type:
    case Field::icmpv6_type:
      return append_operand(ops, op, make_patch<2>(value, mask, 8));
    case Field::ipv4_src:
    case Field::ipv4_dst:
    case Field::arp_spa:
    case Field::arp_tpa:
    case Field::ipv6_flabel:
      return append_operand(ops, op, make_patch<4>(value, mask));
    case Field::arp_sha:
    case Field::arp_tha:
    case Field::ipv6_nd_sll:
    case Field::ipv6_nd_tll:
      return append_operand(ops, op, make_patch<6>(value, mask));
    case Field::metadata:
    case Field::tunnel_id:
      return append_operand(ops, op, make_patch<8>(value, mask));
    case Field::ipv6_src:
    case Field::ipv6_dst:
    case Field::ipv6_nd_target:
      return append_operand(ops, op, make_patch<16>(value, mask));
    default:  // eth_type, arp_op, icmp codes, ports
      return append_operand(ops, op, make_patch<2>(value, mask));
  }
}

}  // namespace vswitch
