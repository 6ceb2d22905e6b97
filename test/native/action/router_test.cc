#include "action/router.h"

#include <doctest/doctest.h>

#include "action/dec_ttl.h"
#include "action/encap.h"
#include "action/forward.h"
#include "action/output.h"
#include "packet/tracked_packet.h"
#include "support/action_bench.h"
#include "support/packets.h"
#include "support/plain.h"
#include "support/routers.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// What an error says, when its checksums are right; read plainly.
struct Told {
  std::string eth;
  std::string from;
  std::string to;
  int type = -1;
  int code = -1;
  uint32_t mtu = 0;
  Bytes quoted;
};

uint32_t word_sum(const Bytes& bytes, size_t from, size_t to) {
  uint32_t sum = 0;
  for (size_t at = from; at < to; ++at) sum += (at - from) % 2 == 0 ? bytes[at] << 8 : bytes[at];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

Told read(const Bytes& packet, size_t ip = 14) {
  Told told;
  const auto text = [&](size_t at, size_t count) {
    return to_hex(Bytes(packet.begin() + static_cast<long>(at), packet.begin() + static_cast<long>(at + count)));
  };
  REQUIRE(packet.size() > ip + 28);
  told.eth = text(0, 12);
  const bool is_ipv4 = packet[ip] >> 4 == 4;
  const size_t icmp = ip + (is_ipv4 ? 20 : 40);
  const size_t claimed = is_ipv4 ? packet[ip + 2] << 8 | packet[ip + 3] : 40 + (packet[ip + 4] << 8 | packet[ip + 5]);
  CHECK(ip + claimed == packet.size());
  CHECK(packet[ip + (is_ipv4 ? 9 : 6)] == (is_ipv4 ? 1 : 58));
  CHECK(packet[ip + (is_ipv4 ? 8 : 7)] == 64);
  told.from = text(ip + (is_ipv4 ? 12 : 8), is_ipv4 ? 4 : 16);
  told.to = text(ip + (is_ipv4 ? 16 : 24), is_ipv4 ? 4 : 16);
  if (is_ipv4) {
    CHECK(word_sum(packet, ip, icmp) == 0xffff);
    CHECK(word_sum(packet, icmp, packet.size()) == 0xffff);
  } else {
    const uint32_t sum = word_sum(packet, ip + 8, packet.size()) + static_cast<uint32_t>(packet.size() - icmp) + 58;
    CHECK((sum & 0xffff) + (sum >> 16) == 0xffff);
  }
  told.type = packet[icmp];
  told.code = packet[icmp + 1];
  told.mtu = static_cast<uint32_t>(packet[icmp + 6]) << 8 | packet[icmp + 7];
  told.quoted = Bytes(packet.begin() + static_cast<long>(icmp + 8), packet.end());
  return told;
}

const std::vector<Step> kDecTtl = {step<DecTtl>(Action{})};

Step out(PortNumber port) {
  Action action;
  action.kind = ActionKind::output;
  action.argument = port;
  Step made = step<Output>(action);
  made.ops[0].flags |= kLastOp;
  return made;
}

Bytes expiring(const std::string& packet, size_t ttl_at) {
  Bytes bytes = hex(packet);
  bytes[ttl_at] = 1;
  mend_ipv4(bytes);
  return bytes;
}

// A packet that is not to be fragmented, with so many bytes behind its Ethernet header.
Bytes large(const std::string& packet, size_t ip_bytes) {
  Bytes bytes = hex(packet);
  bytes.resize(14 + ip_bytes);
  if (bytes[14] >> 4 == 4) {
    bytes[16] = static_cast<uint8_t>(ip_bytes >> 8);
    bytes[17] = static_cast<uint8_t>(ip_bytes);
    bytes[20] = 0x40;
    mend_ipv4(bytes);
  } else {
    bytes[18] = static_cast<uint8_t>((ip_bytes - 40) >> 8);
    bytes[19] = static_cast<uint8_t>(ip_bytes - 40);
  }
  return bytes;
}

constexpr const char* kHost4 = "0a000001";
constexpr const char* kRouter4 = "0a0000fe";
constexpr const char* kHost6 = "fd000000000000000000000000000001";
constexpr const char* kRouter6 = "fd0000000000000000000000000000fe";
constexpr const char* kBack = "020000000002020000000001";

}  // namespace

TEST_CASE("router: time exceeded, from the gateway to the sender, with the packet quoted as it came") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways();
  for (const auto& [packet, at, router, host, type] :
       {std::tuple{kUdp4, 22, kRouter4, kHost4, 11}, {kTcp4, 22, kRouter4, kHost4, 11}, {kUdp6, 21, kRouter6, kHost6, 3}}) {
    const Bytes came = expiring(packet, static_cast<size_t>(at));
    CHECK(bench.run(kDecTtl, came).drop == DropReason::ttl_expired);
    const auto sent = bench.sent();
    REQUIRE(sent.size() == 1);
    const Told told = read(sent[0]);
    CHECK(told.eth == kBack);
    CHECK(told.from == router);
    CHECK(told.to == host);
    CHECK(told.type == type);
    CHECK(told.code == 0);
    CHECK(to_hex(told.quoted) == to_hex(Bytes(came.begin() + 14, came.end())));
  }
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("router: without a gateway of the family nobody is told") {
  ActionBench& bench = shared_bench();
  CHECK(bench.run(kDecTtl, expiring(kUdp4, 22)).drop == DropReason::ttl_expired);
  bench.gateways = gateways();
  bench.gateways.list.pop_back();
  CHECK(bench.run(kDecTtl, expiring(kUdp6, 21)).drop == DropReason::ttl_expired);
  CHECK(bench.sent().empty());
}

TEST_CASE("router: of several gateways it is the one of the sender's network that speaks") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways();
  bench.gateways.list = {gateway(4, 16, "0a0100fe"), gateway(4, 25, "0a000081"), gateway(4, 25, "0a00007e")};
  bench.run(kDecTtl, expiring(kUdp4, 22));
  CHECK(read(bench.sent().at(0)).from == "0a00007e");
  bench.gateways.list.pop_back();
  bench.run(kDecTtl, expiring(kUdp4, 22));
  CHECK(read(bench.sent().at(0)).from == "0a0100fe");
}

TEST_CASE("router: no error is sent about what RFC 1122 and RFC 4443 name") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways();
  const auto silent = [&](const char* what, Bytes packet) {
    CAPTURE(what);
    mend_ipv4(packet);
    CHECK(bench.run(kDecTtl, packet).drop.has_value());
    CHECK(bench.sent().empty());
  };
  const auto changed = [](Bytes packet, size_t at, std::string_view bytes) {
    const Bytes values = hex(bytes);
    std::copy(values.begin(), values.end(), packet.begin() + static_cast<long>(at));
    return packet;
  };
  const Bytes udp4 = expiring(kUdp4, 22);
  const Bytes udp6 = expiring(kUdp6, 21);
  const Bytes icmp4 = expiring(kIcmp4, 22);
  bench.run(kDecTtl, icmp4);
  CHECK(read(bench.sent().at(0)).type == 11);  // about an echo request
  for (const char* error : {"03", "04", "05", "0b", "0c"}) silent("an ICMP error", changed(icmp4, 34, error));
  silent("a later fragment", changed(udp4, 20, "0001"));
  silent("from nobody", changed(udp4, 26, "00000000"));
  silent("from loopback", changed(udp4, 26, "7f000001"));
  silent("from a group", changed(udp4, 26, "e0000001"));
  silent("to a group", changed(udp4, 30, "e0000001"));
  silent("to all", changed(udp4, 30, "ffffffff"));
  silent("to a group's MAC address", changed(udp4, 0, "01"));
  silent("from a group's MAC address", changed(udp4, 6, "03"));
  silent("ICMPv6 error", changed(changed(udp6, 20, "3a"), 54, "01"));
  silent("from no IPv6 address", changed(udp6, 22, "00000000000000000000000000000000"));
  silent("from an IPv6 group", changed(udp6, 22, "ff"));
  silent("to an IPv6 group", changed(udp6, 38, "ff"));
}

TEST_CASE("router: too big, of IPv4 only where it may not be fragmented, with the MTU of the next hop") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways();
  bench.mtu = 1400;
  for (const auto& [packet, router, type, code, most] :
       {std::tuple{kUdp4, kRouter4, 3, 4, 548u}, {kUdp6, kRouter6, 2, 0, 1232u}}) {
    const Bytes came = large(packet, 1401);
    CHECK(bench.run({read_all(), out(ActionBench::kOpen)}, came).drop == DropReason::mtu_exceeded);
    const auto sent = bench.sent();
    REQUIRE(sent.size() == 1);
    const Told told = read(sent[0]);
    CHECK(told.from == router);
    CHECK(told.type == type);
    CHECK(told.code == code);
    CHECK(told.mtu == 1400);
    CHECK(to_hex(told.quoted) == to_hex(Bytes(came.begin() + 14, came.begin() + 14 + most)));
    bench.run({read_all(), out(ActionBench::kOpen)}, large(packet, 1400));
    CHECK(bench.sent().size() == 1);
  }
  Bytes may_fragment = large(kUdp4, 1401);
  may_fragment[20] = 0;
  mend_ipv4(may_fragment);
  CHECK(bench.run({read_all(), out(ActionBench::kOpen)}, may_fragment).drop == DropReason::mtu_exceeded);
  CHECK(bench.sent().empty());
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("router: tags stay on what is told") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways();
  Bytes tagged = expiring(kUdp4, 22);
  const Bytes tag = hex("81000005");
  tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
  CHECK(bench.run(kDecTtl, tagged).drop == DropReason::ttl_expired);
  const auto sent = bench.sent();
  REQUIRE(sent.size() == 1);
  CHECK(to_hex(Bytes(sent[0].begin() + 12, sent[0].begin() + 18)) == "810000050800");
  CHECK(read(sent[0], 18).type == 11);
}

TEST_CASE("router: answers are as many as their rate allows, and a tenth of a second's at once") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways(100);
  for (int i = 0; i < 200; ++i) CHECK(bench.run(kDecTtl, expiring(kUdp4, 22)).drop == DropReason::ttl_expired);
  CHECK(bench.sent().size() == 11);
}
