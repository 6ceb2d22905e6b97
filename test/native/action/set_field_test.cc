#include "action/set_field.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "support/action_bench.h"
#include "support/fields.h"
#include "support/plain.h"
#include "support/rules.h"
#include "support/traffic.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// Where a field is in a packet: its first byte, and how far its lowest bit is from the end of `bytes`. No bytes: not there.
struct Where {
  size_t at = 0;
  size_t bytes = 0;
  uint32_t shift = 0;
};

size_t nd_option(const Bytes& packet, const Plain& plain, uint8_t kind) {
  for (size_t at = plain.transport + 24; at + 8 <= plain.ip_end && packet[at + 1] != 0; at += packet[at + 1] * 8u) {
    if (packet[at] == kind) return at;
  }
  return 0;
}

Where where_icmpv6(std::string_view name, const Bytes& packet, const Plain& plain) {
  const size_t icmp = plain.transport;
  if (name == "icmpv6_type") return {icmp, 1};
  if (name == "icmpv6_code") return {icmp + 1, 1};
  const int type = packet[icmp + 1] == 0 ? packet[icmp] : -1;  // neighbour discovery has code 0
  if (name == "ipv6_nd_target" && (type == 135 || type == 136)) return {icmp + 8, 16};
  const bool sll = name == "ipv6_nd_sll" && type == 135;
  const bool tll = name == "ipv6_nd_tll" && type == 136;
  const size_t option = sll || tll ? nd_option(packet, plain, sll ? 1 : 2) : 0;
  return option == 0 ? Where{} : Where{option + 2, 6};
}

Where where_transport(std::string_view name, const Bytes& packet, const Plain& plain) {
  if (plain.transport == 0) return {};
  const uint8_t proto = name.starts_with("tcp") ? 6 : name.starts_with("udp") ? 17 : name.starts_with("sctp") ? 132 : 0;
  if (proto != 0) return plain.proto != proto ? Where{} : Where{plain.transport + (name.ends_with("dst") ? 2 : 0), 2};
  if (plain.proto == 1 && plain.ipv4 != 0 && name.starts_with("icmpv4")) return {plain.transport + name.ends_with("code"), 1};
  if (plain.proto == 58 && plain.ipv6 != 0 && (name.starts_with("icmpv6") || name.starts_with("ipv6_nd")))
    return where_icmpv6(name, packet, plain);
  return {};
}

Where where(std::string_view name, const Bytes& packet) {
  const Plain plain = read_plain(packet);
  if (name == "eth_dst") return {0, 6};
  if (name == "eth_src") return {6, 6};
  if (name == "eth_type") return {plain.type, 2};
  if (name == "vlan_vid" || name == "vlan_pcp") return {14, plain.tags == 0 ? 0u : 2u, name == "vlan_pcp" ? 13u : 0u};
  if (name.starts_with("arp_")) {
    if (plain.arp == 0) return {};
    if (name == "arp_op") return {plain.arp + 6, 2};
    if (name == "arp_sha") return {plain.arp + 8, 6};
    if (name == "arp_spa") return {plain.arp + 14, 4};
    return name == "arp_tha" ? Where{plain.arp + 18, 6} : Where{plain.arp + 24, 4};
  }
  const size_t ip = plain.ipv4 + plain.ipv6;
  if (name == "ipv4_src" || name == "ipv4_dst") return {ip + (name == "ipv4_src" ? 12 : 16), plain.ipv4 == 0 ? 0u : 4u};
  if (name == "ipv6_src" || name == "ipv6_dst") return {ip + (name == "ipv6_src" ? 8 : 24), plain.ipv6 == 0 ? 0u : 16u};
  if (name == "ipv6_flabel") return {ip, plain.ipv6 == 0 ? 0u : 4u};
  if (!name.starts_with("ip_")) return where_transport(name, packet, plain);
  if (ip == 0) return {};
  if (name == "ip_ttl") return {ip + (plain.ipv4 != 0 ? 8 : 7), 1};
  if (name == "ip_proto") return {plain.next_header, 1};
  const uint32_t shift = name == "ip_dscp" ? 2 : 0;
  return plain.ipv4 != 0 ? Where{ip + 1, 1, shift} : Where{ip, 2, shift + 4};
}

void write(Bytes& packet, const Where& where, Value128 value, Value128 mask) {
  value = (value & mask) << where.shift;
  mask <<= where.shift;
  for (size_t i = where.bytes; i-- > 0; value >>= 8, mask >>= 8) {
    uint8_t& byte = packet[where.at + i];
    byte = static_cast<uint8_t>((byte & ~mask) | value);
  }
}

// Fields that say what follows: a packet made anew with them has other checksums, or none.
bool structural(std::string_view name) { return name == "eth_type" || name == "ip_proto"; }

const std::vector<std::string_view> kSettable = {
    "eth_dst",     "eth_src",     "eth_type",    "vlan_vid",    "vlan_pcp",    "ip_dscp",        "ip_ecn",      "ip_proto",
    "ipv4_src",    "ipv4_dst",    "ipv6_src",    "ipv6_dst",    "tcp_src",     "tcp_dst",        "udp_src",     "udp_dst",
    "icmpv4_type", "icmpv4_code", "icmpv6_type", "icmpv6_code", "arp_op",      "arp_spa",        "arp_tpa",     "arp_sha",
    "arp_tha",     "ip_ttl",      "sctp_src",    "sctp_dst",    "ipv6_flabel", "ipv6_nd_target", "ipv6_nd_sll", "ipv6_nd_tll"};

Value128 random_bits(std::mt19937& random, std::string_view name) {
  Value128 value = 0;
  for (int i = 0; i < 4; ++i) value = value << 32 | random();
  if (random() % 8 == 0) value = 0;
  if (random() % 8 == 0) value = ~Value128{0};
  return value & all_ones(field(name));
}

// What the packet must be, or nothing where the field is not there.
std::optional<Bytes> expected(const Bytes& before, std::string_view name, Value128 value, Value128 mask) {
  Where place = where(name, before);
  if (place.bytes == 0) return std::nullopt;
  if (name == "vlan_vid") mask &= 0xfff;
  Bytes after = before;
  write(after, place, value, mask);
  if (name == "ip_proto") {
    mend_ipv4(after);
    mend_protocol(after, read_plain(before));
  } else if (name != "eth_type") {
    mend(after);
  }
  return after;
}

void check_layers(const Outcome& outcome) { CHECK(memcmp(&outcome.layers, &outcome.fresh, sizeof(Layers)) == 0); }

// IPv6 with options, which a jumbogram has, before all else.
Bytes with_hop_by_hop(Bytes packet) {
  const size_t ipv6 = read_plain(packet).ipv6;
  const Bytes options = {packet[ipv6 + 6], 0, 0, 0, 0, 0, 0, 0};
  packet[ipv6 + 6] = kProtoHopByHop;
  put(packet, ipv6 + 4, 2, get(packet, ipv6 + 4, 2) + 8);
  packet.insert(packet.begin() + static_cast<long>(ipv6 + 40), options.begin(), options.end());
  return packet;
}

}  // namespace

TEST_CASE("set_field: every field of every kind of packet, the checksums as if computed anew") {
  ActionBench bench;
  std::mt19937 random(1);
  for (const std::string_view name : kSettable) {
    uint32_t written = 0;
    for (const std::string_view kind : kinds()) {
      for (int round = 0; round < 60; ++round) {
        const Bytes packet = random_packet(kind, random);
        const Value128 mask = round % 2 == 0 ? all_ones(field(name)) : random_bits(random, name);
        const Value128 value = random_bits(random, name) & mask;
        const auto after = expected(packet, name, value, mask);
        const Outcome outcome = bench.run({step<SetField>(set_masked(name, value, mask))}, packet);
        INFO(name << " of " << kind << ": " << to_hex(packet));
        if (!after) {
          CHECK(outcome.drop == DropReason::action_without_header);
          continue;
        }
        ++written;
        REQUIRE(!outcome.drop);
        REQUIRE(to_hex(outcome.packet) == to_hex(*after));
        check_layers(outcome);
      }
    }
    CAPTURE(name);
    CHECK(written >= 30);
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("set_field: many in one list, over segments") {
  ActionBench bench;
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) {
    const std::string_view kind = kinds()[random() % kinds().size()];
    const Bytes packet = random_packet(kind, random);
    std::vector<Step> steps;
    std::optional<Bytes> after = packet;
    std::string names;
    for (int i = 0; i <= round % 5; ++i) {
      const std::string_view name = kSettable[random() % kSettable.size()];
      // Not such that the packet becomes another kind, in which this test's reading and the switch's need not agree.
      if (structural(name) || name == "icmpv6_type" || !expected(*after, name, 0, 0)) continue;
      const Value128 value = random_bits(random, name);
      steps.push_back(step<SetField>(set_field(name, value)));
      after = expected(*after, name, value, all_ones(field(name)));
      names += std::string(name) + " ";
    }
    if (steps.empty()) continue;
    Layout layout;
    const Plain plain = read_plain(packet);
    // Headers are in the first segment; what follows is cut where it comes.
    if (plain.transport != 0) layout.segments = {plain.transport + 48 + random() % 16, random() % 40};
    INFO(names << " of " << kind << ": " << to_hex(packet));
    const Outcome outcome = bench.run(steps, packet, layout);
    REQUIRE(!outcome.drop);
    REQUIRE(to_hex(outcome.packet) == to_hex(*after));
    check_layers(outcome);
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("set_field: a wrong checksum stays as wrong as it was") {
  ActionBench bench;
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    Bytes sctp = random_packet("sctp4", random);
    const size_t at = read_plain(sctp).transport + 8;
    const uint32_t fault = random();
    const auto right = expected(sctp, "sctp_dst", 5, 0xffff);
    put(sctp, at, 4, get(sctp, at, 4) ^ fault);
    const Outcome outcome = bench.run({step<SetField>(set_field("sctp_dst", 5))}, sctp);
    CHECK(get(outcome.packet, at, 4) == (get(*right, at, 4) ^ fault));

    Bytes tcp = random_packet("tcp4", random);
    const size_t checksum = read_plain(tcp).transport + 16;
    put(tcp, checksum, 2, get(tcp, checksum, 2) ^ 0x0100);
    const Outcome still_wrong = bench.run({step<SetField>(set_field("tcp_dst", 5))}, tcp);
    Bytes mended = still_wrong.packet;
    mend(mended);
    CHECK(get(mended, checksum, 2) != get(still_wrong.packet, checksum, 2));
  }
}

TEST_CASE("set_field: UDP's checksum of 0 stays 0, and none becomes 0") {
  ActionBench bench;
  std::mt19937 random(4);
  uint32_t none = 0;
  uint32_t ones = 0;
  Bytes packet;
  while (packet.empty() || get(packet, read_plain(packet).transport + 6, 2) == 0) packet = random_packet("udp4", random);
  const size_t at = read_plain(packet).transport + 6;
  for (uint32_t port = 0; port <= 0xffff; ++port) {
    const Outcome outcome = bench.run({step<SetField>(set_field("udp_dst", port))}, packet);
    none += get(outcome.packet, at, 2) == 0;
    ones += get(outcome.packet, at, 2) == 0xffff;
  }
  CHECK(none == 0);
  CHECK(ones >= 1);
  put(packet, at, 2, 0);
  CHECK(get(bench.run({step<SetField>(set_field("ipv4_dst", 7))}, packet).packet, at, 2) == 0);
}

TEST_CASE("set_field: a length that IP does not say, or says too large, is the packet's own") {
  ActionBench bench;
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    Bytes packet = with_hop_by_hop(random_packet("sctp6", random));
    const Plain plain = read_plain(packet);
    packet.resize(plain.ip_end);
    const auto after = expected(packet, "sctp_src", 9, 0xffff);
    const uint32_t claim = round % 2 == 0 ? 0 : 0xffff;  // 0: a jumbogram, RFC 2675
    put(packet, plain.ipv6 + 4, 2, claim);
    const Outcome outcome = bench.run({step<SetField>(set_field("sctp_src", 9))}, packet);
    CHECK(get(outcome.packet, plain.transport + 8, 4) == get(*after, plain.transport + 8, 4));
  }
}
