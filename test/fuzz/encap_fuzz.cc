// Input: flags (1 byte: 1 Geneve, 2 encap), the length of the first segment (1 byte; 0: there is one only), its headroom (1
// byte), the packet's tunnel_id (4 bytes), for encap the operands (64 bytes), the packet. What encap wrapped, decap must give
// back unchanged.
#include "action/decap.h"
#include "action/encap.h"
#include "action/group.h"
#include "action/meter.h"
#include "action/tunnel.h"
#include "input.h"
#include "packet/parser.h"

using namespace vswitch;
using namespace vswitch::fuzz;

namespace {

constexpr size_t kOperandBytes = 64;
constexpr uint32_t kVnis[] = {0, 1, 0x123456, 0xffffff};

// A packet alone in a burst, with all that actions work on.
class Bench {
 public:
  Bench(rte_mbuf* packet, uint32_t tunnel_id) : mbuf_(packet) {
    burst_.count = 1;
    burst_.in_port = 1;
    burst_.packet[0] = packet;
    ParseVerdict verdict[kBurst];
    well_formed_ = parse_burst(plan_, burst_, verdict) == 0;
    burst_.key[0].tunnel_id = rte_cpu_to_be_64(tunnel_id);
  }

  [[nodiscard]] bool well_formed() const { return well_formed_; }
  [[nodiscard]] uint32_t tunnel_id() const { return static_cast<uint32_t>(rte_be_to_cpu_64(burst_.key[0].tunnel_id)); }

  // Whether the packet is still there.
  template <typename Kind>
  bool run(const Action& action) {
    std::vector<Op> ops;
    Kind::append(action, ops);
    Selection packets;
    packets.add(0);
    const ActionContext context{burst_,  egress_, gateways_, tx_,     counters_.ports, counters_.tenants[1], plan_, flood_,
                                groups_, meters_, counters_, random_, nullptr};
    Kind::apply(context, ops[0], packets);
    tx_.free_discarded();
    if (packets.count == 1) check_segments();
    return packets.count == 1;
  }

 private:
  void check_segments() const {
    uint32_t bytes = 0;
    uint32_t segments = 0;
    for (const rte_mbuf* segment = mbuf_; segment != nullptr; segment = segment->next, ++segments) {
      require(segment->data_off + segment->data_len <= segment->buf_len);
      bytes += segment->data_len;
    }
    require(bytes == mbuf_->pkt_len && segments == mbuf_->nb_segs);
  }

  inline static TxBuffer tx_{0};
  inline static Counters counters_{Capacity{}};
  inline static const EgressPort egress_[kPorts] = {};
  inline static const Gateways* const gateways_[kPorts] = {};
  inline static const FloodPorts flood_{};
  inline static const GroupTable groups_{};
  inline static const MeterTable meters_{};
  inline static Random random_{1};
  const ParsePlan plan_{(1u << kHeaders) - 1};
  rte_mbuf* mbuf_;
  Burst burst_;
  bool well_formed_;
};

std::vector<uint8_t> bytes_of(const rte_mbuf* packet) {
  std::vector<uint8_t> bytes;
  for (; packet != nullptr; packet = packet->next) {
    const auto* data = rte_pktmbuf_mtod(packet, const uint8_t*);
    bytes.insert(bytes.end(), data, data + packet->data_len);
  }
  return bytes;
}

Action decap_of(uint16_t tunnel, std::span<const uint32_t> vnis) {
  Action action{ActionKind::decap, tunnel, vnis.size(), {}, {}};
  action.payload.resize(vnis.size_bytes());
  memcpy(action.payload.data(), vnis.data(), vnis.size_bytes());
  require(!Decap::check(action));
  return action;
}

void unwrap(Bench& bench, rte_mbuf* packet, uint16_t tunnel) {
  const uint32_t before = packet->pkt_len;
  if (!bench.run<Decap>(decap_of(tunnel, kVnis))) return;
  require(packet->pkt_len < before && packet->pkt_len >= kEthernetBytes);
  require(std::find(std::begin(kVnis), std::end(kVnis), bench.tunnel_id()) != std::end(kVnis));
}

void wrap(Bench& bench, rte_mbuf* packet, const Action& action, uint32_t tunnel_id) {
  const std::vector<uint8_t> before = bytes_of(packet);
  if (!bench.run<Encap>(action)) return;
  require(packet->pkt_len > before.size());
  uint32_t vni;
  memcpy(&vni, action.payload.data(), sizeof vni);
  if (vni == UINT32_MAX) vni = tunnel_id & kMaxVni;
  require(bench.run<Decap>(decap_of(action.argument, {&vni, 1})));
  require(bench.tunnel_id() == vni);
  require(bytes_of(packet) == before);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const auto flags = input.take<uint8_t>();
  const size_t first = input.take<uint8_t>();
  const auto headroom = input.take<uint8_t>();
  const auto tunnel_id = input.take<uint32_t>();
  const auto tunnel = static_cast<uint16_t>((flags & 1) != 0 ? kGeneve : kVxlan);
  const bool wraps = (flags & 2) != 0;
  const auto operands = wraps ? input.take_bytes(kOperandBytes) : std::span<const uint8_t>();
  const auto bytes = input.take_bytes(kMostBytes);
  const size_t split = first == 0 ? bytes.size() : std::min(first, bytes.size());
  Segment head(bytes.first(split), headroom);
  Segment tail(bytes.subspan(split));
  if (split < bytes.size()) head.chain(tail);
  Bench bench(head.mbuf(), tunnel_id);
  if (!bench.well_formed()) return 0;
  if (!wraps) {
    unwrap(bench, head.mbuf(), tunnel);
    return 0;
  }
  const Action action{ActionKind::encap, tunnel, 0, {operands.begin(), operands.end()}, {}};
  if (!Encap::check(action)) wrap(bench, head.mbuf(), action, tunnel_id);
  return 0;
}
