#include "large_scenarios.h"

#include <algorithm>
#include <set>
#include <span>

#include "scenario_parts.h"

namespace vswitch::bench {

using namespace test;

namespace {

constexpr uint32_t kManyFlows = 100'000;

RuleId next_id(const Work& work) { return static_cast<RuleId>(work.transaction.add.size()); }

// A packet's bits that a prefix leaves open.
uint32_t within(uint32_t address, uint32_t bits, std::mt19937& random) { return address | (draw(random) & ~prefix(bits)); }

struct Route {
  uint32_t address;
  uint32_t bits;

  friend auto operator<=>(const Route&, const Route&) = default;
};

// Different prefixes of lengths chosen at random, and packets to addresses at random in routes chosen at random.
Work routes_of(uint32_t count, std::span<const uint8_t> lengths, uint32_t network, uint32_t network_bits) {
  std::mt19937 random(3);
  std::set<Route> seen;
  std::vector<Route> routes;
  while (routes.size() < count) {
    const uint32_t bits = lengths[draw(random) % lengths.size()];
    const Route route{(network | (draw(random) & ~prefix(network_bits))) & prefix(bits), bits};
    if (seen.insert(route).second) routes.push_back(route);
  }
  Work work;
  for (const Route& route : routes) {
    const RuleId id = next_id(work);
    Rule made = rule(id, 1, route.bits, {{"eth_type", 0x0800}, {"ipv4_dst", route.address}},
                     with(kDecTtl, {set_src(0x020000000003), set_dst(0x020000000100 + id % 16), output(kSink)}));
    narrow(made, "ipv4_dst", route.bits);
    work.transaction.add.push_back(std::move(made));
  }
  for (uint32_t i = 0; i < kManyFlows; ++i) {
    const Route& route = routes[draw(random) % count];
    work.packets.push_back(
        frame({0xc0a80001, within(route.address, route.bits, random), static_cast<uint16_t>(1024 + i % 50'000), 2}));
  }
  return work;
}

struct Shape {
  uint32_t src_bits, dst_bits;
  bool src_port, dst_port;
};

// So many rules, shape after shape, the first being the strongest; each packet is within a rule chosen at random.
template <class Address>
Work acl_of(uint32_t count, std::span<const Shape> shapes, const Address& address) {
  std::mt19937 random(6);
  Work work;
  std::vector<Tuple> tuples;
  for (uint32_t i = 0; i < count; ++i) {
    const Shape& shape = shapes[i % shapes.size()];
    const Tuple tuple{address(random) & prefix(shape.src_bits), address(random) & prefix(shape.dst_bits),
                      static_cast<uint16_t>(random()), static_cast<uint16_t>(random())};
    tuples.push_back(tuple);
    Rule made = rule(i, 1, 60'000 - i, {{"eth_type", 0x0800}, {"ip_proto", 17}, {"ipv4_src", tuple.src}, {"ipv4_dst", tuple.dst}},
                     macs_and_output());
    narrow(made, "ipv4_src", shape.src_bits);
    narrow(made, "ipv4_dst", shape.dst_bits);
    const auto ask = [&](const char* name, uint16_t port) {
      const Rule asked = rule(i, 1, 1, {{name, port}}, {});
      for (uint32_t w = 0; w < kKeyWords; ++w) {
        made.mask.word[w] |= asked.mask.word[w];
        made.value.word[w] |= asked.value.word[w];
      }
      made.headers |= asked.headers;
    };
    if (shape.src_port) ask("udp_src", tuple.src_port);
    if (shape.dst_port) ask("udp_dst", tuple.dst_port);
    work.transaction.add.push_back(std::move(made));
  }
  for (uint32_t i = 0; i < kManyFlows; ++i) {
    const uint32_t of = draw(random) % count;
    const Shape& shape = shapes[of % shapes.size()];
    Tuple packet = tuples[of];
    packet.src = within(packet.src, shape.src_bits, random);
    packet.dst = within(packet.dst, shape.dst_bits, random);
    if (!shape.src_port) packet.src_port = static_cast<uint16_t>(random());
    if (!shape.dst_port) packet.dst_port = static_cast<uint16_t>(random());
    work.packets.push_back(frame(packet));
  }
  return work;
}

Work lpm_50k() {
  constexpr uint8_t kLengths[] = {12, 14, 16, 17, 18, 19, 20, 21, 22, 22, 23, 23, 24, 24, 24, 24, 24, 26, 28, 32};
  return routes_of(50'000, kLengths, 0x0a000000, 8);
}

// Lengths as the Internet has them.
Work lpm_bgp() {
  constexpr uint8_t kLengths[] = {16, 18, 19, 19, 20, 20, 21, 21, 22, 22, 22, 22, 23, 23, 23,
                                  24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24};
  return routes_of(900'000, kLengths, 0, 1);
}

Work exact_100k() {
  std::mt19937 random(1);
  Work work;
  for (uint32_t i = 0; i < kManyFlows; ++i) {
    const Tuple tuple{0xc0a80000 + (draw(random) & 0xffff), 0x0a000000 + i, static_cast<uint16_t>(random()),
                      static_cast<uint16_t>(random())};
    work.transaction.add.push_back(five_tuple(i, tuple));
    work.packets.push_back(frame(tuple));
  }
  std::shuffle(work.packets.begin(), work.packets.end(), random);
  return work;
}

Work acl_1k_100k() {
  std::vector<Shape> shapes;
  for (uint32_t src_bits = 16; src_bits <= 24; src_bits += 2) {
    for (const Shape& rest : {Shape{0, 16, false, true}, Shape{0, 20, false, true}, Shape{0, 24, false, true},
                              Shape{0, 28, true, true}, Shape{0, 32, true, false}, Shape{0, 32, false, true}}) {
      shapes.push_back({src_bits, rest.dst_bits, rest.src_port, rest.dst_port});
    }
  }
  return acl_of(1000, shapes, [](std::mt19937& random) {
    const uint32_t site = 0x0a000000 + (draw(random) % 16 << 20);
    return site + (draw(random) % 4 << 16) + (draw(random) % 16 << 8) + draw(random) % 256;
  });
}

Work masks_256() {
  std::vector<Shape> shapes;
  for (uint32_t i = 0; i < 256; ++i) shapes.push_back({9 + i / 16, 9 + i % 16, false, false});
  return acl_of(256, shapes, draw);
}

}  // namespace

const std::map<std::string, std::function<Work()>> kLargeScenarios = {
    {"lpm-50k", lpm_50k},         {"lpm-bgp", lpm_bgp},     {"exact-100k", exact_100k},
    {"acl-1k-100k", acl_1k_100k}, {"masks-256", masks_256},
};

}  // namespace vswitch::bench
