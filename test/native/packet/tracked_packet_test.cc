#include "support/tracked_packet.h"

using namespace vswitch;
using namespace vswitch::test;

TEST_CASE("what connection tracking sees of TCP") {
  const TrackedBytes tracked(mended(kTcpSyn));
  CHECK(tracked.ct.kind == CtKind::kPacket);
  CHECK(tracked.ct.tuple.family == 4);
  CHECK(tracked.ct.tuple.proto == 6);
  CHECK(tracked.ct.tuple.src[3] == 1);
  CHECK(tracked.ct.tuple.dst[3] == 2);
  CHECK(tracked.ct.tuple.src_port == be(1000));
  CHECK(tracked.ct.tuple.dst_port == be(80));
  CHECK(tracked.ct.seq == 1);
  CHECK(tracked.ct.ack == 2);
  CHECK(tracked.ct.tcp_flags == 2);
  CHECK(tracked.ct.window == 0x0102);
  CHECK(tracked.ct.window_scale == 7);
  CHECK(tracked.ct.payload == 0);
  CHECK(!tracked.ct.first_fragment);
}

TEST_CASE("payload is what IP claims, not what pads the frame") {
  Bytes packet = hex(kTcp4 + "aabbccddee");
  packet[17] += 3;
  CHECK(TrackedBytes(packet).ct.payload == 3);
  CHECK(TrackedBytes(packet).ct.window_scale == kCtNoScale);
}

TEST_CASE("options of TCP that lie about their length end the search") {
  for (const std::string options : {"03000000", "03ff0000", "03020000", "01010103", "00030307"}) {
    Bytes packet = hex(kTcp4 + options);
    packet[17] += 4;
    packet[46] = 0x60;
    CHECK(TrackedBytes(packet).ct.window_scale == kCtNoScale);
  }
  Bytes packet = hex(kTcp4 + "01030312");
  packet[17] += 4;
  packet[46] = 0x60;
  CHECK(TrackedBytes(packet).ct.window_scale == 14);  // RFC 7323, section 2.3
}

TEST_CASE("a TCP header that is longer than its packet is invalid") {
  Bytes packet = hex(kTcp4);
  packet[46] = 0x60;
  CHECK(TrackedBytes(packet).ct.kind == CtKind::kInvalid);
}

TEST_CASE("kinds of ICMP") {
  const auto kind = [](uint8_t type) {
    Bytes packet = hex(kIcmp4);
    packet[34] = type;
    return TrackedBytes(packet).ct;
  };
  CHECK(kind(8).kind == CtKind::kIcmpRequest);
  CHECK(kind(0).kind == CtKind::kIcmpReply);
  CHECK(kind(13).kind == CtKind::kIcmpRequest);
  CHECK(kind(16).kind == CtKind::kIcmpReply);
  CHECK(kind(9).kind == CtKind::kUntracked);
  CHECK(kind(3).kind == CtKind::kInvalid);  // quotes nothing
  CHECK(TrackedBytes(hex(kSolicitation)).ct.kind == CtKind::kUntracked);
  Bytes echo = hex(kIcmp4);
  echo[38] = 0x12, echo[39] = 0x34;
  CHECK(TrackedBytes(echo).ct.tuple.src_port == be(0x1234));
  CHECK(TrackedBytes(echo).ct.tuple.dst_port == be(0x1234));
  CHECK(TrackedBytes(hex(kArpRequest)).ct.kind == CtKind::kInvalid);
}

TEST_CASE("fragments") {
  Bytes first = hex(kUdp4);
  first[19] = 7, first[20] = 0x20;
  const TrackedBytes of_first(first);
  CHECK(of_first.ct.first_fragment);
  CHECK(!of_first.ct.later_fragment);
  CHECK(of_first.ct.fragment_id == 7);
  CHECK(of_first.ct.tuple.src_port == be(1000));
  Bytes later = first;
  later[20] = 0, later[21] = 4;
  const TrackedBytes of_later(later);
  CHECK(!of_later.ct.first_fragment);
  CHECK(of_later.ct.later_fragment);
  CHECK(of_later.ct.tuple.src_port == 0);
  const std::string six = kEthernet + "86dd 60000000 00102c40 fd000000000000000000000000000001 fd000000000000000000000000000002";
  const TrackedBytes of_six(hex(six + "1100000100000009 03e807d000080000"));
  CHECK(of_six.ct.first_fragment);
  CHECK(of_six.ct.fragment_id == 9);
  CHECK(of_six.ct.tuple.proto == 17);
  CHECK(of_six.ct.tuple.dst_port == be(2000));
  CHECK(TrackedBytes(hex(six + "1100000900000009 03e807d000080000")).ct.later_fragment);
  const TrackedBytes atomic(hex(six + "1100000000000009 03e807d000080000"));  // RFC 6946
  CHECK(!atomic.ct.first_fragment);
  CHECK(!atomic.ct.later_fragment);
}

TEST_CASE("an error that quotes an error, or too little, is invalid") {
  const Bytes inner = mended(kTcpSyn);
  for (size_t quoted = 0; quoted < 28; ++quoted) {
    const std::string text = to_hex(Bytes(inner.begin() + 14, inner.begin() + 14 + static_cast<ptrdiff_t>(quoted)));
    CHECK(TrackedBytes(mended(icmp_error("0a000009", text, quoted))).ct.kind == CtKind::kInvalid);
  }
  const Bytes echo = hex(kIcmp4);
  Bytes nested(echo.begin() + 14, echo.end());
  CHECK(TrackedBytes(mended(icmp_error("0a000009", to_hex(nested), nested.size()))).ct.kind == CtKind::kIcmpError);
  Bytes of_another = nested;
  ++of_another[15];  // the error goes to who did not send it
  CHECK(TrackedBytes(mended(icmp_error("0a000009", to_hex(of_another), of_another.size()))).ct.kind == CtKind::kInvalid);
  nested[20] = 3;
  CHECK(TrackedBytes(mended(icmp_error("0a000009", to_hex(nested), nested.size()))).ct.kind == CtKind::kInvalid);
}
