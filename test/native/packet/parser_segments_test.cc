// Headers that lie across segments.
#include "support/packets.h"
#include "support/parsed.h"
#include "support/segments.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("a packet split anywhere is parsed as a whole one") {
  const Pool pool = pool_of(RTE_MBUF_DEFAULT_BUF_SIZE);
  REQUIRE(pool);
  for (const std::string& text : {kTcp4, kUdp6, kArpRequest, kSolicitation}) {
    const Bytes bytes = hex(text);
    const Parsed whole = parse(bytes);
    for (size_t at = 0; at < bytes.size(); ++at) {
      CAPTURE(at);
      const Packet packet = segments(pool.get(), bytes, {at});
      const Parsed found = parse(packet.get());
      CHECK(found.verdict == ParseVerdict::kOk);
      CHECK(words_of(found.key) == words_of(whole.key));
      CHECK(rte_pktmbuf_pkt_len(packet.get()) == bytes.size());
    }
    CHECK(rte_mempool_in_use_count(pool.get()) == 0);
  }
}

TEST_CASE("segments stay as they are where the headers that the plan asks for are in the first") {
  const Pool pool = pool_of(RTE_MBUF_DEFAULT_BUF_SIZE);
  REQUIRE(pool);
  const Packet packet = segments(pool.get(), hex(kTcp4), {34});
  CHECK(parse(packet.get(), kEtherType | kIpv4).verdict == ParseVerdict::kOk);
  CHECK(packet->nb_segs == 2);
  CHECK(parse(packet.get()).verdict == ParseVerdict::kOk);
  CHECK(packet->nb_segs == 1);
}

TEST_CASE("a header split where the first segment has no room for the rest") {
  const Bytes bytes = hex(kTcp4);
  for (size_t at = 0; at < bytes.size(); ++at) {
    CAPTURE(at);
    const auto middle = bytes.begin() + static_cast<long>(at);
    GuardedPacket head(Bytes(bytes.begin(), middle));
    GuardedPacket tail(Bytes(middle, bytes.end()));
    head.chain(tail);
    CHECK(parse(head.mbuf()).verdict == ParseVerdict::kSplit);
    CHECK(head.mbuf()->nb_segs == 2);
  }
}

TEST_CASE("a header that IP's length cuts off is malformed, not split") {
  GuardedPacket head(hex(with(kTcp4, 16, "0018").substr(0, 2 * 38)));
  GuardedPacket tail(hex("00000000 00000000 50020000 00000000"));
  head.chain(tail);
  CHECK(parse(head.mbuf()).verdict == ParseVerdict::kMalformed);
}

TEST_CASE("a header that is beyond the whole packet is malformed, not split") {
  GuardedPacket head(hex(kTcp4.substr(0, 2 * 38)));
  GuardedPacket tail(hex("00000000"));
  head.chain(tail);
  CHECK(parse(head.mbuf()).verdict == ParseVerdict::kMalformed);
}

TEST_CASE("a packet too long for one segment is parsed though its headers are split") {
  const Pool pool = pool_of(RTE_PKTMBUF_HEADROOM + 2048);
  REQUIRE(pool);
  Bytes bytes = hex(kTcp4);
  bytes.resize(9000);
  const Packet packet = segments(pool.get(), bytes, {40, 2000, 4000, 6000, 8000});
  const Parsed found = parse(packet.get());
  CHECK(found.verdict == ParseVerdict::kOk);
  CHECK(words_of(found.key) == words_of(parse(hex(kTcp4)).key));
  CHECK(bytes_of(packet.get()) == bytes);
}
