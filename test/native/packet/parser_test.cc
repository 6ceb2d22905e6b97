#include "packet/parser.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "support/fields.h"
#include "support/guarded.h"
#include "support/packets.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr HeaderSet kEverything = kEthernetAddresses | kEtherType | kVlan | kArp | kIpv4 | kIpv6 | kTransport;

struct Parsed {
  ParseVerdict verdict;
  FlowKey key;
  Layers layers;
};

Parsed parse(const Bytes& bytes, HeaderSet headers = kEverything) {
  GuardedPacket packet(bytes);
  Burst burst;
  burst.count = 1;
  burst.in_port = 7;
  burst.packet[0] = packet.mbuf();
  ParseVerdict verdict[kBurst];
  parse_burst(ParsePlan{headers}, burst, verdict);
  return {verdict[0], burst.key[0], burst.layers[0]};
}

using Fields = std::map<std::string, uint64_t>;

struct Record {
  const char* about;
  std::string packet;
  ParseVerdict verdict;
  Fields fields;  // those that are not 0, but for in_port and the MAC addresses
};

// The packet with the bytes from `at` replaced.
std::string with(const std::string& packet, size_t at, const std::string& digits) {
  std::string text = to_hex(hex(packet));
  return text.replace(at * 2, digits.size(), digits);
}

const auto kOk = ParseVerdict::kOk;
const auto kMalformed = ParseVerdict::kMalformed;

// Of kUdp4.
const Fields kUdpFields = {{"eth_type", 0x800}, {"ipv4_src", 0x0a000001}, {"ipv4_dst", 0x0a000002},
                           {"ip_proto", 17},    {"udp_src", 1000},        {"udp_dst", 2000}};

const Record kRecords[] = {
    {"UDP over IPv4", kUdp4, kOk, kUdpFields},
    {"TCP with a DSCP",
     kTcp4,
     kOk,
     {{"eth_type", 0x800},
      {"ipv4_src", 0x0a000001},
      {"ipv4_dst", 0x0a000002},
      {"ip_dscp", 46},
      {"ip_proto", 6},
      {"tcp_src", 1000},
      {"tcp_dst", 80}}},
    {"ICMP echo",
     kIcmp4,
     kOk,
     {{"eth_type", 0x800}, {"ipv4_src", 0x0a000001}, {"ipv4_dst", 0x0a000002}, {"ip_proto", 1}, {"icmpv4_type", 8}}},
    {"a VLAN tag: its type is the inner one",
     kEthernet + "8100 6064 " + kUdp4.substr(kEthernet.size()),
     kOk,
     {{"eth_type", 0x800},
      {"vlan_vid", 0x1064},
      {"vlan_pcp", 3},
      {"ipv4_src", 0x0a000001},
      {"ipv4_dst", 0x0a000002},
      {"ip_proto", 17},
      {"udp_src", 1000},
      {"udp_dst", 2000}}},
    {"a VLAN tag of number 0 is a tag", kEthernet + "8100 0000 88b5", kOk, {{"eth_type", 0x88b5}, {"vlan_vid", 0x1000}}},
    {"an ARP request",
     kArpRequest,
     kOk,
     {{"eth_type", 0x806}, {"arp_op", 1}, {"arp_spa", 0x0a000001}, {"arp_tpa", 0x0a0000fe}, {"arp_sha", 0x020000000002}}},
    {"ARP of another kind has no ARP fields", with(kArpRequest, 14, "0006"), kOk, {{"eth_type", 0x806}}},
    {"an unknown type", kEthernet + "88b5 0102", kOk, {{"eth_type", 0x88b5}}},
    {"a first fragment has ports", with(kUdp4, 20, "2000"), kOk, kUdpFields},
    {"a later fragment has none",
     with(kUdp4, 20, "0001"),
     kOk,
     {{"eth_type", 0x800}, {"ipv4_src", 0x0a000001}, {"ipv4_dst", 0x0a000002}, {"ip_proto", 17}}},
    {"IPv4 of version 5", with(kUdp4, 14, "55"), kMalformed, {}},
    {"IPv4 header length 16", with(kUdp4, 14, "44"), kMalformed, {}},
    {"IPv4 header longer than the packet", with(kUdp4, 14, "4f"), kMalformed, {}},
    {"IPv4 total length below its header", with(kUdp4, 16, "0013"), kMalformed, {}},
    {"UDP cut off by IPv4's total length", with(kUdp4, 16, "001b"), kMalformed, {}},
    {"IPv4 longer than the packet says nothing of its header", with(kUdp4, 16, "ffff"), kOk, kUdpFields},
    {"IPv6 of version 4", with(kUdp6, 14, "40"), kMalformed, {}},
    {"protocol 0 in IPv4 is no extension header",
     with(kUdp4, 23, "00"),
     kOk,
     {{"eth_type", 0x800}, {"ipv4_src", 0x0a000001}, {"ipv4_dst", 0x0a000002}}},
    {"nine hop-by-hop headers",
     kEthernet + "86dd 60000000 00480040" + std::string(64, '0') +
         [] {
           std::string s;
           for (int i = 0; i < 9; ++i) s += "0000000000000000";
           return s;
         }(),
     kMalformed,
     {}},
    {"an extension header longer than the payload",
     kEthernet + "86dd 60000000 00080040" + std::string(64, '0') + "11ff000000000000",
     kMalformed,
     {}},
};

}  // namespace

TEST_CASE("the parser finds the fields of a packet") {
  for (const Record& record : kRecords) {
    CAPTURE(record.about);
    const Parsed found = parse(hex(record.packet));
    CHECK(found.verdict == record.verdict);
    if (record.verdict != kOk) continue;
    CHECK(static_cast<uint64_t>(read(found.key, "in_port")) == 7);
    FlowKey expected{};
    memcpy(&expected.in_port, &found.key.in_port, 2);
    memcpy(expected.eth_dst, found.key.eth_dst, 6);
    memcpy(expected.eth_src, found.key.eth_src, 6);
    KeyWords words = words_of(expected);
    for (const auto& [name, value] : record.fields) place(field(name), value, words);
    CHECK(words == words_of(found.key));
  }
}

TEST_CASE("IPv6 and its ports") {
  const Parsed found = parse(hex(kUdp6));
  CHECK(found.verdict == kOk);
  CHECK(found.layers.ipv6 == 14);
  CHECK(found.layers.transport == 54);
  CHECK((read(found.key, "ipv6_src") == (Value128{0xfd00000000000000} << 64 | 1)));
  CHECK((read(found.key, "ipv6_dst") == (Value128{0xfd00000000000000} << 64 | 2)));
  CHECK(static_cast<uint64_t>(read(found.key, "udp_dst")) == 2000);
}

TEST_CASE("a header that the plan does not name is not read") {
  CHECK(words_of(parse(hex(kUdp4), 0).key).word[1] == 0);
  CHECK(words_of(parse(hex(kUdp4), kEtherType).key).word[1] == 0);
  const Parsed network = parse(hex(kUdp4), kEtherType | kIpv4);
  CHECK(static_cast<uint64_t>(read(network.key, "ipv4_dst")) == 0x0a000002);
  CHECK(network.key.tp_dst == 0);
  // Not even a broken one is noticed.
  CHECK(parse(hex(with(kUdp4, 14, "55")), kEtherType).verdict == kOk);
}

TEST_CASE("no packet, cut anywhere and changed anyhow, is read beyond its end") {
  std::mt19937 random(1);
  for (const std::string& text :
       {kUdp4, kTcp4, kIcmp4, kUdp6, kArpRequest, kEthernet + "8100 0064 " + kUdp6.substr(kEthernet.size())}) {
    const Bytes whole = hex(text);
    for (size_t length = 0; length <= whole.size(); ++length) {
      const Parsed found = parse(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
      CHECK((length >= 14 || found.verdict == ParseVerdict::kRunt));
    }
    for (int i = 0; i < 2000; ++i) {
      Bytes changed(whole.begin(), whole.begin() + static_cast<long>(14 + random() % (whole.size() - 13)));
      for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips)
        changed[12 + random() % (changed.size() - 12)] = static_cast<uint8_t>(random());
      const Parsed found = parse(changed);
      CHECK(found.layers.transport < std::max<size_t>(changed.size(), 1));
    }
  }
}
