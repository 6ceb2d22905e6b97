// While packets pass, nothing is taken from the C++ heap: every action, group, meter and template of table, with operator new
// watched.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "support/bench_ports.h"
#include "support/conntrack.h"
#include "support/packets.h"
#include "support/rules.h"
#include "support/tunnels.h"

namespace {

thread_local bool watching = false;
thread_local uint64_t allocations = 0;

void* allocate(size_t bytes, size_t alignment) {
  if (watching) ++allocations;
  void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) { return allocate(bytes, static_cast<size_t>(alignment)); }
void* operator new[](size_t bytes, std::align_val_t alignment) { return allocate(bytes, static_cast<size_t>(alignment)); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, alignof(std::max_align_t)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace vswitch;
using namespace vswitch::test;

namespace {

constexpr uint32_t kAll = 1;
constexpr uint32_t kSelect = 2;
constexpr uint32_t kFailover = 3;

GroupSpec group(uint32_t number, GroupType type, std::vector<Action> actions) {
  GroupSpec spec;
  spec.number = number;
  spec.type = type;
  spec.buckets.push_back({1, 3, UINT32_MAX, actions});
  spec.buckets.push_back({2, 1, UINT32_MAX, {output(1)}});
  return spec;
}

// One rule for each UDP source port, with its actions; in table 1 a merged table that all go through.
Transaction everything(const std::vector<std::vector<Action>>& lists) {
  Transaction transaction;
  transaction.put_groups = {group(kAll, GroupType::all, {set_src(3), to_group(kSelect)}),
                            group(kSelect, GroupType::select, {output(3)}), group(kFailover, GroupType::ff, {output(3)})};
  MeterSpec meter;
  meter.cir = 1;
  meter.cbs = 100;
  meter.red = MeterVerdict::dscp_remark;
  transaction.put_meters = {meter};
  RuleId id = 0;
  for (const auto& actions : lists) {
    const Where port{"udp_src", 1000u + id};
    transaction.add.push_back(rule(id++, 1, 1, {{"eth_type", 0x800}, {"ip_proto", 17}, port}, actions));
  }
  for (uint16_t low = 0; low < 40; ++low) {
    Rule range = in_table(1, rule(id++, 1, low, {{"eth_type", 0x800}, {"ip_proto", 17}}, {output(3)}));
    range.tp_dst = {low, static_cast<uint16_t>(low * 7 + 1)};
    range.headers |= kTransport;
    transaction.add.push_back(std::move(range));
  }
  return transaction;
}

Bytes from_port(uint16_t port) {
  Bytes packet = hex(kUdp4);
  put(packet, 34, 2, port);
  return packet;
}

}  // namespace

TEST_CASE("packets pass without an allocation") {
  Tunnel tunnel;
  Ct translated{.flags = kCommit | kNat | kSourceRange, .family = 4};
  translated.low = hex("c0000207");
  const std::vector<std::vector<Action>> lists = {
      {output(3), output(1)},
      {output(kFlood)},
      {act(ActionKind::drop)},
      {set_dst(1), set_field("ipv4_src", 1), set_field("udp_dst", 7), kDecTtl, go_to(1)},
      {act(ActionKind::push_vlan, 0x8100), set_field("vlan_vid", 0x1005), act(ActionKind::pop_vlan), go_to(1)},
      {to_group(kAll), output(3)},
      {to_group(kFailover)},
      {through_meter(0), act(ActionKind::mirror, 1, 1), output(3)},
      {encap(tunnel), output(3)},
      {encap(tunnel), decap(tunnel.kind, {tunnel.vni}), output(3)},
      {write_metadata(1, 1), write_actions({set_dst(2), to_group(kSelect)}), go_to(2)},
      {write_actions({output(3)})},
      {act(ActionKind::clear_actions)},
      {conntrack(translated), go_to(1)},
      {act(ActionKind::punt, 7)},
      {set_field("udp_src", 1000), act(ActionKind::resubmit, 0)},
  };
  Bench bench;
  bench.track();
  bench.listen();
  REQUIRE(!bench.install({}));
  REQUIRE(!bench.apply(everything(lists)));
  std::vector<Bytes> packets;
  for (uint16_t i = 0; i < lists.size(); ++i) packets.push_back(from_port(static_cast<uint16_t>(1000 + i)));
  bench.around = [](bool begins) { watching = begins; };
  CHECK(!bench.run(2, packets).empty());
  watching = false;
  CHECK(allocations == 0);
  CHECK(bench.drops(1, DropReason::malformed_header) == 0);
  // The watch sees one where there is one.
  watching = true;
  delete new int;
  watching = false;
  CHECK(allocations == 1);
}
