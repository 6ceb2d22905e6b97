// Input: the length of the first segment (1 byte; 0: there is one only), the number of actions (1 byte), the actions (1 byte
// each), the packet. The actions that change packets are done one after the other; then the packet goes through a tunnel and
// back.
#include "action/arp_reply.h"
#include "action/dec_ttl.h"
#include "action/decap.h"
#include "action/encap.h"
#include "action/pop_vlan.h"
#include "action/push_vlan.h"
#include "action/set_field.h"
#include "input.h"
#include "packet/parser.h"

using namespace vswitch;
using namespace vswitch::fuzz;

namespace {

constexpr HeaderSet kEverything = (1u << kHeaders) - 1;
constexpr uint32_t kVni = 0x123456;
constexpr size_t kHeadroom = 1024;
constexpr uint32_t kMostActions = 12;

struct Step {
  std::vector<Op> ops;
  void (*apply)(const ActionContext& context, const Op& op, Selection& packets);
};

template <typename T>
Step step(ActionKind kind, uint16_t argument = 0, Value128 value = 0, std::vector<uint8_t> payload = {}) {
  const Action action{kind, argument, value, std::move(payload), {}};
  require(!T::check(action));
  Step step;
  T::append(action, step.ops);
  step.apply = [](const ActionContext& context, const Op& op, Selection& packets) { T::apply(context, op, packets); };
  return step;
}

Step set_field(size_t field, Value128 value) {
  const uint32_t bits = kFields[field].bits;
  const Value128 mask = bits == 128 ? ~Value128{0} : (Value128{1} << bits) - 1;
  value &= mask;
  std::vector<uint8_t> payload(sizeof mask);
  memcpy(payload.data(), &mask, sizeof mask);
  return step<SetField>(ActionKind::set_field, static_cast<uint16_t>(field), value, std::move(payload));
}

Step encap(uint16_t tunnel, uint8_t family, uint8_t checksum) {
  std::vector<uint8_t> operand(64);
  const uint32_t vni = kVni;
  memcpy(operand.data(), &vni, sizeof vni);
  operand[6] = 64;
  operand[7] = 0xff;
  operand[8] = family;
  operand[9] = checksum;
  return step<Encap>(ActionKind::encap, tunnel, 0, std::move(operand));
}

Step decap(uint16_t tunnel) {
  std::vector<uint8_t> vnis(sizeof kVni);
  memcpy(vnis.data(), &kVni, sizeof kVni);
  return step<Decap>(ActionKind::decap, tunnel, 1, std::move(vnis));
}

std::vector<Step> make_steps() {
  std::vector<Step> steps = {step<DecTtl>(ActionKind::dec_ttl),
                             step<ArpReply>(ActionKind::arp_reply),
                             step<PushVlan>(ActionKind::push_vlan, kTypeVlan),
                             step<PushVlan>(ActionKind::push_vlan, kTypeQinq),
                             step<PopVlan>(ActionKind::pop_vlan),
                             decap(0),
                             decap(1)};
  for (uint8_t choice = 0; choice < 8; ++choice)
    steps.push_back(encap(choice & 1, (choice & 2) != 0 ? 4 : 6, static_cast<uint8_t>(choice >> 2)));
  for (size_t field = 0; field < kFields.size(); ++field) {
    Action action{ActionKind::set_field, static_cast<uint16_t>(field), 0, std::vector<uint8_t>(sizeof(Value128)), {}};
    if (SetField::check(action)) continue;
    steps.push_back(set_field(field, 0x1234567890abcdef));
    // What makes the packet one of another kind.
    if (kFields[field].name == "eth_type") {
      for (const uint16_t type : {kTypeIpv4, kTypeIpv6, kTypeArp, kTypeVlan}) steps.push_back(set_field(field, type));
    } else if (kFields[field].name == "ip_proto") {
      for (const uint8_t proto : {kProtoTcp, kProtoUdp, kProtoSctp, kProtoIcmpv6, kProtoFragment})
        steps.push_back(set_field(field, proto));
    } else if (kFields[field].name == "icmpv6_type") {
      for (const uint8_t type : {135, 136}) steps.push_back(set_field(field, type));
    }
  }
  return steps;
}

// Groups and meters are not reached.
template <typename T>
const T& nothing() {
  alignas(64) static uint8_t place[64] = {};
  return *reinterpret_cast<const T*>(place);
}

// One packet and what actions need around it.
class World {
 public:
  World()
      : counters_(Capacity{}),
        tx_(0),
        context_{burst_,
                 egress_,
                 gateways_,
                 tx_,
                 counters_.ports,
                 counters_.tenants[1],
                 plan_,
                 flood_,
                 nothing<GroupTable>(),
                 nothing<MeterTable>(),
                 counters_,
                 random_,
                 nullptr} {}

  bool begin(rte_mbuf* packet) {
    burst_.count = 1;
    burst_.in_port = 1;
    burst_.packet[0] = packet;
    ParseVerdict verdict[kBurst];
    return parse_burst(plan_, burst_, verdict) == 0;
  }

  // Whether the packet is still there.
  bool act(const Step& step) {
    Selection packets;
    packets.add(0);
    step.apply(context_, step.ops.front(), packets);
    tx_.free_discarded();
    return packets.count == 1;
  }

  // The layers are where the packet, read anew, has them.
  void check_layers() {
    const Layers before = burst_.layers[0];
    if (parse_again(plan_, burst_, 0) == ParseVerdict::kOk) require(memcmp(&before, &burst_.layers[0], sizeof before) == 0);
  }

  [[nodiscard]] std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> bytes;
    for (const rte_mbuf* segment = burst_.packet[0]; segment != nullptr; segment = segment->next) {
      const auto* data = rte_pktmbuf_mtod(segment, const uint8_t*);
      bytes.insert(bytes.end(), data, data + segment->data_len);
    }
    require(bytes.size() == rte_pktmbuf_pkt_len(burst_.packet[0]));
    return bytes;
  }
  [[nodiscard]] uint64_t drops(DropReason reason) const {
    return counters_.tenants[1].drops[static_cast<uint32_t>(reason)].read();
  }

 private:
  const ParsePlan plan_{kEverything};
  const FloodPorts flood_{};
  const EgressPort egress_[kPorts] = {};
  const Gateways* const gateways_[kPorts] = {};
  Random random_{1};
  Burst burst_;
  Counters counters_;
  TxBuffer tx_;
  ActionContext context_;
};

// Through any tunnel and back it is the same packet, unless what is in it is malformed.
void go_through_tunnel(World& world, uint8_t choice) {
  const std::vector<uint8_t> before = world.bytes();
  const uint64_t malformed = world.drops(DropReason::malformed_header);
  const uint64_t no_headroom = world.drops(DropReason::no_headroom);
  static const Step back[] = {decap(0), decap(1)};
  if (!world.act(encap(choice & 1, (choice & 2) != 0 ? 4 : 6, choice >> 2 & 1)) || !world.act(back[choice & 1])) {
    require(world.drops(DropReason::malformed_header) + world.drops(DropReason::no_headroom) == malformed + no_headroom + 1);
    return;
  }
  require(world.bytes() == before);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<Step> steps = make_steps();
  static const auto world = std::make_unique<World>();
  Input input(data, size);
  const size_t first = input.take<uint8_t>();
  const auto choices = input.take_bytes(input.take<uint8_t>() % (kMostActions + 1));
  const auto bytes = input.take_bytes(kMostBytes);
  const bool split = first != 0 && first < bytes.size();
  Segment head(split ? bytes.first(first) : bytes, kHeadroom);
  Segment rest(split ? bytes.subspan(first) : std::span<const uint8_t>{});
  if (split) head.chain(rest);
  if (!world->begin(head.mbuf())) return 0;
  for (const uint8_t choice : choices) {
    if (!world->act(steps[choice % steps.size()])) return 0;
  }
  world->check_layers();
  go_through_tunnel(*world, choices.empty() ? 0 : choices.back());
  return 0;
}
