// Nothing is read beyond a packet's end, nor beyond what the plan asks: a page that nobody may touch lies there.
#include <random>

#include "support/packets.h"
#include "support/parsed.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr HeaderSet kTypes = kEtherType | kVlan;
constexpr HeaderSet kNetwork = kTypes | kIpv4 | kIpv6;

const std::string kTagged6 = kEthernet + "88a8 0064 8100 0065 " + kUdp6.substr(kEthernet.size());
const std::string kExtended6 =
    with(kUdp6, 18, "0020 00").substr(0, 2 * 54) + "3c00000000000000 2c00000000000000 1100000000000000" + "03e807d000080000";

const std::string kPackets[] = {kUdp4,       kTcp4,    kIcmp4,     kSctp4,        kUdp6,
                                kArpRequest, kTagged6, kExtended6, kSolicitation, kAdvertisement};

Bytes first(const Bytes& whole, size_t length) { return {whole.begin(), whole.begin() + static_cast<long>(length)}; }

struct Need {
  std::string about;
  std::string packet;
  HeaderSet plan;
  size_t bytes;  // that the plan needs
};

const Need kNeeds[] = {
    {"nothing but Ethernet", kUdp4, 0, 14},
    {"the addresses", kUdp4, kEthernetAddresses, 14},
    {"the type", kUdp4, kEtherType, 14},
    {"the type behind two tags", kTagged6, kTypes, 22},
    {"the type of ARP", kArpRequest, kNetwork | kTransport, 14},
    {"ARP", kArpRequest, kTypes | kArp, 42},
    {"the type of IPv4, of which nothing is asked", kUdp4, kTypes | kArp | kIpv6 | kTransport, 14},
    {"IPv4", kUdp4, kNetwork, 34},
    {"UDP over IPv4", kUdp4, kNetwork | kTransport, 42},
    {"TCP", kTcp4, kNetwork | kTransport, 54},
    {"SCTP", kSctp4, kNetwork | kTransport, 46},
    {"ICMP", kIcmp4, kNetwork | kTransport, 38},
    {"a later fragment", with(kTcp4, 20, "0001"), kNetwork | kTransport, 34},
    {"the type of IPv6, of which nothing is asked", kUdp6, kTypes | kIpv4 | kTransport | kExtensions, 14},
    {"IPv6", kUdp6, kNetwork, 54},
    {"IPv6 and its extension headers", kExtended6, kNetwork, 78},
    {"UDP over IPv6", kUdp6, kNetwork | kTransport, 62},
    {"ICMPv6", kSolicitation, kNetwork | kTransport, 58},
    {"a target, but for its options", kSolicitation, kNetwork | kTransport | kNeighbour, 78},
};

}  // namespace

TEST_CASE("headers behind those that the plan asks for are not read") {
  for (const Need& need : kNeeds) {
    CAPTURE(need.about);
    const Bytes whole = hex(need.packet);
    CHECK(parse(first(whole, need.bytes), need.plan).verdict == ParseVerdict::kOk);
    const auto cut = need.bytes == kEthernetBytes ? ParseVerdict::kRunt : ParseVerdict::kMalformed;
    CHECK(parse(first(whole, need.bytes - 1), need.plan).verdict == cut);
  }
}

TEST_CASE("no packet, cut anywhere, is read beyond its end under any plan") {
  for (const std::string& text : kPackets) {
    const Bytes whole = hex(text);
    for (size_t length = 0; length <= whole.size(); ++length) {
      GuardedPacket packet(first(whole, length));
      for (HeaderSet plan = 0; plan <= kEverything; ++plan) {
        const Parsed found = parse(packet.mbuf(), plan);
        if (length < kEthernetBytes) REQUIRE(found.verdict == ParseVerdict::kRunt);
        if (length == whole.size()) REQUIRE(found.verdict == ParseVerdict::kOk);
        REQUIRE(found.layers.transport < std::max<size_t>(length, 1));
      }
    }
  }
}

TEST_CASE("no packet, changed anyhow, is read beyond its end") {
  std::mt19937 random(1);
  for (const std::string& text : kPackets) {
    const Bytes whole = hex(text);
    for (int i = 0; i < 2000; ++i) {
      Bytes changed = first(whole, kEthernetBytes + random() % (whole.size() - 13));
      for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips)
        changed[12 + random() % (changed.size() - 12)] = static_cast<uint8_t>(random());
      const Parsed found = parse(changed, i % 2 == 0 ? kEverything : random() & kEverything);
      CHECK(found.layers.transport < changed.size());
      CHECK(found.layers.nd_option < changed.size());
      CHECK(found.layers.tags <= kMaxVlanTags);
    }
  }
}
