// Captures of odd and malformed packets that others made, as bytes that come in at a port: every one of them is sent or dropped
// by name, and under the sanitizers nothing is read or written that is not the packet's.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/bench_ports.h"
#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

std::filesystem::path folder() {
  const char* given = std::getenv("CONFORMANCE_DIR");
  return std::filesystem::path(given != nullptr ? given : "../shared/conformance") / "malformed-pcaps";
}

uint32_t number_at(const Bytes& file, size_t at, bool swapped) {
  uint32_t value;
  memcpy(&value, file.data() + at, sizeof value);
  return swapped ? __builtin_bswap32(value) : value;
}

// The packets of a classic capture file, whatever its link type; empty for other files.
std::vector<Bytes> packets_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const Bytes file{std::istreambuf_iterator<char>(in), {}};
  std::vector<Bytes> packets;
  if (file.size() < 24) return packets;
  const uint32_t magic = number_at(file, 0, false);
  const bool swapped = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
  if (!swapped && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) return packets;
  for (size_t at = 24; at + 16 <= file.size();) {
    const size_t length = number_at(file, at + 8, swapped);
    at += 16;
    if (length > file.size() - at) break;
    packets.emplace_back(file.begin() + static_cast<ptrdiff_t>(at), file.begin() + static_cast<ptrdiff_t>(at + length));
    at += length;
  }
  return packets;
}

// Rules that read every header there is, and rewrite, unwrap and wrap what they find.
std::vector<Rule> everything() {
  std::vector<Rule> rules = {
      rule(0, 1, 9, {{"eth_type", 0x86dd}, {"ip_proto", 58}, {"icmpv6_type", 135}, {"ipv6_nd_target", 1}, {"ipv6_exthdr", 1}},
           {output(3)}),
      rule(1, 1, 8, {{"eth_type", 0x0806}, {"arp_op", 1}}, {act(ActionKind::arp_reply, 0, 1), output(kInPort)}),
      rule(2, 1, 7, {{"eth_type", 0x0800}, {"ip_proto", 6}},
           {set_field("ipv4_src", 0x0a000001), set_field("tcp_dst", 80), kDecTtl, output(3), go_to(1)}),
      rule(3, 1, 7, {{"eth_type", 0x0800}, {"ip_proto", 17}},
           {set_field("ipv4_dst", 0x0a000001), set_field("udp_src", 53), kDecTtl, output(3), go_to(1)}),
      rule(4, 1, 6, {{"eth_type", 0x86dd}, {"ip_proto", 17}},
           {set_field("ipv6_src", 1), set_field("udp_src", 53), kDecTtl, go_to(1)}),
      rule(5, 1, 6, {{"eth_type", 0x86dd}, {"ip_proto", 58}},
           {set_field("ipv6_src", 1), set_field("icmpv6_type", 128), go_to(1)}),
      rule(6, 1, 6, {{"eth_type", 0x0800}, {"ip_proto", 132}}, {set_field("sctp_src", 1), go_to(1)}),
      rule(7, 1, 1, {}, {act(ActionKind::push_vlan, 0x8100), set_field("vlan_vid", 0x1005), output(3), go_to(1)}),
      in_table(1, rule(8, 1, 3, {{"vlan_vid", 0x1005}}, {act(ActionKind::pop_vlan), go_to(2)})),
      in_table(1, rule(9, 1, 1, {}, {act(ActionKind::push_vlan, 0x88a8), go_to(2)})),
      in_table(2, rule(10, 1, 1, {}, {set_src(5), output(3)})),
  };
  return rules;
}

uint64_t dropped(const Bench& bench) {
  uint64_t sum = 0;
  for (const Counter& reason : bench.counters().tenants[1].drops) sum += reason.read();
  return sum;
}

}  // namespace

TEST_CASE("every packet of the malformed captures is sent or dropped by name") {
  if (!std::filesystem::is_directory(folder())) {
    MESSAGE("SKIPPED: there is no " << folder() << "; set CONFORMANCE_DIR");
    return;
  }
  Bench bench;
  REQUIRE(!bench.install(everything()));
  uint64_t packets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    for (const Bytes& packet : packets_of(entry.path())) {
      if (packet.size() > 1900) continue;  // more than one of the test's buffers holds
      ++packets;
      const uint64_t before = dropped(bench);
      const bool sent = !bench.run(2, {packet}).empty();
      CHECK_MESSAGE((sent || dropped(bench) > before), entry.path());
      CHECK(bench.buffers_in_use() == 0);
    }
  }
  CHECK(packets > 6000);
}
