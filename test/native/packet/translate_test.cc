#include "support/tracked_packet.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

void set_address(uint8_t (&at)[16], const Bytes& address) {
  memset(at, 0, sizeof at);
  memcpy(at, address.data(), address.size());
}

CtTuple with(CtTuple tuple, const Bytes& src, const Bytes& dst, uint16_t src_port, uint16_t dst_port) {
  set_address(tuple.src, src);
  set_address(tuple.dst, dst);
  tuple.src_port = be(src_port);
  tuple.dst_port = be(dst_port);
  return tuple;
}

const Bytes kOtherSrc = hex("c0000207");
const Bytes kOtherDst = hex("c6336409");
const Bytes kOtherSrc6 = hex("20010db8000000000000000000000007");
const Bytes kOtherDst6 = hex("20010db8000100000000000000000009");

// The checksum of a message from `at` to `end` is right where the sum over it and what the pseudo header adds is all ones.
bool sums_up(const Bytes& packet, size_t at, size_t end, uint32_t pseudo = 0) {
  uint32_t sum = pseudo;
  for (size_t i = at; i < end; ++i) sum += i % 2 == at % 2 ? packet[i] << 8u : packet[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

}  // namespace

TEST_CASE("translated packets have right checksums, and keys that say so") {
  for (const std::string& text : {kUdp4 + "", kTcp4, kSctp4, kTcpSyn}) {
    CAPTURE(text);
    Bytes packet = mended(text);
    if (packet[23] == 17) put(packet, 40, 2, 0xffff), mend(packet);
    TrackedBytes tracked(packet);
    const Bytes out = tracked.translated(with(tracked.ct.tuple, kOtherSrc, kOtherDst, 40'000, 443));
    CHECK(tracked.is_done);
    Bytes expected = packet;
    put(expected, 26, 4, 0xc0000207);
    put(expected, 30, 4, 0xc6336409);
    put(expected, 34, 2, 40'000);
    put(expected, 36, 2, 443);
    mend(expected);
    CHECK(to_hex(out) == to_hex(expected));
    CHECK(tracked.burst->key[0].nw_src == rte_cpu_to_be_32(0xc0000207));
    CHECK(tracked.burst->key[0].tp_dst == be(443));
  }
}

TEST_CASE("a first fragment of SCTP keeps its ports, or is left alone") {
  Bytes packet = mended(kSctp4);
  put(packet, 20, 2, 0x2000);
  mend_ipv4(packet);
  TrackedBytes tracked(packet);
  CHECK(tracked.translated(with(tracked.ct.tuple, kOtherSrc, kOtherDst, 1, 2)) == packet);
  CHECK_FALSE(tracked.is_done);
  CtTuple to = tracked.ct.tuple;
  set_address(to.src, kOtherSrc);
  const Bytes out = tracked.translated(to);
  CHECK(tracked.is_done);
  put(packet, 26, 4, 0xc0000207);
  mend_ipv4(packet);
  CHECK(to_hex(out) == to_hex(packet));
}

TEST_CASE("UDP without a checksum stays so") {
  TrackedBytes tracked(mended(kUdp4));
  const Bytes out = tracked.translated(with(tracked.ct.tuple, kOtherSrc, kOtherDst, 1, 2));
  CHECK(get(out, 40, 2) == 0);
}

TEST_CASE("translated IPv6 and ICMP") {
  Bytes udp = hex(kUdp6);
  put(udp, 60, 2, 0xffff);
  mend(udp);
  TrackedBytes tracked(udp);
  const Bytes out = tracked.translated(with(tracked.ct.tuple, kOtherSrc6, kOtherDst6, 7, 8));
  Bytes expected = udp;
  std::copy(kOtherSrc6.begin(), kOtherSrc6.end(), expected.begin() + 22);
  std::copy(kOtherDst6.begin(), kOtherDst6.end(), expected.begin() + 38);
  put(expected, 54, 2, 7);
  put(expected, 56, 2, 8);
  mend(expected);
  CHECK(to_hex(out) == to_hex(expected));

  TrackedBytes echo(mended(kIcmp4));
  const Bytes echoed = echo.translated(with(echo.ct.tuple, kOtherSrc, kOtherDst, 77, 77));
  Bytes wanted = mended(kIcmp4);
  put(wanted, 26, 4, 0xc0000207);
  put(wanted, 30, 4, 0xc6336409);
  put(wanted, 38, 2, 77);
  mend(wanted);
  CHECK(to_hex(echoed) == to_hex(wanted));
}

TEST_CASE("a later fragment has other addresses only") {
  Bytes later = hex(kUdp4);
  later[21] = 4;
  mend_ipv4(later);
  TrackedBytes tracked(later);
  const Bytes out = tracked.translated(with(tracked.ct.tuple, kOtherSrc, kOtherDst, 1, 2));
  CHECK(get(out, 26, 4) == 0xc0000207);
  CHECK(get(out, 34, 4) == get(later, 34, 4));
  CHECK(sums_up(out, 14, 34));
}

TEST_CASE("an ICMP error is of the packet that it quotes, turned, and is translated inside too") {
  const Bytes inner = mended(kTcpSyn);
  // The packet as it is behind source NAT; the error comes back to it.
  for (const size_t quoted_bytes : {28, 40, 60}) {
    CAPTURE(quoted_bytes);
    const std::string quoted = to_hex(Bytes(inner.begin() + 14, inner.begin() + 14 + static_cast<ptrdiff_t>(quoted_bytes)));
    for (const std::string source : {"0a000009", "0a000002"}) {
      TrackedBytes tracked(mended(icmp_error(source, quoted, quoted_bytes)));
      REQUIRE(tracked.ct.kind == CtKind::kIcmpError);
      CHECK(tracked.ct.tuple.src[3] == 2);
      CHECK(tracked.ct.tuple.dst[3] == 1);
      CHECK(tracked.ct.tuple.src_port == be(80));
      CHECK(tracked.ct.tuple.dst_port == be(1000));
      const Bytes before = tracked.translated(tracked.ct.tuple);
      CHECK(to_hex(before) == to_hex(mended(icmp_error(source, quoted, quoted_bytes))));
      CtTuple to = tracked.ct.tuple;
      set_address(to.dst, hex("c0a80005"));
      to.dst_port = be(5000);
      const Bytes out = tracked.translated(to);
      const size_t at = 42;  // of the quoted packet
      CHECK(to_hex(Bytes(out.begin() + 26, out.begin() + 30)) == source);
      CHECK(get(out, 30, 4) == 0xc0a80005);
      CHECK(get(out, at + 12, 4) == 0xc0a80005);
      CHECK(get(out, at + 16, 4) == 0x0a000002);
      CHECK(get(out, at + 20, 2) == 5000);
      CHECK(get(out, at + 22, 2) == 80);
      CHECK(sums_up(out, 14, 34));
      CHECK(sums_up(out, 34, out.size()));
      CHECK(sums_up(out, at, at + 20));
      if (quoted_bytes == 60) CHECK(sums_up(out, at + 20, at + 60, 0xc0a8 + 0x0005 + 0x0a00 + 0x0002 + 6 + 40));
    }
  }
}

TEST_CASE("an ICMPv6 error is translated inside too") {
  Bytes udp = hex(kUdp6);
  put(udp, 60, 2, 0xffff);
  mend(udp);
  const std::string head = kEthernet +
                           "86dd 60000000 00383a40 fd000000000000000000000000000002 fd000000000000000000000000000001"
                           "01040000 00000000";
  Bytes error = hex(head);
  error.insert(error.end(), udp.begin() + 14, udp.end());
  mend(error);
  TrackedBytes tracked(error);
  REQUIRE(tracked.ct.kind == CtKind::kIcmpError);
  CHECK(tracked.ct.tuple.src_port == be(2000));
  const Bytes out = tracked.translated(with(tracked.ct.tuple, kOtherSrc6, kOtherDst6, 7, 8));
  Bytes expected = out;
  mend(expected);
  CHECK(to_hex(out) == to_hex(expected));
  Bytes quoted(out.begin(), out.begin() + 14);
  quoted.insert(quoted.end(), out.begin() + 62, out.end());
  Bytes right = quoted;
  mend(right);
  CHECK(to_hex(quoted) == to_hex(right));
  CHECK(get(out, 62 + 40, 2) == 8);
  CHECK(get(out, 62 + 42, 2) == 7);
  CHECK(to_hex(Bytes(out.begin() + 22, out.begin() + 38)) == to_hex(kOtherSrc6));
  CHECK(to_hex(Bytes(out.begin() + 38, out.begin() + 54)) == to_hex(kOtherDst6));
}

TEST_CASE("an ICMP error is read and translated across segments") {
  const Bytes inner = mended(kTcpSyn);
  const Bytes error = mended(icmp_error("0a000009", to_hex(Bytes(inner.begin() + 14, inner.end())), 60));
  TrackedBytes whole(error);
  const CtTuple to = with(whole.ct.tuple, kOtherSrc, kOtherDst, 3, 4);
  const Bytes expected = whole.translated(to);
  for (size_t cut = 43; cut < error.size(); cut += 3) {
    TrackedBytes parts(error, {cut});
    REQUIRE(parts.ct.kind == CtKind::kIcmpError);
    CHECK(to_hex(parts.translated(to)) == to_hex(expected));
  }
}

TEST_CASE("a reply to a ping of zeros has a checksum that is one") {
  Bytes reply = hex(kIcmp4);
  reply[34] = 0;
  put(reply, 38, 2, 5);
  mend(reply);
  TrackedBytes tracked(reply);
  const Bytes out = tracked.translated(with(tracked.ct.tuple, kOtherSrc, kOtherDst, 0, 0));
  CHECK(get(out, 38, 2) == 0);
  CHECK(sums_up(out, 34, out.size()));
}
