#include "pipeline/tables.h"

#include <rte_prefetch.h>

#include "action/written.h"
#include "packet/parser.h"

namespace vswitch {
namespace {

void charge(TenantCounters& tenant, Stage stage, Cycles cycles) noexcept {
  tenant.cycles[static_cast<uint32_t>(stage)].add(cycles);
}

// One tenant's packets, and where each of them is.
class Passage {
 public:
  Passage(const Program& program, const PipelineContext& context, Burst& burst, TenantSlot slot) noexcept
      : context_(context),
        programs_(program.programs),
        burst_(burst),
        slot_(slot),
        counters_(*context.counters),
        action_{burst,
                program.egress.data(),
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
                context.is_trial} {}

  VSWITCH_INLINE void run(const SlotTables& tables, const Selection& packets) noexcept {
    visit(tables[0].get(), 0, packets);
    while (pending_ != 0) {
      const auto table = static_cast<uint32_t>(__builtin_ctzll(pending_));
      pending_ &= pending_ - 1;
      visit(tables[table].get(), table, context_.scratch->pending[table]);
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
    Row rows[kBurst];
    const uint32_t count = make_rows(packets, hits, rows);
    charge(action_.tenant, Stage::match, context_.meter->lap());
    if (__builtin_expect(context_.observer != nullptr, 0)) report(number, packets, hits);
    counters.matches.add(act(packets, rows, count));
    charge(action_.tenant, Stage::act, context_.meter->lap());
  }

  // Packets one after the other that hit the same rule, or none.
  struct Row {
    const ActionProgram* program;  // null: no rule
    uint64_t bytes;
    uint32_t first;  // place in the selection
    uint32_t count;
  };

  // Programs and counters of many rules are in no cache: fetched together, they are waited for once.
  VSWITCH_INLINE uint32_t make_rows(const Selection& packets, const Hit hits[kBurst], Row rows[kBurst]) const noexcept {
    uint32_t count = 0;
    for (uint32_t i = 0; i < packets.count;) {
      const Hit hit = hits[packets.index[i]];
      Row& row = rows[count++];
      row.program = hit.found() ? &programs_[hit.target()] : nullptr;
      rte_prefetch0(row.program);
      row.first = i;
      uint64_t bytes = 0;
      do {
        bytes += burst_.bytes[packets.index[i++]];
      } while (i < packets.count && hits[packets.index[i]].word == hit.word);
      row.bytes = bytes;
      row.count = i - row.first;
    }
    for (uint32_t i = 0; count > 1 && i < count; ++i) {
      if (rows[i].program != nullptr) rte_prefetch0(&counters_.rules[rows[i].program->rule()]);
    }
    return count;
  }

  // Returns how many packets hit a rule.
  VSWITCH_INLINE uint32_t act(const Selection& packets, const Row* rows, uint32_t count) noexcept {
    HitCounters* const rules = counters_.rules.get();
    Forward::Way way;
    uint32_t missed = 0;
    for (const Row* row = rows; row != rows + count; ++row) {
      const uint8_t* const index = packets.index + row->first;
      if (__builtin_expect(row->program == nullptr, 0)) {
        missed += row->count;
        end_all(index, row->count, slot_ == kUplinkSlot ? DropReason::unknown_destination : DropReason::table_miss);
        continue;
      }
      HitCounters& rule = rules[row->program->rule()];
      rule.packets.add(row->count);
      rule.bytes.add(row->bytes);
      const Forward* const step = row->program->forward();
      if (step != nullptr && step->finds(action_, way)) {
        step->push(action_, way, index, row->count);
      } else {
        run(*row->program, index, row->count);
      }
    }
    return packets.count - missed;
  }

  VSWITCH_INLINE void run(const ActionProgram& program, const uint8_t* index, uint32_t count) noexcept {
    Selection packets;
    for (uint32_t i = 0; i < count; ++i) packets.add(index[i]);
    program.run(action_, packets);
    if (packets.count != 0) go_on(program, packets);
  }

  void go_on(const ActionProgram& program, const Selection& row) noexcept {
    const uint8_t table = program.next_table();
    if (table == kNoTable) return finish(row);
    Selection& pending = context_.scratch->pending[table];
    if ((pending_ >> table & 1) == 0) pending.count = 0;
    pending_ |= uint64_t{1} << table;
    for (uint32_t i = 0; i < row.count; ++i) {
      if (program.rewrites() && !parse_anew(row.index[i])) continue;
      pending.add(row.index[i]);
    }
  }

  bool parse_anew(uint32_t packet) noexcept {
    const ParseVerdict verdict = parse_again(action_.plan, burst_, packet);
    if (__builtin_expect(verdict == ParseVerdict::kOk, 1)) return true;
    end(packet, verdict == ParseVerdict::kSplit ? DropReason::header_split : DropReason::malformed_header);
    return false;
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

  VSWITCH_COLD void end_all(const uint8_t* index, uint32_t count, DropReason reason) noexcept {
    for (uint32_t i = 0; i < count; ++i) end(index[i], reason);
  }

  VSWITCH_COLD void report(uint32_t number, const Selection& packets, const Hit hits[kBurst]) noexcept {
    for (uint32_t i = 0; i < packets.count; ++i) {
      const Hit& hit = hits[packets.index[i]];
      const RuleId rule = hit.found() ? programs_[hit.target()].rule() : kNoRule;
      context_.observer->on_hit(slot_, number, burst_, packets.index[i], rule);
    }
  }

  const PipelineContext& context_;
  const ActionProgram* const programs_;
  Burst& burst_;
  const TenantSlot slot_;
  Counters& counters_;
  const ActionContext action_;
  uint64_t pending_ = 0;  // bit i: packets wait for table i
};

}  // namespace

VSWITCH_HOT void run_tables(const Program& program, const PipelineContext& context, Burst& burst, const Selection& packets,
                            TenantSlot slot) noexcept {
  Passage(program, context, burst, slot).run(*program.slots[slot], packets);
}

}  // namespace vswitch
