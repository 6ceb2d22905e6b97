#include "binding/decode.h"

#include <cstring>
#include <string>

#include "action/program.h"
#include "packet/fields.h"

namespace vswitch {
namespace {

constexpr uint32_t kMagic = 0x3153544d;
constexpr uint32_t kRemove = 1;
constexpr uint32_t kAdd = 2;
constexpr uint32_t kSteer = 3;
constexpr uint16_t kActionKinds = 0
#define X(name, type) +1
    VSWITCH_ACTIONS(X)
#undef X
    ;

Error bad(size_t offset, const std::string& what) {
  return error(ErrorCode::BAD_TRANSACTION, "transaction, byte " + std::to_string(offset) + ": " + what);
}

// Reads little-endian numbers; once it ran past the end it gives zeros and is not ok.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> buffer) : buffer_(buffer) {}

  template <typename T>
  T take() {
    T value{};
    if (buffer_.size() - offset_ < sizeof value) {
      ok_ = false;
      offset_ = buffer_.size();
      return value;
    }
    memcpy(&value, buffer_.data() + offset_, sizeof value);
    offset_ += sizeof value;
    return value;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t offset() const { return offset_; }
  [[nodiscard]] size_t rest() const { return buffer_.size() - offset_; }

 private:
  std::span<const uint8_t> buffer_;
  size_t offset_ = 0;
  bool ok_ = true;
};

Value128 take_u128(Reader& reader) {
  const auto low = reader.take<uint64_t>();
  return static_cast<Value128>(reader.take<uint64_t>()) << 64 | low;
}

Status decode_field(Reader& reader, Rule& rule) {
  const size_t at = reader.offset();
  const auto number = reader.take<uint16_t>();
  reader.take<uint16_t>();
  reader.take<uint32_t>();
  const Value128 value = take_u128(reader);
  const Value128 mask = take_u128(reader);
  if (!reader.ok()) return bad(at, "a field is cut short");
  if (number >= kFields.size()) return bad(at, "field number " + std::to_string(number));
  const FieldSpec& field = kFields[number];
  const Value128 all = field.bits == 128 ? ~Value128{0} : (Value128{1} << field.bits) - 1;
  if ((mask & ~all) != 0 || (value & ~mask) != 0) return bad(at, "value or mask of " + std::string(field.name) + " out of range");
  place(field, value, rule.value);
  place(field, mask, rule.mask);
  rule.headers |= field.headers;
  if (number == static_cast<uint16_t>(Field::in_port) && mask == all) rule.in_port = static_cast<PortNumber>(value);
  return {};
}

Status decode_action(Reader& reader, Rule& rule) {
  const size_t at = reader.offset();
  const auto number = reader.take<uint16_t>();
  const auto argument = reader.take<uint16_t>();
  reader.take<uint32_t>();
  const Value128 value = take_u128(reader);
  if (!reader.ok()) return bad(at, "an action is cut short");
  if (number >= kActionKinds) return bad(at, "action number " + std::to_string(number));
  rule.actions.push_back({static_cast<ActionKind>(number), argument, value});
  return {};
}

Status decode_rule(Reader& reader, Rule& rule) {
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
  if (actions > kMaxActions) return bad(at, std::to_string(actions) + " actions in a rule");
  rule.slot = static_cast<TenantSlot>(slot);
  rule.table = static_cast<uint8_t>(table);
  for (uint16_t i = 0; i < fields; ++i) {
    if (Status fault = decode_field(reader, rule)) return fault;
  }
  for (uint16_t i = 0; i < actions; ++i) {
    if (Status fault = decode_action(reader, rule)) return fault;
  }
  rule.headers |= ActionProgram::headers(rule.actions);
  return {};
}

Status decode_removal(Reader& reader, Removal& removal) {
  const size_t at = reader.offset();
  removal.id = reader.take<uint32_t>();
  const auto slot = reader.take<uint32_t>();
  reader.take<uint32_t>();
  if (!reader.ok()) return bad(at, "a removal is cut short");
  if (slot > kMaxTenant && slot != kSteeringSlot) return bad(at, "slot " + std::to_string(slot));
  removal.slot = static_cast<TenantSlot>(slot);
  return {};
}

}  // namespace

Result<Transaction> decode_transaction(std::span<const uint8_t> buffer) {
  Reader reader(buffer);
  if (reader.take<uint32_t>() != kMagic) return bad(0, "not a transaction");
  const auto operations = reader.take<uint32_t>();
  Transaction transaction;
  for (uint32_t i = 0; i < operations; ++i) {
    const size_t at = reader.offset();
    const auto code = reader.take<uint32_t>();
    Status fault;
    if (code == kRemove) {
      fault = decode_removal(reader, transaction.remove.emplace_back());
    } else if (code == kAdd) {
      fault = decode_rule(reader, transaction.add.emplace_back());
    } else if (code == kSteer) {
      fault = decode_rule(reader, transaction.steer.emplace_back());
    } else {
      fault = bad(at, "operation " + std::to_string(code));
    }
    if (fault) return *fault;
  }
  if (!reader.ok() || reader.rest() != 0) return bad(reader.offset(), "operations and bytes do not agree");
  return transaction;
}

}  // namespace vswitch
