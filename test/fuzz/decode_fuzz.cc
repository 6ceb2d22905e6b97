// Input: the length of a first transaction (2 bytes), the transaction, a second one. What is decoded is staged in a store of
// small capacities, and committed.
#include "binding/decode.h"
#include "control/rule_store.h"
#include "input.h"

using namespace vswitch;
using namespace vswitch::fuzz;

namespace {

constexpr Capacity kCapacity{16, 4, 4};
constexpr uint32_t kMostMasks = 4;

void check_decoded(const Transaction& transaction) {
  for (const Rule& rule : transaction.add) {
    require(rule.slot <= kMaxTenant && rule.table < kMaxTables);
    for (uint32_t i = 0; i < kKeyWords; ++i) require((rule.value.word[i] & ~rule.mask.word[i]) == 0);
  }
}

void apply(RuleStore& store, std::span<const uint8_t> bytes) {
  auto decoded = decode_transaction(bytes);
  if (!decoded.ok()) {
    require(decoded.error().code == ErrorCode::BAD_TRANSACTION);
    return;
  }
  check_decoded(decoded.value());
  auto staged = store.stage(std::move(decoded.value()));
  if (staged.ok()) store.commit(std::move(staged.value()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const LinkStates links{};
  Input input(data, size);
  RuleStore store(kCapacity, kMostMasks, links);
  const auto first = input.take<uint16_t>();
  apply(store, input.take_bytes(first));
  apply(store, input.take_all());
  return 0;
}
