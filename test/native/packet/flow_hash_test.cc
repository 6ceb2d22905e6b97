#include "packet/flow_hash.h"

#include <functional>

#include "support/packets.h"
#include "support/parsed.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

FlowKey key_of(const std::string& packet) { return parse(hex(packet)).key; }

// The packet of the other direction: addresses and ports change places.
std::string swapped(const std::string& packet, size_t one, size_t other, size_t bytes) {
  const std::string text = to_hex(hex(packet));
  return with(with(text, one, text.substr(2 * other, 2 * bytes)), other, text.substr(2 * one, 2 * bytes));
}

std::string back4(const std::string& packet) { return swapped(swapped(swapped(packet, 0, 6, 6), 26, 30, 4), 34, 36, 2); }
std::string back6(const std::string& packet) { return swapped(swapped(swapped(packet, 0, 6, 6), 22, 38, 16), 54, 56, 2); }

}  // namespace

TEST_CASE("what makes a flow counts in its hash") {
  const uint32_t hash = flow_hash(key_of(kUdp4));
  for (const size_t at : {23, 26, 29, 30, 33, 35, 37}) {  // protocol, addresses, ports
    CAPTURE(at);
    const Bytes bytes = hex(kUdp4);
    const std::string other = with(kUdp4, at, to_hex({static_cast<uint8_t>(at == 23 ? kProtoSctp : bytes[at] ^ 1)}));
    CHECK(flow_hash(parse(hex(other + "00000000")).key) != hash);
  }
  for (const size_t at : {22, 37, 38, 53, 55, 57}) {
    CAPTURE(at);
    const std::string other = with(kUdp6, at, to_hex({static_cast<uint8_t>(hex(kUdp6)[at] ^ 1)}));
    CHECK(flow_hash(key_of(other)) != flow_hash(key_of(kUdp6)));
  }
  for (const size_t at : {0, 5, 6, 11, 13, 15}) {  // not IP: addresses, type, VLAN
    CAPTURE(at);
    const std::string packet = kEthernet + "8100 0064 88b5";
    const std::string other =
        with(packet, at == 13 ? 17 : at, to_hex({static_cast<uint8_t>(hex(packet)[at == 13 ? 17 : at] ^ 1)}));
    CHECK(flow_hash(key_of(other)) != flow_hash(key_of(packet)));
  }
}

TEST_CASE("what may differ between a flow's packets does not count") {
  for (const auto& hash : {std::function(flow_hash), std::function(symmetric_hash)}) {
    const uint32_t flow = hash(key_of(kTcp4));
    CHECK(hash(key_of(with(kTcp4, 0, "02000000ffff"))) == flow);
    CHECK(hash(key_of(with(kTcp4, 15, "00"))) == flow);
    CHECK(hash(key_of(with(kTcp4, 22, "01"))) == flow);
    CHECK(hash(key_of(with(kTcp4, 46, "5010"))) == flow);
    CHECK(hash(key_of(kEthernet + "8100 0064 " + kTcp4.substr(kEthernet.size()))) == flow);
    // Fragments, of which only the first has ports.
    CHECK(hash(key_of(with(kTcp4, 20, "2000"))) == hash(key_of(with(kTcp4, 20, "0001"))));
  }
}

TEST_CASE("the symmetric hash is that of both directions") {
  for (const std::string& packet : {kUdp4, kTcp4, kSctp4}) {
    CHECK(symmetric_hash(key_of(packet)) == symmetric_hash(key_of(back4(packet))));
    CHECK(flow_hash(key_of(packet)) != flow_hash(key_of(back4(packet))));
  }
  CHECK(symmetric_hash(key_of(kUdp6)) == symmetric_hash(key_of(back6(kUdp6))));
  const std::string other = kEthernet + "88b5";
  CHECK(symmetric_hash(key_of(other)) == symmetric_hash(key_of(swapped(other, 0, 6, 6))));
  // ARP, whose addresses have other places than those of IP.
  const std::string asked = with(kArpRequest, 0, "020000000001");
  const std::string answered = "020000000002 020000000001 0806 0001080006040002 020000000001 0a0000fe 020000000002 0a000001";
  CHECK(symmetric_hash(key_of(asked)) == symmetric_hash(key_of(answered)));
  // An echo request and its reply.
  const std::string reply = swapped(with(kIcmp4, 34, "00"), 26, 30, 4);
  CHECK(symmetric_hash(key_of(kIcmp4)) == symmetric_hash(key_of(reply)));
  CHECK(symmetric_hash(key_of(kUdp4)) != symmetric_hash(key_of(with(kUdp4, 37, "d1"))));
}

TEST_CASE("flows are spread evenly") {
  constexpr uint32_t kBuckets = 16;
  constexpr uint32_t kFlows = 16'000;
  for (const auto& hash : {std::function(flow_hash), std::function(symmetric_hash)}) {
    uint32_t low[kBuckets] = {};
    uint32_t high[kBuckets] = {};
    FlowKey key = key_of(kUdp4);
    for (uint32_t i = 0; i < kFlows; ++i) {
      key.tp_src = static_cast<uint16_t>(i);
      ++low[hash(key) % kBuckets];
      ++high[hash(key) >> 28];
    }
    for (uint32_t i = 0; i < kBuckets; ++i) {  // five standard deviations of a random choice
      CHECK(std::abs(static_cast<int>(low[i]) - 1000) < 155);
      CHECK(std::abs(static_cast<int>(high[i]) - 1000) < 155);
    }
  }
}
