#include "support/packets.h"
#include "support/parsed.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

const auto kOk = ParseVerdict::kOk;
const auto kMalformed = ParseVerdict::kMalformed;

const Fields kIp = {{"eth_type", 0x800}, {"ipv4_src", 0x0a000001}, {"ipv4_dst", 0x0a000002}, {"ip_ttl", 64}};
const Fields kUdpPorts = {{"udp_src", 1000}, {"udp_dst", 2000}};
const Fields kUdp = kIp + Fields{{"ip_proto", 17}} + kUdpPorts;
const Fields kTcp = kIp + Fields{{"ip_proto", 6}, {"ip_dscp", 46}, {"tcp_src", 1000}, {"tcp_dst", 80}, {"tcp_flags", 2}};

// What comes between the addresses and the Ethernet type of UDP over IPv4.
std::string tagged(const std::string& tags) { return kEthernet + tags + kUdp4.substr(kEthernet.size()); }

const std::string kWithOptions = kEthernet + "0800 46000020 00000000 40110000 0a000001 0a000002 01010101 03e807d0 00080000";

const Record kRecords[] = {
    {"UDP over IPv4", kUdp4, kOk, kUdp},
    {"UDP behind IPv4 options", kWithOptions, kOk, kUdp},
    {"a UDP length larger than the packet says nothing of the ports", with(kUdp4, 38, "ffff"), kOk, kUdp},
    {"a UDP length of 0 neither", with(kUdp4, 38, "0000"), kOk, kUdp},
    {"TCP with a DSCP", kTcp4, kOk, kTcp},
    {"an ECN", with(kTcp4, 15, "bb"), kOk, kTcp + Fields{{"ip_ecn", 3}}},
    {"all flags of TCP, the reserved ones too", with(kTcp4, 46, "5fff"), kOk, kTcp + Fields{{"tcp_flags", 0xfff}}},
    {"TCP header length 16", with(kTcp4, 46, "40"), kMalformed, {}},
    {"TCP header longer than the packet says nothing of the ports", with(kTcp4, 46, "f0"), kOk, kTcp},
    {"SCTP", kSctp4, kOk, kIp + Fields{{"ip_proto", 132}, {"sctp_src", 1000}, {"sctp_dst", 2000}}},
    {"SCTP cut off by IPv4's total length", with(kSctp4, 16, "001f"), kMalformed, {}},
    {"ICMP echo", kIcmp4, kOk, kIp + Fields{{"ip_proto", 1}, {"icmpv4_type", 8}}},
    {"ICMP with a code", with(kIcmp4, 34, "0301"), kOk, kIp + Fields{{"ip_proto", 1}, {"icmpv4_type", 3}, {"icmpv4_code", 1}}},
    {"ICMPv6 over IPv4 is nothing that is known", with(kIcmp4, 23, "3a"), kOk, kIp + Fields{{"ip_proto", 58}}},
    {"a protocol that has no ports", with(kUdp4, 23, "2f"), kOk, kIp + Fields{{"ip_proto", 47}}},
    {"protocol 0 in IPv4 is no extension header", with(kUdp4, 23, "00"), kOk, kIp},

    {"a VLAN tag: its type is the inner one", tagged("8100 6064"), kOk, kUdp + Fields{{"vlan_vid", 0x1064}, {"vlan_pcp", 3}}},
    {"a VLAN tag with DEI", tagged("8100 7064"), kOk, kUdp + Fields{{"vlan_vid", 0x1064}, {"vlan_pcp", 3}}},
    {"a VLAN tag of number 0 is a tag", kEthernet + "8100 0000 88b5", kOk, {{"eth_type", 0x88b5}, {"vlan_vid", 0x1000}}},
    {"of two VLAN tags the outer one", tagged("88a8 e002 8100 6064"), kOk, kUdp + Fields{{"vlan_vid", 0x1002}, {"vlan_pcp", 7}}},
    {"two tags of 802.1Q", tagged("8100 0002 8100 6064"), kOk, kUdp + Fields{{"vlan_vid", 0x1002}}},
    {"what lies behind a third VLAN tag is not read",
     tagged("88a8 0002 8100 0003 8100 0004"),
     kOk,
     {{"eth_type", 0x8100}, {"vlan_vid", 0x1002}}},
    {"a VLAN tag cut short", kEthernet + "8100 0064 08", kMalformed, {}},
    {"a second VLAN tag cut short", kEthernet + "88a8 0064 8100 0001 08", kMalformed, {}},

    {"an ARP request",
     kArpRequest,
     kOk,
     {{"eth_type", 0x806}, {"arp_op", 1}, {"arp_spa", 0x0a000001}, {"arp_tpa", 0x0a0000fe}, {"arp_sha", 0x020000000002}}},
    {"the target's address in ARP",
     with(kArpRequest, 32, "020000000003"),
     kOk,
     {{"eth_type", 0x806},
      {"arp_op", 1},
      {"arp_spa", 0x0a000001},
      {"arp_tpa", 0x0a0000fe},
      {"arp_sha", 0x020000000002},
      {"arp_tha", 0x020000000003}}},
    {"ARP of another hardware has no ARP fields", with(kArpRequest, 14, "0006"), kOk, {{"eth_type", 0x806}}},
    {"ARP of another protocol neither", with(kArpRequest, 16, "86dd"), kOk, {{"eth_type", 0x806}}},
    {"ARP of other lengths neither", with(kArpRequest, 18, "0806"), kOk, {{"eth_type", 0x806}}},
    {"an unknown type", kEthernet + "88b5 0102", kOk, {{"eth_type", 0x88b5}}},

    {"a first fragment has ports", with(kUdp4, 20, "2000"), kOk, kUdp + Fields{{"ip_frag", 1}}},
    {"a later fragment has none", with(kUdp4, 20, "2001"), kOk, kIp + Fields{{"ip_proto", 17}, {"ip_frag", 3}}},
    {"the last fragment neither", with(kUdp4, 20, "0001"), kOk, kIp + Fields{{"ip_proto", 17}, {"ip_frag", 3}}},
    {"the highest bit of a fragment's offset counts", with(kUdp4, 20, "1000"), kOk,
     kIp + Fields{{"ip_proto", 17}, {"ip_frag", 3}}},
    {"a later fragment of TCP may be shorter than TCP's header", with(kUdp4, 20, "0001 4006"), kOk,
     kIp + Fields{{"ip_proto", 6}, {"ip_frag", 3}}},
    {"do not fragment is no fragment", with(kUdp4, 20, "4000"), kOk, kUdp},
    {"the reserved bit is no fragment", with(kUdp4, 20, "8000"), kOk, kUdp},

    {"IPv4 of version 5", with(kUdp4, 14, "55"), kMalformed, {}},
    {"IPv4 header length 16", with(kUdp4, 14, "44"), kMalformed, {}},
    {"IPv4 header length 0", with(kUdp4, 14, "40"), kMalformed, {}},
    {"IPv4 header longer than the packet", with(kUdp4, 14, "4f"), kMalformed, {}},
    {"IPv4 total length below its header", with(kUdp4, 16, "0013"), kMalformed, {}},
    {"IPv4 total length 0", with(kUdp4, 16, "0000"), kMalformed, {}},
    {"IPv4 total length below its header with options", with(kWithOptions, 16, "0017"), kMalformed, {}},
    {"IPv4 total length of a header only", with(kUdp4, 16, "0014"), kMalformed, {}},
    {"UDP cut off by IPv4's total length", with(kUdp4, 16, "001b"), kMalformed, {}},
    {"IPv4 longer than the packet says nothing of its header", with(kUdp4, 16, "ffff"), kOk, kUdp},
};

}  // namespace

TEST_CASE("the parser finds the fields of a packet") {
  for (const Record& record : kRecords) check(record);
}

TEST_CASE("the parser says where the layers begin") {
  const Layers plain = parse(hex(kUdp4)).layers;
  CHECK(plain.ipv4 == 14);
  CHECK(plain.transport == 34);
  CHECK(plain.proto == 17);
  CHECK(plain.tags == 0);
  const Layers tags = parse(hex(tagged("88a8 0002 8100 0003"))).layers;
  CHECK(tags.ipv4 == 22);
  CHECK(tags.transport == 42);
  CHECK(tags.tags == 2);
  CHECK(parse(hex(tagged("88a8 0002 8100 0003 8100 0004"))).layers.tags == 2);
  CHECK(parse(hex(kWithOptions)).layers.transport == 38);
  CHECK(parse(hex(with(kUdp4, 20, "0001"))).layers.transport == 0);
  CHECK(parse(hex(kArpRequest)).layers.arp == 14);
}

TEST_CASE("a header that the plan does not name is not read") {
  CHECK(words_of(parse(hex(kUdp4), 0).key).word[1] == 0);
  CHECK(words_of(parse(hex(kUdp4), kEtherType).key).word[1] == 0);
  const Parsed network = parse(hex(kUdp4), kEtherType | kIpv4);
  CHECK(static_cast<uint64_t>(read(network.key, "ipv4_dst")) == 0x0a000002);
  CHECK(network.key.tp_dst == 0);
  CHECK((network.key.layer_flags & kHasTransport) == 0);
  // Not even a broken one is noticed.
  CHECK(parse(hex(with(kUdp4, 14, "55")), kEtherType).verdict == kOk);
}

TEST_CASE("a packet read anew keeps what is not in it") {
  GuardedPacket packet(hex(kUdp4));
  Burst burst;
  burst.count = 1;
  burst.in_port = 7;
  burst.packet[0] = packet.mbuf();
  ParseVerdict verdict[kBurst];
  CHECK(parse_burst(ParsePlan{kEverything}, burst, verdict) == 0);
  CHECK(burst.bytes[0] == hex(kUdp4).size());
  burst.key[0].metadata = 0x1234;
  burst.key[0].tunnel_id = 0x5678;
  burst.bytes[0] = 1;
  const Bytes changed = hex(with(kUdp4, 12, "88b5"));
  memcpy(rte_pktmbuf_mtod(packet.mbuf(), void*), changed.data(), changed.size());
  CHECK(parse_again(ParsePlan{kEverything}, burst, 0) == kOk);
  FlowKey expected{};
  memcpy(expected.eth_dst, changed.data(), 6);
  memcpy(expected.eth_src, changed.data() + 6, 6);
  KeyWords words = words_of(expected);
  place(field("in_port"), 7, words);
  place(field("eth_type"), 0x88b5, words);
  words.word[offsetof(FlowKey, metadata) / 8] = 0x1234;
  words.word[offsetof(FlowKey, tunnel_id) / 8] = 0x5678;
  CHECK(words == words_of(burst.key[0]));
  CHECK(burst.layers[0].ipv4 == 0);
  CHECK(burst.bytes[0] == 1);
}
