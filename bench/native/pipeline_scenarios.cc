#include "pipeline_scenarios.h"

#include <algorithm>
#include <random>
#include <set>

#include "scenario_parts.h"
#include "state/ct_request.h"
#include "support/tunnels.h"

namespace vswitch::bench {

using namespace test;

namespace {

std::vector<Tuple> tuples(uint32_t count) {
  std::mt19937 random(1);
  std::vector<Tuple> all(count);
  for (uint32_t i = 0; i < count; ++i) {
    all[i] = {0xc0a80000 + (draw(random) & 0xffff), 0x0a000000 + i, static_cast<uint16_t>(random()),
              static_cast<uint16_t>(random())};
  }
  return all;
}

// One rule for all packets, which differ in their source.
Work one_rule(std::vector<Action> actions) {
  Work work;
  work.transaction.add.push_back(
      rule(0, 1, 1, {{"in_port", kSource}, {"eth_type", 0x0800}, {"ipv4_dst", 0x0a000001}}, std::move(actions)));
  for (Tuple tuple : tuples(kFlows)) work.packets.push_back(frame({tuple.src, 0x0a000001, tuple.src_port, tuple.dst_port}));
  return work;
}

Work exact() {
  Work work;
  for (const Tuple& tuple : tuples(1000)) {
    work.transaction.add.push_back(five_tuple(static_cast<RuleId>(work.transaction.add.size()), tuple));
    work.packets.push_back(frame(tuple));
  }
  return work;
}

Work routes() {
  std::mt19937 random(2);
  std::set<std::pair<uint32_t, uint32_t>> seen;
  Work work;
  while (work.transaction.add.size() < 1000) {
    const uint32_t bits = 12 + draw(random) % 21;
    const uint32_t address = draw(random) & prefix(bits);
    if (!seen.emplace(address, bits).second) continue;
    const auto id = static_cast<RuleId>(work.transaction.add.size());
    Rule route = rule(id, 1, bits, {{"eth_type", 0x0800}, {"ipv4_dst", address}},
                      with(kDecTtl, {set_src(0x020000000003), set_dst(0x020000000100 + id % 16), output(kSink)}));
    narrow(route, "ipv4_dst", bits);
    work.transaction.add.push_back(std::move(route));
    work.packets.push_back(frame({draw(random), address, 1, 2}));
  }
  return work;
}

// 30 shapes of prefixes and ports.
Work acl() {
  std::mt19937 random(3);
  Work work;
  for (uint32_t i = 0; i < 1000; ++i) {
    const uint32_t src_bits = 16 + i / 6 % 5 * 2;
    const uint32_t dst_bits = std::min(16 + i % 6 * 4, 32u);
    const auto site = [&] { return 0x0a000000u + (draw(random) % 16 << 20) + (draw(random) % 4 << 16) + (draw(random) & 0xfff); };
    const Tuple tuple{site() & prefix(src_bits), site() & prefix(dst_bits), static_cast<uint16_t>(random()),
                      static_cast<uint16_t>(random())};
    std::vector<Where> match;
    Rule made = i % 6 == 4 ? rule(i, 1, 1001 - i,
                                  {{"eth_type", 0x0800},
                                   {"ip_proto", 17},
                                   {"ipv4_src", tuple.src},
                                   {"ipv4_dst", tuple.dst},
                                   {"udp_src", tuple.src_port}},
                                  macs_and_output())
                           : rule(i, 1, 1001 - i,
                                  {{"eth_type", 0x0800},
                                   {"ip_proto", 17},
                                   {"ipv4_src", tuple.src},
                                   {"ipv4_dst", tuple.dst},
                                   {"udp_dst", tuple.dst_port}},
                                  macs_and_output());
    narrow(made, "ipv4_src", src_bits);
    narrow(made, "ipv4_dst", dst_bits);
    work.transaction.add.push_back(std::move(made));
    work.packets.push_back(frame(tuple));
  }
  return work;
}

// An uplink whose packets are steered by their destination to one of four tenants at random, and forwarded by it.
Work steered() {
  Work work;
  work.slot = kUplinkSlot;
  for (TenantSlot slot = 1; slot <= 4; ++slot) {
    const auto to_tenant = [slot](std::vector<Action> actions) {
      return rule(slot, slot, 1, {{"eth_type", 0x0800}, {"ipv4_dst", 0x0a000000u + slot}}, std::move(actions));
    };
    work.transaction.steer.push_back(to_tenant({}));
    work.transaction.add.push_back(to_tenant(macs_and_output()));
  }
  std::mt19937 random(4);
  for (Tuple tuple : tuples(kFlows)) {
    work.packets.push_back(frame({tuple.src, 0x0a000001 + draw(random) % 4, tuple.src_port, tuple.dst_port}));
  }
  return work;
}

const Tunnel kTunnel{};

// Into a tunnel.
Work encapsulated() { return one_rule({encap(kTunnel), output(kSink)}); }

// Out of a tunnel, and on by what was in it.
Work decapsulated() {
  Work work;
  work.transaction.add.push_back(
      rule(0, 1, 1, {{"eth_type", 0x0800}, {"ip_proto", 17}, {"ipv4_dst", 0xc0a80002}, {"udp_dst", kTunnel.udp_dst}},
           {decap(kTunnel.kind, {kTunnel.vni}), go_to(1)}));
  work.transaction.add.push_back(in_table(
      1, rule(1, 1, 1, {{"eth_type", 0x0800}, {"ipv4_dst", 0x0a000001}, {"tunnel_id", kTunnel.vni}}, macs_and_output())));
  uint16_t source = 50'000;
  for (Tuple tuple : tuples(kFlows)) {
    const Bytes inner = frame({tuple.src, 0x0a000001, tuple.src_port, tuple.dst_port});
    work.packets.push_back(expected(kTunnel, inner, 0, source++));
  }
  return work;
}

Work grouped() {
  Work work = one_rule({to_group(1)});
  GroupSpec spec;
  spec.number = 1;
  spec.type = GroupType::select;
  for (uint32_t member = 0; member < 16; ++member) {
    spec.buckets.push_back({1, 0, UINT32_MAX, {set_src(0x020000000003), set_dst(0x020000000100 + member), output(kSink)}});
  }
  work.transaction.put_groups.push_back(std::move(spec));
  return work;
}

// A datagram that goes with the tuple, or against it.
CtPacket tracked(const Tuple& tuple, bool turned) {
  const uint32_t src = rte_cpu_to_be_32(turned ? tuple.dst : tuple.src);
  const uint32_t dst = rte_cpu_to_be_32(turned ? tuple.src : tuple.dst);
  CtPacket packet{};
  memcpy(packet.tuple.src, &src, sizeof src);
  memcpy(packet.tuple.dst, &dst, sizeof dst);
  packet.tuple.src_port = rte_cpu_to_be_16(turned ? tuple.dst_port : tuple.src_port);
  packet.tuple.dst_port = rte_cpu_to_be_16(turned ? tuple.src_port : tuple.dst_port);
  packet.tuple.proto = 17;
  packet.tuple.family = 4;
  packet.kind = CtKind::kPacket;
  return packet;
}

// Datagrams of established connections, which a default-deny policy lets through.
Work established() {
  Work work;
  Action look_up = act(ActionKind::conntrack);
  look_up.payload.resize(88);
  work.transaction.add.push_back(rule(0, 1, 1, {{"eth_type", 0x0800}}, {look_up, go_to(1)}));
  Rule allow = in_table(1, rule(1, 1, 1, {{"ct_state", kCtTracked | kCtEstablished}}, macs_and_output()));
  // Whatever the direction.
  KeyWords others;
  place(field("ct_state"), 0xff & ~(kCtTracked | kCtEstablished), others);
  for (uint32_t w = 0; w < kKeyWords; ++w) allow.mask.word[w] &= ~others.word[w];
  work.transaction.add.push_back(std::move(allow));
  for (const Tuple& tuple : tuples(kFlows)) {
    work.packets.push_back(frame(tuple));
    for (const bool turned : {false, true}) work.connections.push_back(tracked(tuple, turned));
  }
  return work;
}

}  // namespace

const std::map<std::string, std::function<Work()>> kScenarios = {
    {"p2p", [] { return one_rule(macs_and_output()); }},
    {"ttl", [] { return one_rule(with(kDecTtl, macs_and_output())); }},
    {"vlan",
     [] {
       return one_rule({act(ActionKind::push_vlan, 0x8100), set_field("vlan_vid", 0x1064), output(kSink)});
     }},
    {"encap", encapsulated},
    {"decap", decapsulated},
    {"steered", steered},
    {"exact", exact},
    {"routes", routes},
    {"acl", acl},
    {"conntrack", established},
    {"group-select", grouped},
    {"drop", [] { return one_rule({act(ActionKind::drop, static_cast<uint16_t>(DropReason::rule_drop))}); }},
    {"punt", [] { return one_rule({act(ActionKind::punt, 1)}); }},
};

}  // namespace vswitch::bench
