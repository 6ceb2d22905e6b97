// A packet's way through the pipeline without its devices' side of receiving: cycles and drops per packet of the main paths, in
// bursts of 32 that are sent to net_null. What callgrind counts of run_pipeline is the same in every run.
// Usage: pipeline-bench [ROUNDS [SCENARIO...]], a line of JSON for each scenario.
#include <rte_byteorder.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "control/rule_store.h"
#include "dpdk/eal.h"
#include "dpdk/mempool.h"
#include "pipeline/pipeline.h"
#include "port/port.h"
#include "support/hex.h"
#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr uint32_t kBursts = 64;  // of a round
constexpr uint32_t kFlows = kBursts * kBurst;
constexpr PortNumber kSource = 1;
constexpr PortNumber kSink = 2;
constexpr Capacity kCapacity{4096, 64, 64};

uint32_t draw(std::mt19937& random) { return static_cast<uint32_t>(random()); }

uint32_t prefix(uint32_t bits) { return ~uint32_t{0} << (32 - bits); }

struct Tuple {
  uint32_t src, dst;
  uint16_t src_port, dst_port;
};

// What a scenario installs, and which packets it gets.
struct Work {
  Transaction transaction;
  std::vector<Bytes> packets;
  TenantSlot slot = 1;  // of the source
};

// 60 bytes of Ethernet, IPv4 and UDP.
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

std::vector<Tuple> tuples(uint32_t count) {
  std::mt19937 random(1);
  std::vector<Tuple> all(count);
  for (uint32_t i = 0; i < count; ++i) {
    all[i] = {0xc0a80000 + (draw(random) & 0xffff), 0x0a000000 + i, static_cast<uint16_t>(random()),
              static_cast<uint16_t>(random())};
  }
  return all;
}

std::vector<Action> macs_and_output() { return {set_src(0x020000000003), set_dst(0x020000000004), output(kSink)}; }

std::vector<Action> with(Action first, std::vector<Action> rest) {
  rest.insert(rest.begin(), std::move(first));
  return rest;
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
    work.transaction.add.push_back(rule(static_cast<RuleId>(work.transaction.add.size()), 1, 1,
                                        {{"eth_type", 0x0800},
                                         {"ip_proto", 17},
                                         {"ipv4_src", tuple.src},
                                         {"ipv4_dst", tuple.dst},
                                         {"udp_src", tuple.src_port},
                                         {"udp_dst", tuple.dst_port}},
                                        macs_and_output()));
    work.packets.push_back(frame(tuple));
  }
  return work;
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

Work routes() {
  std::mt19937 random(2);
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> seen;
  Work work;
  while (work.transaction.add.size() < 1000) {
    const uint32_t bits = 12 + draw(random) % 21;
    const uint32_t address = draw(random) & prefix(bits);
    if (!seen.try_emplace({address, bits}, 0).second) continue;
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

// An uplink whose packets are steered to a tenant by their destination, and forwarded by it.
Work steered() {
  Work work = one_rule(macs_and_output());
  work.slot = kUplinkSlot;
  for (TenantSlot slot = 1; slot <= 4; ++slot) {
    Rule steer = rule(slot, slot, 1, {{"eth_type", 0x0800}, {"ipv4_dst", 0x0a000000u + slot}}, {});
    work.transaction.steer.push_back(std::move(steer));
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

const std::map<std::string, std::function<Work()>> kScenarios = {
    {"p2p", [] { return one_rule(macs_and_output()); }},
    {"ttl", [] { return one_rule(with(kDecTtl, macs_and_output())); }},
    {"vlan",
     [] {
       return one_rule({act(ActionKind::push_vlan, 0x8100), set_field("vlan_vid", 0x1064), output(kSink)});
     }},
    {"steered", steered},
    {"exact", exact},
    {"routes", routes},
    {"acl", acl},
    {"group-select", grouped},
};

class Lab {
 public:
  Lab() {
    auto pool = make_mempool("pipeline-bench", 4095, 2048);
    if (!pool.ok()) fail("no pool");
    pool_ = std::move(pool.value());
    PortSpec spec;
    spec.number = kSink;
    spec.name = "sink";
    spec.slot = 1;
    spec.devargs = "net_null0,no-rx=1";
    auto sink = Port::open(spec, pool_.get());
    if (!sink.ok()) fail(sink.error().message);
    sink_ = std::make_unique<Port>(std::move(sink.value()));
    meter_.start(counters_->worker, cycles_per_second());
  }

  void measure(const std::string& name, Work work, uint32_t rounds) {
    RuleStore rules(kCapacity, 32, links_);
    auto staged = rules.stage(std::move(work.transaction));
    if (!staged.ok()) fail(name + ": " + staged.error().message);
    rules.commit(std::move(staged.value()));
    Program program;
    program.steering = rules.steering();
    program.slots = rules.tables();
    program.programs = rules.programs();
    program.groups = rules.groups();
    program.meters = rules.meters();
    program.ports[kSource].slot = work.slot;
    program.ports[kSink].slot = 1;
    program.egress[kSource] = program.egress[kSink] = sink_->egress();
    program.plan_parsers();
    rules.settle();

    const uint64_t before = sent();
    std::vector<double> cycles;
    for (uint32_t round = 0; round < rounds; ++round) {
      Cycles spent = 0;
      for (uint32_t burst = 0; burst < kBursts; ++burst) spent += run(program, work.packets, burst * kBurst);
      cycles.push_back(static_cast<double>(spent) / kFlows);
    }
    std::sort(cycles.begin(), cycles.end());
    if (sent() - before != uint64_t{rounds} * kFlows) fail(name + ": packets were lost");
    printf("{\"scenario\":\"%s\",\"packets\":%u,\"cyclesPerPacket\":{\"minimum\":%.1f,\"median\":%.1f}}\n", name.c_str(),
           rounds * kFlows, cycles.front(), cycles[cycles.size() / 2]);
  }

 private:
  [[noreturn]] static void fail(const std::string& why) {
    fprintf(stderr, "pipeline-bench: %s\n", why.c_str());
    exit(1);
  }

  [[nodiscard]] uint64_t sent() const { return counters_->ports[kSink].tx_packets.read(); }

  Cycles run(const Program& program, const std::vector<Bytes>& packets, uint32_t first) {
    burst_.in_port = kSource;
    burst_.count = kBurst;
    if (rte_pktmbuf_alloc_bulk(pool_.get(), burst_.packet, kBurst) != 0) fail("no buffers");
    for (uint32_t i = 0; i < kBurst; ++i) {
      const Bytes& bytes = packets[(first + i) % packets.size()];
      memcpy(rte_pktmbuf_append(burst_.packet[i], static_cast<uint16_t>(bytes.size())), bytes.data(), bytes.size());
    }
    const Cycles start = now();
    run_pipeline(program, {counters_.get(), &tx_, &meter_, &scratch_, &random_}, burst_);
    return now() - start;
  }

  Mempool pool_;
  std::unique_ptr<Port> sink_;
  std::unique_ptr<Counters> counters_ = std::make_unique<Counters>(kCapacity);
  TxBuffer tx_{0};
  LinkStates links_ = {};
  CycleMeter meter_;
  Random random_{1};
  PipelineScratch scratch_;
  Burst burst_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string prefix = "--file-prefix=pipeline-bench-" + std::to_string(getpid());
  auto eal = Eal::start({"--lcores=0@1", "--no-huge", "--no-shconf", prefix, "-m", "64", "--no-pci", "--no-telemetry"});
  if (!eal.ok()) {
    fprintf(stderr, "DPDK does not start: %s\n", eal.error().message.c_str());
    return 1;
  }
  const uint32_t rounds = argc > 1 ? static_cast<uint32_t>(std::max(1, atoi(argv[1]))) : 1000;
  Lab lab;
  for (const auto& [name, make] : kScenarios) {
    const bool asked = argc <= 2 || std::any_of(argv + 2, argv + argc, [&](const char* one) { return name == one; });
    if (asked) lab.measure(name, make(), rounds);
  }
}
