#include "binding/decode.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string>

#include "action/program.h"
#include "binding/reader.h"
#include "packet/fields.h"

namespace vswitch {
namespace {

constexpr uint32_t kMagic = 0x3153544d;
constexpr uint32_t kRemove = 1;
constexpr uint32_t kAdd = 2;
constexpr uint32_t kSteer = 3;
constexpr uint32_t kPutGroup = 4;
constexpr uint32_t kRemoveGroup = 5;
constexpr uint32_t kPutMeter = 6;
constexpr uint32_t kRemoveMeter = 7;
constexpr uint16_t kRange = 1;     // flag of a field
constexpr size_t kRuleBytes = 24;  // of a rule without fields and actions
constexpr uint32_t kMaxPayload = 1u << 16;
constexpr uint16_t kActionKinds = 0
#define X(name, type) +1
    VSWITCH_ACTIONS(X)
#undef X
    ;

Error bad(size_t offset, const std::string& what) {
  return error(ErrorCode::BAD_TRANSACTION, "transaction, byte " + std::to_string(offset) + ": " + what);
}

// The actions that were read last: rules share lists, and one that is written as the one before is not read again.
struct LastActions {
  std::span<const uint8_t> bytes;
  uint16_t count = 0;
  ActionList list;
  HeaderSet headers = 0;
};

bool is(uint16_t number, std::initializer_list<Field> fields) {
  return std::find(fields.begin(), fields.end(), static_cast<Field>(number)) != fields.end();
}

Status decode_range(const FieldSpec& field, uint16_t number, Value128 low, Value128 high, size_t at, Rule& rule) {
  const bool source = is(number, {Field::tcp_src, Field::udp_src, Field::sctp_src});
  const bool destination = is(number, {Field::tcp_dst, Field::udp_dst, Field::sctp_dst});
  if ((!source && !destination) || low > high || high > UINT16_MAX) return bad(at, "range of " + std::string(field.name));
  const PortRange range{static_cast<uint16_t>(low), static_cast<uint16_t>(high)};
  (source ? rule.tp_src : rule.tp_dst) = range;
  return {};
}

Status decode_field(Reader& reader, Rule& rule) {
  const size_t at = reader.offset();
  const auto number = reader.take<uint16_t>();
  const auto flags = reader.take<uint16_t>();
  reader.take<uint32_t>();
  const Value128 value = take_u128(reader);
  const Value128 mask = take_u128(reader);
  if (!reader.ok()) return bad(at, "a field is cut short");
  if (number >= kFields.size()) return bad(at, "field number " + std::to_string(number));
  const FieldSpec& field = kFields[number];
  rule.headers |= field.headers;
  rule.value.word[kFlagsWord] |= flags_word(field.flags);
  rule.mask.word[kFlagsWord] |= flags_word(field.flags);
  if (flags == kRange) return decode_range(field, number, value, mask, at, rule);
  const Value128 all = all_ones(field);
  if ((mask & ~all) != 0 || (value & ~mask) != 0) return bad(at, "value or mask of " + std::string(field.name) + " out of range");
  place(field, value, rule.value);
  place(field, mask, rule.mask);
  if (is(number, {Field::in_port}) && mask == all) rule.in_port = static_cast<PortNumber>(value);
  return {};
}

Status decode_actions(Reader& reader, uint32_t count, std::vector<Action>& actions, bool nested);

Status decode_action(Reader& reader, Action& action, bool nested) {
  const size_t at = reader.offset();
  const auto number = reader.take<uint16_t>();
  action.argument = reader.take<uint16_t>();
  const auto bytes = reader.take<uint32_t>();
  action.value = take_u128(reader);
  if (!reader.ok()) return bad(at, "an action is cut short");
  if (number >= kActionKinds) return bad(at, "action number " + std::to_string(number));
  if (bytes > kMaxPayload) return bad(at, "an action's payload of " + std::to_string(bytes) + " bytes");
  action.kind = static_cast<ActionKind>(number);
  const auto payload = reader.take_bytes(bytes);
  if (!reader.ok()) return bad(at, "an action's payload is cut short");
  if (action.kind != ActionKind::write_actions) {
    action.payload.assign(payload.begin(), payload.end());
    return {};
  }
  if (nested) return bad(at, "write_actions in write_actions");
  Reader inner(payload);
  if (Status fault = decode_actions(inner, action.argument, action.actions, true)) return fault;
  return inner.rest() == 0 ? Status{} : bad(at, "write_actions and its bytes do not agree");
}

Status decode_actions(Reader& reader, uint32_t count, std::vector<Action>& actions, bool nested) {
  if (count > kMaxActions) return bad(reader.offset(), std::to_string(count) + " actions in a list");
  for (uint32_t i = 0; i < count; ++i) {
    if (Status fault = decode_action(reader, actions.emplace_back(), nested)) return fault;
  }
  return {};
}

Status decode_rule_actions(Reader& reader, uint16_t count, LastActions& last) {
  if (!last.bytes.empty() && last.count == count && reader.skip(last.bytes)) return {};
  const size_t at = reader.offset();
  std::vector<Action> actions;
  if (Status fault = decode_actions(reader, count, actions, false)) return fault;
  if (Status fault = ActionProgram::check(actions)) return fault;
  last = {reader.since(at), count, {}, ActionProgram::headers(actions)};
  last.list = std::move(actions);
  return {};
}

Status decode_rule(Reader& reader, Rule& rule, LastActions& last) {
  const size_t at = reader.offset();
  rule.id = reader.take<uint32_t>();
  const auto slot = reader.take<uint32_t>();
  rule.rank = reader.take<uint32_t>();
  const auto table = reader.take<uint32_t>();
  const auto fields = reader.take<uint16_t>();
  const auto actions = reader.take<uint16_t>();
  if (!reader.ok()) return bad(at, "a rule is cut short");
  if (slot > kMaxTenant) return bad(at, "slot " + std::to_string(slot));
  if (table >= kMaxTables) return bad(at, "table " + std::to_string(table));
  if (rule.rank == UINT32_MAX) return bad(at, "rank out of range");
  rule.slot = static_cast<TenantSlot>(slot);
  rule.table = static_cast<uint8_t>(table);
  for (uint16_t i = 0; i < fields; ++i) {
    if (Status fault = decode_field(reader, rule)) return fault;
  }
  if (Status fault = decode_rule_actions(reader, actions, last)) return fault;
  rule.actions = last.list;
  rule.headers |= last.headers;
  return {};
}

Status decode_removal(Reader& reader, Removal& removal) {
  const size_t at = reader.offset();
  removal.id = reader.take<uint32_t>();
  const auto slot = reader.take<uint32_t>();
  const auto table = reader.take<uint32_t>();
  if (!reader.ok()) return bad(at, "a removal is cut short");
  if (slot > kMaxTenant && slot != kSteeringSlot) return bad(at, "slot " + std::to_string(slot));
  if (table >= kMaxTables) return bad(at, "table " + std::to_string(table));
  removal.slot = static_cast<TenantSlot>(slot);
  removal.table = static_cast<uint8_t>(table);
  return {};
}

Status decode_bucket(Reader& reader, BucketSpec& bucket) {
  const size_t at = reader.offset();
  bucket.weight = reader.take<uint32_t>();
  const auto port = reader.take<uint32_t>();
  bucket.watch_group = reader.take<uint32_t>();
  const auto actions = reader.take<uint16_t>();
  reader.take<uint16_t>();
  if (!reader.ok()) return bad(at, "a bucket is cut short");
  if (port > kMaxPort) return bad(at, "watched port " + std::to_string(port));
  bucket.watch_port = static_cast<PortNumber>(port);
  return decode_actions(reader, actions, bucket.actions, false);
}

Status decode_group(Reader& reader, GroupSpec& group) {
  const size_t at = reader.offset();
  group.number = reader.take<uint32_t>();
  const auto type = reader.take<uint8_t>();
  const auto hash = reader.take<uint8_t>();
  const auto buckets = reader.take<uint16_t>();
  if (!reader.ok()) return bad(at, "a group is cut short");
  if (type > static_cast<uint8_t>(GroupType::indirect)) return bad(at, "group type " + std::to_string(type));
  if (hash > static_cast<uint8_t>(GroupHash::symmetric)) return bad(at, "group hash " + std::to_string(hash));
  if (buckets > kMaxBuckets) return bad(at, std::to_string(buckets) + " buckets in a group");
  group.type = static_cast<GroupType>(type);
  group.hash = static_cast<GroupHash>(hash);
  for (uint16_t i = 0; i < buckets; ++i) {
    if (Status fault = decode_bucket(reader, group.buckets.emplace_back())) return fault;
  }
  return {};
}

Status decode_verdict(Reader& reader, MeterVerdict& verdict, uint8_t& dscp) {
  const size_t at = reader.offset();
  const auto number = reader.take<uint8_t>();
  dscp = reader.take<uint8_t>();
  if (number > static_cast<uint8_t>(MeterVerdict::dscp_remark) || dscp > 63) return bad(at, "verdict or DSCP of a colour");
  verdict = static_cast<MeterVerdict>(number);
  return {};
}

Status decode_meter(Reader& reader, MeterSpec& meter) {
  const size_t at = reader.offset();
  meter.number = reader.take<uint32_t>();
  const auto kind = reader.take<uint8_t>();
  const auto unit = reader.take<uint8_t>();
  if (kind > static_cast<uint8_t>(MeterKind::trtcm_rfc4115) || unit > 1) return bad(at, "kind or unit of a meter");
  meter.kind = static_cast<MeterKind>(kind);
  meter.packets = unit == 1;
  if (Status fault = decode_verdict(reader, meter.yellow, meter.yellow_dscp)) return fault;
  if (Status fault = decode_verdict(reader, meter.red, meter.red_dscp)) return fault;
  reader.take<uint16_t>();
  meter.cir = reader.take<uint64_t>();
  meter.cbs = reader.take<uint64_t>();
  meter.second_rate = reader.take<uint64_t>();
  meter.second_burst = reader.take<uint64_t>();
  return reader.ok() ? Status{} : bad(at, "a meter is cut short");
}

Status decode_operation(Reader& reader, LastActions& last, Transaction& transaction) {
  const size_t at = reader.offset();
  switch (const auto code = reader.take<uint32_t>()) {
    case kRemove:
      return decode_removal(reader, transaction.remove.emplace_back());
    case kAdd:
      return decode_rule(reader, transaction.add.emplace_back(), last);
    case kSteer:
      return decode_rule(reader, transaction.steer.emplace_back(), last);
    case kPutGroup:
      return decode_group(reader, transaction.put_groups.emplace_back());
    case kRemoveGroup:
      transaction.remove_groups.push_back(reader.take<uint32_t>());
      return {};
    case kPutMeter:
      return decode_meter(reader, transaction.put_meters.emplace_back());
    case kRemoveMeter:
      transaction.remove_meters.push_back(reader.take<uint32_t>());
      return {};
    default:
      return bad(at, "operation " + std::to_string(code));
  }
}

}  // namespace

Result<Transaction> decode_transaction(std::span<const uint8_t> buffer) {
  Reader reader(buffer);
  if (reader.take<uint32_t>() != kMagic) return bad(0, "not a transaction");
  const auto operations = reader.take<uint32_t>();
  Transaction transaction;
  LastActions last;
  // Not more than there can be, whatever the number says.
  if (operations > 1) transaction.add.reserve(std::min<size_t>(operations, reader.rest() / kRuleBytes));
  for (uint32_t i = 0; i < operations; ++i) {
    if (!reader.ok()) break;
    if (Status fault = decode_operation(reader, last, transaction)) return *fault;
  }
  if (!reader.ok() || reader.rest() != 0) return bad(reader.offset(), "operations and bytes do not agree");
  return transaction;
}

}  // namespace vswitch
