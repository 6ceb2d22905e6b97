#include "scenario_parts.h"

#include <rte_byteorder.h>

#include <cstring>

namespace vswitch::bench {

using namespace test;

Bytes frame(const Tuple& tuple) {
  Bytes bytes =
      hex("020000000002020000000001"
          "0800"
          "4500002e00000000401100000000000000000000"
          "00000000001a0000");
  bytes.resize(60);
  const auto put = [&](size_t at, auto value) { memcpy(&bytes[at], &value, sizeof value); };
  put(26, rte_cpu_to_be_32(tuple.src));
  put(30, rte_cpu_to_be_32(tuple.dst));
  put(34, rte_cpu_to_be_16(tuple.src_port));
  put(36, rte_cpu_to_be_16(tuple.dst_port));
  uint32_t sum = 0;
  for (size_t at = 14; at < 34; at += 2) sum += bytes[at] << 8u | bytes[at + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  put(24, rte_cpu_to_be_16(static_cast<uint16_t>(~sum)));
  return bytes;
}

void narrow(Rule& made, const char* name, uint32_t bits) {
  KeyWords unset;
  const FieldSpec& spec = field(name);
  place(spec, (uint64_t{1} << (32 - bits)) - 1, unset);
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    made.mask.word[w] &= ~unset.word[w];
    made.value.word[w] &= ~unset.word[w];
  }
}

std::vector<Action> macs_and_output() { return {set_src(0x020000000003), set_dst(0x020000000004), output(kSink)}; }

Rule five_tuple(RuleId id, const Tuple& tuple) {
  return test::rule(id, 1, 1,
                    {{"eth_type", 0x0800},
                     {"ip_proto", 17},
                     {"ipv4_src", tuple.src},
                     {"ipv4_dst", tuple.dst},
                     {"udp_src", tuple.src_port},
                     {"udp_dst", tuple.dst_port}},
                    macs_and_output());
}

std::vector<Action> with(Action first, std::vector<Action> rest) {
  rest.insert(rest.begin(), std::move(first));
  return rest;
}

}  // namespace vswitch::bench
