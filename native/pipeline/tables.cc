#include "pipeline/tables.h"

#include <rte_prefetch.h>

#include "action/written.h"
#include "packet/parser.h"

namespace vswitch {
namespace {

PuntLane* lane_of(const Program& program, const PipelineContext& context, TenantSlot slot) noexcept {
  const PuntLanes* const lanes = program.punt[slot];
  if (__builtin_expect(lanes == nullptr, 1)) return nullptr;
  PuntLane* const lane = lanes->of(context.worker);
  return lane == nullptr || context.probe_lane == nullptr ? lane : context.probe_lane;
}

// One tenant's packets, and where each of them is.
class Passage {
 public:
  Passage(const Program& program, const PipelineContext& context, Burst& burst, TenantSlot slot, StageTimer& timer) noexcept
      : context_(context),
        timer_(timer),
        targets_(program.targets),
        programs_(program.programs),
        burst_(burst),
        slot_(slot),
        counters_(*context.counters),
        action_{burst,
                program.egress.data(),
                program.gateways.data(),
                *context.tx,
                context.counters->ports,
                context.counters->tenants[slot],
                program.ports[burst.in_port].plan,
                program.flood[slot],
                *program.groups,
                *program.meters,
                *context.counters,
                *context.random,
                context.scratch->groups,
                context.is_trial,
                slot,
                context.meter,
                context.conntrack,
                context.replies,
                lane_of(program, context, slot),
                context.worker} {}

  VSWITCH_INLINE void run(const SlotTables& tables, const Selection& packets) noexcept {
    visit(tables[0].get(), 0, packets);
    while (pending_ != 0) {
      const auto table = static_cast<uint32_t>(__builtin_ctzll(pending_));
      pending_ &= pending_ - 1;
      const Selection waiting = context_.scratch->pending[table];  // those that are resubmitted to it wait anew
      visit(tables[table].get(), table, waiting);
    }
  }

 private:
  VSWITCH_INLINE void visit(const FlowTable* table, uint32_t number, const Selection& packets) noexcept {
    TableCounters& counters = counters_.tables[slot_][number];
    counters.lookups.add(packets.count);
    Hit hits[kBurst];
    if (table != nullptr) {
      table->table.lookup(burst_.key, packets, hits);
    } else {
      for (uint32_t i = 0; i < packets.count; ++i) hits[packets.index[i]] = {};
    }
    if (table != nullptr && table->is_large) prefetch(packets, hits);
    if (__builtin_expect(timer_.is_stamped(), 0)) {
      counters.timed.add(packets.count);
      counters.cycles.add(timer_.end_stage(Stage::match));
    }
    if (__builtin_expect(context_.observer != nullptr, 0)) report(number, packets, hits);
    counters.matches.add(act(packets, hits));
    context_.tx->free_discarded();
    timer_.end_stage(Stage::act);
  }

  // What is kept of each of many rules is in no cache: fetched together, it is waited for once.
  VSWITCH_INLINE void prefetch(const Selection& packets, const Hit hits[kBurst]) const noexcept {
    for (uint32_t i = 0; i < packets.count; ++i) {
      const Hit hit = hits[packets.index[i]];
      if (hit.found()) rte_prefetch0(&targets_[hit.target()]);
    }
    for (uint32_t i = 0; i < packets.count; ++i) {
      const Hit hit = hits[packets.index[i]];
      if (!hit.found()) continue;
      const Target target = targets_[hit.target()];
      rte_prefetch0(&counters_.rules[target.rule]);
      rte_prefetch0(&programs_[target.program]);
    }
  }

  // Packets in a row that hit the same rule go through its actions together. Returns how many hit a rule.
  VSWITCH_INLINE uint32_t act(const Selection& packets, const Hit hits[kBurst]) noexcept {
    HitCounters* const rules = counters_.rules.data();
    const Target* const targets = targets_;
    const ActionProgram* const programs = programs_;
    Forward::Way way;
    uint32_t missed = 0;
    for (uint32_t i = 0; i < packets.count;) {
      const Hit hit = hits[packets.index[i]];
      if (__builtin_expect(!hit.found(), 0)) {
        const Row row = take_row(packets, hits, i);
        missed += row.packets.count;
        end_all(row.packets, slot_ == kUplinkSlot ? DropReason::unknown_destination : DropReason::table_miss);
        continue;
      }
      const Target target = targets[hit.target()];
      const ActionProgram& program = programs[target.program];
      HitCounters& rule = rules[target.rule];
      const Forward* const step = program.forward();
      if (__builtin_expect(step != nullptr, 1) && step->finds(action_, way)) {
        const uint32_t first = i;
        uint64_t bytes = 0;
        do {
          const uint32_t packet = packets.index[i++];
          bytes += burst_.bytes[packet];
          step->push(action_, way, packet);
        } while (i < packets.count && hits[packets.index[i]].word == hit.word);
        rule.packets.add(i - first);
        rule.bytes.add(bytes);
        continue;
      }
      Row row = take_row(packets, hits, i);
      rule.packets.add(row.packets.count);
      rule.bytes.add(row.bytes);
      program.run(action_, row.packets);
      if (row.packets.count != 0) go_on(program, row.packets);
    }
    return packets.count - missed;
  }

  struct Row {
    uint64_t bytes = 0;
    Selection packets;
  };

  // The packets from `i` on that hit the same rule, or none; `i` is behind them then.
  VSWITCH_INLINE Row take_row(const Selection& packets, const Hit hits[kBurst], uint32_t& i) const noexcept {
    const RuleWord word = hits[packets.index[i]].word;
    Row row;
    do {
      const uint32_t packet = packets.index[i++];
      row.bytes += burst_.bytes[packet];
      row.packets.add(packet);
    } while (i < packets.count && hits[packets.index[i]].word == word);
    return row;
  }

  void go_on(const ActionProgram& program, const Selection& row) noexcept {
    const uint8_t table = program.next_table();
    if (table == kNoTable) return finish(row);
    Selection& pending = context_.scratch->pending[table];
    if ((pending_ >> table & 1) == 0) pending.count = 0;
    pending_ |= uint64_t{1} << table;
    ParseVerdict verdict[kBurst];
    if (program.is_stale()) parse_again(action_.plan, burst_, row, verdict);
    for (uint32_t i = 0; i < row.count; ++i) {
      const uint8_t packet = row.index[i];
      if (__builtin_expect(program.resubmits(), 0) && ++burst_.resubmits[packet] > kMaxResubmits) {
        end(packet, DropReason::resubmit_limit);
      } else if (__builtin_expect(program.is_stale() && verdict[packet] != ParseVerdict::kOk, 0)) {
        end(packet, verdict[packet] == ParseVerdict::kSplit ? DropReason::header_split : DropReason::malformed_header);
      } else {
        pending.add(packet);
      }
    }
  }

  // The end of the pipeline: the action set, where a packet has one.
  void finish(const Selection& row) noexcept {
    for (uint32_t i = 0; i < row.count; ++i) {
      const uint32_t packet = row.index[i];
      Selection left;
      if ((burst_.written & packet_bit(packet)) != 0) {
        run_action_set(action_, packet, left);
      } else {
        left.add(packet);
      }
      if (left.count != 0) end(packet, DropReason::rule_drop);
    }
  }

  // A packet that was output somewhere is not lost.
  void end(uint32_t packet, DropReason reason) noexcept {
    if ((burst_.sent & packet_bit(packet)) == 0) return drop_packet(action_, packet, reason);
    rte_pktmbuf_free(burst_.packet[packet]);
  }

  VSWITCH_INLINE void end_all(const Selection& row, DropReason reason) noexcept {
    for (uint32_t i = 0; i < row.count; ++i) end(row.index[i], reason);
  }

  VSWITCH_COLD void report(uint32_t number, const Selection& packets, const Hit hits[kBurst]) noexcept {
    for (uint32_t i = 0; i < packets.count; ++i) {
      const Hit& hit = hits[packets.index[i]];
      const RuleId rule = hit.found() ? targets_[hit.target()].rule : kNoRule;
      context_.observer->on_hit(slot_, number, burst_, packets.index[i], rule);
    }
  }

  const PipelineContext& context_;
  StageTimer& timer_;
  const Target* const targets_;
  const ActionProgram* const programs_;
  Burst& burst_;
  const TenantSlot slot_;
  Counters& counters_;
  const ActionContext action_;
  uint64_t pending_ = 0;  // bit i: packets wait for table i
};

}  // namespace

VSWITCH_HOT void run_tables(const Program& program, const PipelineContext& context, Burst& burst, const Selection& packets,
                            TenantSlot slot, StageTimer& timer) noexcept {
  Passage(program, context, burst, slot, timer).run(*program.slots[slot], packets);
}

}  // namespace vswitch
