#include "state/ct_translate.h"

#include <rte_byteorder.h>

#include <algorithm>
#include <cstring>

#include "state/ct_key.h"

namespace vswitch {
namespace {

using Address = unsigned __int128;  // as a number; IPv4 in 32 bits

Address load_address(const uint8_t* at, uint8_t family) noexcept {
  Address value = 0;
  for (uint32_t i = 0; i < (family == 4 ? 4u : 16u); ++i) value = value << 8 | at[i];
  return value;
}

void store_address(Address value, uint8_t family, uint8_t* at) noexcept {
  for (uint32_t i = family == 4 ? 4 : 16; i-- != 0; value >>= 8) at[i] = static_cast<uint8_t>(value);
}

struct Ports {
  uint32_t low, count;  // count 0: the port stays
};

// Ports that the original may become. A privileged one stays privileged (RFC 4787, 4.2.1); identifiers of ICMP are all alike.
Ports ports_for(const CtNat& nat, uint8_t proto, uint16_t original) noexcept {
  const bool is_source = nat.kind == CtNatKind::src;
  const bool is_icmp = is_ct_icmp(proto);
  if (!(has_ct_ports(proto) || (is_icmp && is_source))) return {0, 0};
  if (nat.port_low != 0 || nat.port_high != 0) return {nat.port_low, uint32_t{nat.port_high} - nat.port_low + 1};
  if (!is_source || nat.prefix_bits != 0) return {0, 0};
  if (is_icmp) return {0, 1u << 16};
  return original < 1024 && nat.port_block == 0 ? Ports{1, 1023} : Ports{1024, 64512};
}

}  // namespace

bool has_ct_ports(uint8_t proto) noexcept {
  return proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136;  // TCP, UDP, DCCP, SCTP, UDP-Lite
}

bool translate(const CtNat& nat, const CtTuple& from, const CtNatSeed& seed, uint32_t attempt, CtTuple& to) noexcept {
  to = from;
  if (attempt >= kCtNatTries) return false;
  const bool is_source = nat.kind == CtNatKind::src;
  const uint8_t family = from.family;
  const uint16_t original = rte_be_to_cpu_16(is_source ? from.src_port : from.dst_port);
  const Address own = load_address(is_source ? from.src : from.dst, family);
  const Address low = load_address(nat.low, family);
  Address addresses = load_address(nat.high, family) - low + 1;
  if (addresses == 0 || addresses >> 64 != 0) addresses = Address{1} << 64;  // enough, and products stay within 128 bits
  Ports ports = ports_for(nat, from.proto, original);
  Address address;
  if (nat.prefix_bits != 0) {
    const uint32_t bits = family == 4 ? 32 : 128;
    const uint32_t host_bits = bits - std::min<uint32_t>(nat.prefix_bits, bits);
    const Address host = host_bits == 128 ? ~Address{0} : (Address{1} << host_bits) - 1;
    address = (low & ~host) | (own & host);
    addresses = 1;
  } else if (nat.port_block != 0 && ports.count >= nat.port_block) {
    // RFC 7422: from the inside address alone follow outside address and ports, so that nothing need be logged.
    const uint32_t blocks = ports.count / nat.port_block;
    const Address block = own % (addresses * blocks);
    address = low + block / blocks;
    ports = {ports.low + static_cast<uint32_t>(block % blocks) * nat.port_block, nat.port_block};
    addresses = 1;
  } else {
    address = low + seed.address % addresses;
  }
  // The next address only when the ports of one were tried.
  const uint32_t tries = ports.count == 0 ? 1 : std::min(ports.count, addresses > 1 ? kCtNatTries / 2 : kCtNatTries);
  const uint32_t step = attempt / tries;
  if (step >= addresses) return false;
  if (step != 0) address = low + (address - low + step) % addresses;
  store_address(address, family, is_source ? to.src : to.dst);
  if (ports.count == 0) return true;
  const uint32_t nth = attempt % tries;
  const bool keeps = !nat.random && original >= ports.low && original - ports.low < ports.count;
  uint32_t offset;
  if (ports.count <= tries) {  // all of them, in turn
    offset = ((keeps ? original - ports.low : static_cast<uint32_t>(seed.port % ports.count)) + nth) % ports.count;
  } else if (keeps && nth == 0) {
    offset = original - ports.low;
  } else {
    offset = static_cast<uint32_t>(fold(seed.port ^ nth, 0x9e3779b97f4a7c15) % ports.count);
  }
  const uint16_t port = rte_cpu_to_be_16(static_cast<uint16_t>(ports.low + offset));
  if (is_source || is_ct_icmp(from.proto)) to.src_port = port;
  if (!is_source || is_ct_icmp(from.proto)) to.dst_port = port;
  return true;
}

}  // namespace vswitch
