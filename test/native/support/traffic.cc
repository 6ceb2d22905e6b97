#include "support/traffic.h"

#include "support/plain.h"

namespace vswitch::test {
namespace {

class Builder {
 public:
  explicit Builder(std::mt19937& random) : random_(random) {}

  Bytes packet;

  size_t number(size_t below) { return random_() % below; }
  void bytes(size_t count) {
    while (count-- > 0) packet.push_back(static_cast<uint8_t>(random_()));
  }
  void u8(size_t value) { packet.push_back(static_cast<uint8_t>(value)); }
  void u16(size_t value) { u8(value >> 8), u8(value); }

  void ethernet(size_t type) {
    bytes(12);
    const size_t tags = number(3);
    if (tags == 2) u16(0x88a8), bytes(2);
    if (tags >= 1) u16(0x8100), bytes(2);
    u16(type);
  }

  void ipv4(uint8_t proto, size_t fragment) {
    const size_t options = number(4) == 0 ? number(11) : 0;
    ip_ = packet.size();
    u8(0x45 + options), bytes(1), u16(0), bytes(2), u16(fragment), u8(2 + number(254)), u8(proto), bytes(2 + 8);
    for (size_t i = 0; i < options * 4; ++i) u8(1);
  }

  void ipv6(uint8_t proto, bool later, bool routed) {
    ip_ = packet.size();
    const bool options = number(3) == 0;
    u8(0x60 + number(16)), bytes(3), u16(0);
    u8(routed ? 43 : later ? 44 : options ? 0 : proto), u8(2 + number(254)), bytes(32);
    if (routed)
      u8(proto), u8(2), u8(2), u8(1), bytes(4 + 16);
    else if (later)
      u8(proto), u8(0), u16((1 + number(0x1fff)) << 3), bytes(4);
    else if (options)
      u8(60), u8(0), bytes(6), u8(proto), u8(1), bytes(14);
  }

  void transport(uint8_t proto, std::string_view kind) {
    switch (proto) {
      case 6:
        return bytes(12), u8(0x50), bytes(7);
      case 17:
        return udp();
      case 132:
        return bytes(12);
      case 58:
        return icmpv6(kind);
      default:
        return u8(number(256)), bytes(7);
    }
  }

  // Says the lengths.
  void finish() {
    bytes(number(5) == 0 ? number(900) : number(40));
    const size_t length = packet.size() - ip_;
    if (packet[ip_] >> 4 == 4) {
      put(packet, ip_ + 2, 2, static_cast<uint32_t>(length));
    } else {
      put(packet, ip_ + 4, 2, static_cast<uint32_t>(length - 40));
    }
    if (udp_ != 0) put(packet, udp_ + 4, 2, static_cast<uint32_t>(packet.size() - udp_));
    const bool none = udp_ != 0 && number(4) == 0;
    if (udp_ != 0) put(packet, udp_ + 6, 2, none ? 0 : 1);
    if (number(3) == 0) bytes(1 + number(20));  // padding
    mend(packet);
  }

 private:
  void udp() {
    udp_ = packet.size();
    bytes(8);
  }

  void icmpv6(std::string_view kind) {
    if (kind != "solicit" && kind != "advertise") return u8(number(128)), bytes(7);
    u8(kind == "solicit" ? 135 : 136), u8(0), bytes(6 + 16);
    if (number(3) == 0) u8(14), u8(2), bytes(14);  // a nonce, which is no address
    u8(kind == "solicit" ? 1 : 2), u8(1), bytes(6);
  }

  std::mt19937& random_;
  size_t ip_ = 0;
  size_t udp_ = 0;
};

uint8_t proto_of(std::string_view kind) {
  if (kind.starts_with("udp")) return 17;
  if (kind.starts_with("sctp")) return 132;
  if (kind == "icmp4") return 1;
  if (kind == "icmp6" || kind == "solicit" || kind == "advertise") return 58;
  return 6;
}

}  // namespace

const std::vector<std::string_view>& kinds() {
  static const std::vector<std::string_view> names = {"tcp4",   "udp4",    "icmp4",     "sctp4", "later4",
                                                      "tcp6",   "udp6",    "icmp6",     "sctp6", "routed6",
                                                      "later6", "solicit", "advertise", "arp",   "other"};
  return names;
}

Bytes random_packet(std::string_view kind, std::mt19937& random) {
  Builder build(random);
  if (kind == "arp" || kind == "other") {
    build.ethernet(kind == "arp" ? 0x0806 : 0x88b5);
    if (kind == "arp") build.u16(1), build.u16(0x0800), build.u16(0x0604);
    build.bytes(kind == "arp" ? 22 : build.number(60));
    return build.packet;
  }
  const bool ipv4 = kind.ends_with('4');
  const bool later = kind.starts_with("later");
  const uint8_t proto = proto_of(kind);
  build.ethernet(ipv4 ? 0x0800 : 0x86dd);
  if (ipv4) {
    build.ipv4(proto, later ? 1 + build.number(0x1ffe) : 0x4000 * build.number(2));
  } else {
    build.ipv6(proto, later, kind == "routed6");
  }
  if (!later) build.transport(proto, kind);
  build.finish();
  return build.packet;
}

}  // namespace vswitch::test
