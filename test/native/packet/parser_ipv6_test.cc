#include "support/packets.h"
#include "support/parsed.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

const auto kOk = ParseVerdict::kOk;
const auto kMalformed = ParseVerdict::kMalformed;

// Bits of ofp_ipv6exthdr_flags, OpenFlow 1.3.5, section 7.2.3.7.
constexpr int kNoNext = 1;
constexpr int kEsp = 2;
constexpr int kAuth = 4;
constexpr int kDest = 8;
constexpr int kFrag = 16;
constexpr int kRouter = 32;
constexpr int kHop = 64;
constexpr int kUnrep = 128;
constexpr int kUnseq = 256;

constexpr Value128 address(uint64_t high, uint64_t low) { return Value128{high} << 64 | low; }

const Fields kIp = {{"eth_type", 0x86dd},
                    {"ipv6_src", address(0xfd00000000000000, 1)},
                    {"ipv6_dst", address(0xfd00000000000000, 2)},
                    {"ip_ttl", 64}};
const Fields kUdpPorts = {{"udp_src", 1000}, {"udp_dst", 2000}};
const Fields kUdp = kIp + Fields{{"ip_proto", 17}} + kUdpPorts;
const std::string kUdpHeader = "03e807d000080000";

std::string digits(uint32_t value, int count) {
  std::string text;
  for (int i = count - 1; i >= 0; --i) text += "0123456789abcdef"[value >> 4 * i & 15];
  return text;
}

// IPv6 from fd00::1 to fd00::2 with what follows the header.
std::string ipv6(uint32_t next, const std::string& payload) {
  const auto bytes = static_cast<uint32_t>(hex(payload).size());
  return kEthernet + "86dd 60000000" + digits(bytes, 4) + digits(next, 2) +
         "40 fd000000000000000000000000000001 fd000000000000000000000000000002" + payload;
}

// UDP behind these headers, each the shortest there is.
std::string udp_behind(std::initializer_list<uint32_t> headers) {
  std::string payload;
  for (const uint32_t* at = headers.begin(); at != headers.end(); ++at)
    payload += digits(at + 1 == headers.end() ? 17 : at[1], 2) + "00000000000000";
  return ipv6(*headers.begin(), payload + kUdpHeader);
}

Fields met(int extensions) { return kUdp + Fields{{"ipv6_exthdr", static_cast<Value128>(extensions)}}; }

std::string repeated(const std::string& text, int times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

const std::string kJumbo = with(ipv6(0, "1100 c204 00010000" + kUdpHeader), 18, "0000");

const Record kRecords[] = {
    {"UDP over IPv6", kUdp6, kOk, kUdp},
    {"traffic class and flow label", with(kUdp6, 14, "6bb54321"), kOk,
     kUdp + Fields{{"ip_dscp", 46}, {"ip_ecn", 3}, {"ipv6_flabel", 0x54321}}},
    {"ICMPv6", ipv6(58, "8000 0000 00000000"), kOk, kIp + Fields{{"ip_proto", 58}, {"icmpv6_type", 128}}},
    {"ICMP over IPv6 is nothing that is known", ipv6(1, "0800 0000"), kOk, kIp + Fields{{"ip_proto", 1}}},
    {"IPv6 of version 4", with(kUdp6, 14, "40"), kMalformed, {}},
    {"UDP cut off by the payload's length", with(kUdp6, 18, "0007"), kMalformed, {}},
    {"a payload longer than the packet says nothing of its headers", with(kUdp6, 18, "ffff"), kOk, kUdp},

    {"hop-by-hop options", udp_behind({0}), kOk, met(kHop)},
    {"destination options", udp_behind({60}), kOk, met(kDest)},
    {"a routing header", udp_behind({43}), kOk, met(kRouter)},
    {"a fragment that is the whole packet", udp_behind({44}), kOk, met(kFrag)},
    {"an authentication header, in units of 4 bytes", ipv6(51, "11010000 00000000 00000000" + kUdpHeader), kOk, met(kAuth)},
    {"options longer than 8 bytes", ipv6(0, "1101" + repeated("00", 14) + kUdpHeader), kOk, met(kHop)},
    {"all in the recommended order", udp_behind({0, 60, 43, 44}), kOk, met(kHop | kDest | kRouter | kFrag)},
    {"destination options before and behind a routing header", udp_behind({60, 43, 60}), kOk, met(kDest | kRouter)},
    {"destination options behind a fragment header", udp_behind({43, 44, 60}), kOk, met(kRouter | kFrag | kDest)},
    {"the wrong order", udp_behind({44, 43}), kOk, met(kFrag | kRouter | kUnseq)},
    {"hop-by-hop options that are not the first", udp_behind({60, 0}), kOk, met(kDest | kHop | kUnseq)},
    {"destination options that are not the last", udp_behind({43, 60, 44}), kOk, met(kRouter | kDest | kFrag | kUnseq)},
    {"a header twice", udp_behind({43, 43}), kOk, met(kRouter | kUnrep)},
    {"destination options a third time", udp_behind({60, 43, 60, 60}), kOk, met(kDest | kRouter | kUnrep)},
    {"no next header", ipv6(59, ""), kOk, kIp + Fields{{"ip_proto", 59}, {"ipv6_exthdr", kNoNext}}},
    {"what follows no next header is not read", ipv6(0, "3b00000000000000" + kUdpHeader), kOk,
     kIp + Fields{{"ip_proto", 59}, {"ipv6_exthdr", kHop | kNoNext}}},
    {"ESP hides what follows", ipv6(50, kUdpHeader), kOk, kIp + Fields{{"ip_proto", 50}, {"ipv6_exthdr", kEsp}}},

    {"a first fragment has ports", ipv6(44, "1100 0001 00000000" + kUdpHeader), kOk, met(kFrag) + Fields{{"ip_frag", 1}}},
    {"a later fragment has none", ipv6(44, "1100 0009 00000000" + kUdpHeader), kOk,
     kIp + Fields{{"ip_proto", 17}, {"ipv6_exthdr", kFrag}, {"ip_frag", 3}}},
    {"the headers of a later fragment are not walked", ipv6(44, "3c00 0008 00000000 11ff"), kOk,
     kIp + Fields{{"ip_proto", 60}, {"ipv6_exthdr", kFrag}, {"ip_frag", 3}}},

    {"a jumbogram", kJumbo, kOk, met(kHop)},
    {"a jumbogram is bounded by its real bytes", kJumbo.substr(0, kJumbo.size() - 2), kMalformed, {}},
    {"a payload length of 0 without hop-by-hop options", with(kUdp6, 18, "0000"), kMalformed, {}},
    {"eight extension headers", udp_behind({60, 60, 60, 60, 60, 60, 60, 60}), kOk, met(kDest | kUnrep)},
    {"nine", udp_behind({60, 60, 60, 60, 60, 60, 60, 60, 60}), kMalformed, {}},
    {"hop-by-hop options that name themselves for ever", ipv6(0, repeated("0000000000000000", 180)), kMalformed, {}},
    {"an extension header longer than the payload", ipv6(0, "11ff000000000000"), kMalformed, {}},
    {"an extension header cut short", ipv6(60, "11000000000000"), kMalformed, {}},
    {"an extension header behind the payload's end", with(ipv6(60, "1100000000000000" + kUdpHeader), 18, "0004"), kMalformed, {}},
};

// Of neighbour discovery.
const Fields kNd = {{"eth_type", 0x86dd}, {"ip_proto", 58}, {"ip_ttl", 255}, {"ipv6_nd_target", address(0xfd00000000000000, 2)}};
const Fields kSolicited = kNd + Fields{{"ipv6_src", address(0xfd00000000000000, 1)},
                                       {"ipv6_dst", address(0xff02000000000000, 0x1ff000002)},
                                       {"icmpv6_type", 135}};
const Fields kAdvertised =
    kNd +
    Fields{{"ipv6_src", address(0xfd00000000000000, 2)}, {"ipv6_dst", address(0xfd00000000000000, 1)}, {"icmpv6_type", 136}};
const Fields kSll = {{"ipv6_nd_sll", 0x020000000002}};

// A solicitation with other options.
std::string solicitation(const std::string& options) {
  const std::string head = to_hex(hex(kSolicitation)).substr(0, 2 * 78);
  return with(head + options, 18, digits(static_cast<uint32_t>(24 + hex(options).size()), 4));
}

const std::string kNonce = "0e01 000000000000";

const Record kNeighbours[] = {
    {"a solicitation", kSolicitation, kOk, kSolicited + kSll},
    {"an advertisement", kAdvertisement, kOk, kAdvertised + Fields{{"ipv6_nd_tll", 0x020000000001}}},
    {"no option", solicitation(""), kOk, kSolicited},
    {"a hop limit below 255", with(kSolicitation, 21, "40"), kOk, kSolicited + kSll + Fields{{"ip_ttl", 64}}},
    {"a target's address is no option of a solicitation", solicitation("0201 020000000002"), kOk, kSolicited},
    {"a source's address is no option of an advertisement", with(kAdvertisement, 78, "01"), kOk, kAdvertised},
    {"an option behind another", solicitation(kNonce + "0101 020000000002"), kOk, kSolicited + kSll},
    {"of two the first", solicitation("0101 020000000002 0101 020000000003"), kOk, kSolicited + kSll},
    {"an option of another length is another's", solicitation("0102 0000000000000000000000000000 0101 020000000002"), kOk,
     kSolicited + kSll},
    {"an empty option ends the walk", solicitation("0e00 000000000000 0101 020000000002"), kOk, kSolicited},
    {"an option of the wanted kind, but empty", solicitation("0100 020000000002"), kOk, kSolicited},
    {"an option cut short", solicitation("0101 0200000000"), kOk, kSolicited},
    {"an option's first byte only", solicitation("01"), kOk, kSolicited},
    {"an option that says it is longer than the packet", solicitation("0eff 000000000000 0101 020000000002"), kOk, kSolicited},
    {"the sixteenth option", solicitation(repeated(kNonce, 15) + "0101 020000000002"), kOk, kSolicited + kSll},
    {"the seventeenth is not looked at", solicitation(repeated(kNonce, 16) + "0101 020000000002"), kOk, kSolicited},
    {"a target cut short", with(to_hex(hex(kSolicitation)).substr(0, 2 * 77), 18, "0017"), kMalformed, {}},
};

}  // namespace

TEST_CASE("the parser finds the fields of IPv6 and its extension headers") {
  for (const Record& record : kRecords) check(record);
}

TEST_CASE("the parser finds the fields of neighbour discovery") {
  for (const Record& record : kNeighbours) check(record);
  CHECK(parse(hex(kSolicitation)).layers.nd_option == 78);
  CHECK(parse(hex(solicitation(kNonce + "0101 020000000002"))).layers.nd_option == 86);
  CHECK(parse(hex(solicitation(""))).layers.nd_option == 0);
}

TEST_CASE("other ICMPv6 is no neighbour discovery") {
  for (const std::string& packet :
       {with(kSolicitation, 54, "85"), with(kSolicitation, 54, "89"), with(kSolicitation, 55, "01")}) {
    const Parsed found = parse(hex(packet));
    CHECK(found.verdict == kOk);
    CHECK(found.key.layer_flags == kHasTransport);
  }
  // A fragment of a message is not read as one.
  const std::string message = to_hex(hex(kSolicitation)).substr(2 * 54);
  CHECK(parse(hex(ipv6(44, "3a00 0001 00000000" + message))).key.layer_flags == (kHasTransport | kFragment));
  CHECK(parse(hex(ipv6(44, "3a00 0000 00000000" + message))).key.layer_flags == (kHasTransport | kHasNd | kHasNdOption));
}

TEST_CASE("IPv6 as far as the plan asks") {
  constexpr HeaderSet kNetwork = kEtherType | kIpv6;
  check({"no extensions", udp_behind({0}), kOk, kUdp}, kEverything & ~kExtensions);
  check({"nothing of the transport", kUdp6, kOk, kIp + Fields{{"ip_proto", 17}}}, kNetwork | kEthernetAddresses);
  Fields untargeted = kSolicited;
  untargeted.erase("ipv6_nd_target");
  check({"nothing of a message's target", solicitation("").substr(0, 2 * 60), kOk, untargeted},
        kNetwork | kTransport | kEthernetAddresses);
}

TEST_CASE("the parser says where IPv6's layers begin") {
  const Layers plain = parse(hex(kUdp6)).layers;
  CHECK(plain.ipv6 == 14);
  CHECK(plain.transport == 54);
  CHECK(plain.proto == 17);
  CHECK(parse(hex(udp_behind({0, 60}))).layers.transport == 70);
  CHECK(parse(hex(ipv6(44, "1100 0008 00000000" + kUdpHeader))).layers.transport == 0);
}
