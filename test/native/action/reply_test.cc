#include <doctest/doctest.h>

#include "action/arp_reply.h"
#include "action/icmp_reply.h"
#include "action/nd_reply.h"
#include "support/action_bench.h"
#include "support/packets.h"
#include "support/plain.h"
#include "support/routers.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

std::vector<Step> nd_reply() {
  Action action;
  action.kind = ActionKind::nd_reply;
  action.value = 0x0200000000fe;
  return {step<NdReply>(action)};
}

const std::vector<Step> kIcmpReply = {step<IcmpReply>(Action{})};

// ff02::1:ff00:2 asks for fd00::2; the checksum right.
const std::string kAsk = "020000000001 020000000002 86dd 60000000 00203aff ";
const std::string kAsker = "fd000000000000000000000000000001";
const std::string kGroup = "ff0200000000000000000001ff000002";
const std::string kTarget = "fd000000000000000000000000000002";

Bytes mended(Bytes packet) {
  packet[56] = packet[57] = 0;
  uint32_t sum = 58 + static_cast<uint32_t>(packet.size() - 54);
  for (size_t at = 22; at < packet.size(); at += 2) sum += packet[at] << 8 | (at + 1 < packet.size() ? packet[at + 1] : 0);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  packet[56] = static_cast<uint8_t>(~sum >> 8);
  packet[57] = static_cast<uint8_t>(~sum);
  return packet;
}

const Bytes kSolicited = mended(hex(kAsk + kAsker + kGroup + "87000000 00000000" + kTarget + "0101 020000000003"));

}  // namespace

TEST_CASE("nd_reply: the advertisement of a router, to who asked") {
  ActionBench& bench = shared_bench();
  const Bytes expected = mended(hex("020000000003 0200000000fe 86dd 60000000 00203aff" + kTarget + kAsker + "88000000 e0000000" +
                                    kTarget + "0201 0200000000fe"));
  CHECK(to_hex(bench.run(nd_reply(), kSolicited).packet) == to_hex(expected));
  Bytes padded = kSolicited;
  padded.resize(padded.size() + 9);
  CHECK(to_hex(bench.run(nd_reply(), padded).packet) == to_hex(expected));
}

TEST_CASE("nd_reply: without the option of who asked it goes to where the frame came from") {
  ActionBench& bench = shared_bench();
  Bytes asked = hex(kAsk + kAsker + kTarget + "87000000 00000000" + kTarget);
  asked[19] = 24;
  const Outcome outcome = bench.run(nd_reply(), mended(asked));
  CHECK(to_hex(outcome.packet) == to_hex(mended(hex("020000000002 0200000000fe 86dd 60000000 00203aff" + kTarget + kAsker +
                                                    "88000000 e0000000" + kTarget + "0201 0200000000fe"))));
}

TEST_CASE("nd_reply: who only asks whether the address is free hears it with all nodes (RFC 4862, section 5.4.4)") {
  ActionBench& bench = shared_bench();
  Bytes probe = hex(kAsk + std::string(32, '0') + kGroup + "87000000 00000000" + kTarget);
  probe[19] = 24;
  CHECK(to_hex(bench.run(nd_reply(), mended(probe)).packet) ==
        to_hex(mended(hex("333300000001 0200000000fe 86dd 60000000 00203aff" + kTarget + "ff020000000000000000000000000001" +
                          "88000000 a0000000" + kTarget + "0201 0200000000fe"))));
}

TEST_CASE("nd_reply: what RFC 4861, section 7.1.1 calls invalid is none, nor what asks nothing") {
  ActionBench& bench = shared_bench();
  const auto changed = [](size_t at, uint8_t value) {
    Bytes packet = kSolicited;
    packet[at] = value;
    return mended(packet);
  };
  CHECK(bench.run(nd_reply(), changed(21, 254)).drop == DropReason::malformed_header);
  CHECK(bench.run(nd_reply(), changed(55, 1)).drop == DropReason::action_without_header);
  Bytes wrong_sum = kSolicited;
  wrong_sum[57] ^= 1;
  CHECK(bench.run(nd_reply(), wrong_sum).drop == DropReason::malformed_header);
  Bytes probe = kSolicited;
  std::fill(probe.begin() + 22, probe.begin() + 38, 0);
  CHECK(bench.run(nd_reply(), mended(probe)).drop == DropReason::malformed_header);
  CHECK(bench.run(nd_reply(), mended(hex(kAdvertisement))).drop == DropReason::malformed_header);
  CHECK(bench.run(nd_reply(), hex(kUdp6)).drop == DropReason::action_without_header);
  CHECK(bench.run(nd_reply(), hex(kUdp4)).drop == DropReason::action_without_header);
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("icmp_reply: an echo request comes back as its reply, checksums as if computed anew") {
  ActionBench& bench = shared_bench();
  Bytes request = hex(kEthernet + "0800 45000020 00000000 03010000 0a000001 0a000002 08008f53 00000000 12345678");
  mend_ipv4(request);
  Bytes expected = hex("020000000002 020000000001 0800 45000020 00000000 40010000 0a000002 0a000001 00009753 00000000 12345678");
  mend_ipv4(expected);
  CHECK(to_hex(bench.run(kIcmpReply, request).packet) == to_hex(expected));

  // All zeros: 0 would be no checksum of it.
  CHECK(to_hex(bench.run(kIcmpReply, hex(kIcmp4)).packet).substr(68, 8) == "0000ffff");

  Bytes request6 = hex(kAsk + kAsker + kTarget + "80000000 00010002 abcd");
  request6[19] = 10;
  Bytes expected6 = hex("020000000002 020000000001 86dd 60000000 000a3a40" + kTarget + kAsker + "81000000 00010002 abcd");
  CHECK(to_hex(bench.run(kIcmpReply, mended(request6)).packet) == to_hex(mended(expected6)));
}

TEST_CASE("icmp_reply: of TCP and UDP the sender is told that nobody listens, all else is dropped") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways();
  for (const auto& [packet, ip_bytes, type, code] : {std::tuple{kUdp4, 20u, 3, 3}, {kTcp4, 20u, 3, 3}, {kUdp6, 40u, 1, 4}}) {
    CHECK(bench.run(kIcmpReply, hex(packet)).drop == DropReason::no_service);
    const auto sent = bench.sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0][14 + ip_bytes] == type);
    CHECK(sent[0][15 + ip_bytes] == code);
  }
  for (const char* other : {"00", "03", "0d"}) {
    Bytes packet = hex(kIcmp4);
    packet[34] = hex(other)[0];
    CHECK(bench.run(kIcmpReply, packet).drop == DropReason::no_service);
  }
  Bytes fragment = hex(kIcmp4);
  fragment[20] = 0x20;
  mend_ipv4(fragment);
  CHECK(bench.run(kIcmpReply, fragment).drop == DropReason::no_service);
  CHECK(bench.run(kIcmpReply, hex(kSctp4)).drop == DropReason::no_service);
  CHECK(bench.run(kIcmpReply, hex(kArpRequest)).drop == DropReason::action_without_header);
  CHECK(bench.sent().empty());
  CHECK(bench.buffers_in_use() == 0);
}

TEST_CASE("replies: beyond the rate of the gateway they are drops with a name") {
  ActionBench& bench = shared_bench();
  bench.gateways = gateways(100);
  Action arp;
  arp.kind = ActionKind::arp_reply;
  arp.value = 1;
  for (const auto& [steps, packet] :
       {std::pair{std::vector{step<ArpReply>(arp)}, hex(kArpRequest)}, {nd_reply(), kSolicited}, {kIcmpReply, hex(kIcmp4)}}) {
    uint32_t dropped = 0;
    for (int i = 0; i < 20; ++i) dropped += bench.run(steps, packet).drop == DropReason::reply_rate_exceeded;
    CHECK(dropped >= 9);
  }
}
