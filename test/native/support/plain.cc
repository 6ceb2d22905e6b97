#include "support/plain.h"

namespace vswitch::test {
namespace {

uint32_t add_words(const Bytes& packet, size_t from, size_t to, uint32_t sum) {
  for (size_t at = from; at < to; ++at) {
    sum += (at - from) % 2 == 0 ? packet[at] << 8u : packet[at];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

void read_ipv6(const Bytes& packet, Plain& plain) {
  const size_t ip = plain.ipv6;
  plain.ip_end = ip + 40 + get(packet, ip + 4, 2);
  plain.next_header = ip + 6;
  size_t at = ip + 40;
  for (;;) {
    const uint8_t next = packet[plain.next_header];
    if (next != 0 && next != 43 && next != 44 && next != 60) break;
    plain.next_header = at;
    if (next == 44) {
      plain.fragment = true;
      if (get(packet, at + 2, 2) >> 3 != 0) return;
    }
    at += next == 44 ? 8 : (packet[at + 1] + 1u) * 8;
  }
  plain.transport = at;
}

// The final destination of a routing header of type 2 (RFC 6275) with segments left, else the packet's own.
size_t destination(const Bytes& packet, const Plain& plain) {
  if (packet[plain.ipv6 + 6] == 43 && packet[plain.ipv6 + 40 + 3] != 0) return plain.ipv6 + 40 + 8;
  return plain.ipv6 + 24;
}

void mend_transport(Bytes& packet, const Plain& plain) {
  const size_t at = plain.transport;
  size_t place = 0;
  bool pseudo = true;
  if (plain.proto == 6) place = at + 16;
  if (plain.proto == 17) place = at + 6;
  if (plain.proto == 58) place = at + 2;
  if (plain.proto == 1) place = at + 2, pseudo = false;
  if (place == 0 || (plain.proto == 17 && get(packet, place, 2) == 0)) return;
  uint32_t sum = 0;
  if (pseudo) {
    sum = plain.proto + static_cast<uint32_t>(plain.ip_end - at);
    if (plain.ipv4 != 0) {
      sum = add_words(packet, plain.ipv4 + 12, plain.ipv4 + 20, sum);
    } else {
      sum = add_words(packet, plain.ipv6 + 8, plain.ipv6 + 24, sum);
      const size_t final = destination(packet, plain);
      sum = add_words(packet, final, final + 16, sum);
    }
  }
  put(packet, place, 2, 0);
  sum = ~add_words(packet, at, plain.ip_end, sum) & 0xffff;
  put(packet, place, 2, plain.proto == 17 && sum == 0 ? 0xffff : sum);
}

}  // namespace

uint32_t get(const Bytes& packet, size_t at, size_t bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | packet.at(at + i);
  return value;
}

void put(Bytes& packet, size_t at, size_t bytes, uint32_t value) {
  for (size_t i = bytes; i-- > 0; value >>= 8) packet.at(at + i) = static_cast<uint8_t>(value);
}

Plain read_plain(const Bytes& packet) {
  Plain plain;
  plain.type = 12;
  while (plain.tags < 2 && (get(packet, plain.type, 2) == 0x8100 || get(packet, plain.type, 2) == 0x88a8)) {
    ++plain.tags;
    plain.type += 4;
  }
  const size_t at = plain.type + 2;
  switch (get(packet, plain.type, 2)) {
    case 0x0800:
      plain.ipv4 = at;
      plain.ip_end = at + get(packet, at + 2, 2);
      plain.next_header = at + 9;
      plain.fragment = (get(packet, at + 6, 2) & 0x3fff) != 0;
      if ((get(packet, at + 6, 2) & 0x1fff) == 0) plain.transport = at + (packet[at] & 15u) * 4;
      break;
    case 0x86dd:
      plain.ipv6 = at;
      read_ipv6(packet, plain);
      break;
    case 0x0806:
      plain.arp = at;
      break;
    default:
      break;
  }
  if (plain.next_header != 0) plain.proto = packet[plain.next_header];
  return plain;
}

void mend_ipv4(Bytes& packet) {
  const Plain plain = read_plain(packet);
  if (plain.ipv4 == 0) return;
  put(packet, plain.ipv4 + 10, 2, 0);
  const size_t end = plain.ipv4 + (packet[plain.ipv4] & 15u) * 4;
  put(packet, plain.ipv4 + 10, 2, ~add_words(packet, plain.ipv4, end, 0) & 0xffff);
}

void mend(Bytes& packet) {
  mend_ipv4(packet);
  const Plain plain = read_plain(packet);
  if (plain.transport == 0 || plain.fragment) return;
  if (plain.proto != 132) return mend_transport(packet, plain);
  put(packet, plain.transport + 8, 4, 0);
  const uint32_t crc = plain_crc32c(packet.data() + plain.transport, plain.ip_end - plain.transport);
  put(packet, plain.transport + 8, 4, __builtin_bswap32(crc));
}

void mend_protocol(Bytes& packet, const Plain& before) {
  if (before.transport == 0) return;
  size_t place = before.transport;
  if (before.proto == 6) place += 16;
  if (before.proto == 17) place += 6;
  if (before.proto == 58 && before.ipv6 != 0) place += 2;
  const bool udp = before.proto == 17;
  if (place == before.transport || (udp && get(packet, place, 2) == 0)) return;
  uint32_t sum = (~get(packet, place, 2) & 0xffff) + (~uint32_t{before.proto} & 0xffff) + packet[before.next_header];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  sum = ~sum & 0xffff;
  put(packet, place, 2, udp && sum == 0 ? 0xffff : sum);
}

uint32_t plain_crc32c(const uint8_t* data, size_t bytes) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < bytes; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

}  // namespace vswitch::test
