#include "binding/transactions.h"

#include <algorithm>
#include <span>
#include <utility>

#include "binding/arguments.h"
#include "binding/decode.h"
#include "binding/errors.h"
#include "control/join.h"

namespace vswitch {

std::vector<Result<Transaction>> transactions_argument(const Napi::CallbackInfo& info, size_t index) {
  std::vector<Result<Transaction>> transactions;
  for (const auto& bytes : byte_arrays_argument(info, index, "transactions")) transactions.push_back(decode_transaction(bytes));
  return transactions;
}

namespace {

// As many of the next as can be joined, as one; false where that fails.
bool apply_joined(Switch& value, std::span<Result<Transaction>> next, size_t& joined, Applied& applied) {
  Transaction whole;
  joined = 0;
  while (joined < next.size() && next[joined].ok() && join(next[joined].value(), whole)) ++joined;
  if (joined < 2) return false;
  const auto count = static_cast<uint32_t>(joined);
  auto generation = value.apply(std::move(whole), count);
  if (!generation.ok()) return false;
  applied.generation = generation.value();
  applied.count += count;
  return true;
}

}  // namespace

Applied apply_in_order(Switch& value, std::vector<Result<Transaction>> transactions) {
  Applied applied;
  size_t alone = 0;  // up to here they are applied one by one
  while (applied.count < transactions.size()) {
    if (applied.count >= alone) {
      size_t joined = 0;
      if (apply_joined(value, std::span(transactions).subspan(applied.count), joined, applied)) continue;
      alone = applied.count + std::max<size_t>(joined, 1);
    }
    Result<Transaction>& next = transactions[applied.count];
    auto generation = next.ok() ? value.apply(std::move(next.value())) : next.error();
    if (!generation.ok()) {
      applied.fault = generation.error();
      break;
    }
    applied.generation = generation.value();
    ++applied.count;
  }
  return applied;
}

Napi::Value to_js(Napi::Env env, const Applied& applied) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("count", Napi::Number::New(env, applied.count));
  object.Set("generation", Napi::BigInt::New(env, applied.generation));
  object.Set("error", applied.fault ? to_js(env, *applied.fault).Value() : env.Undefined());
  return object;
}

}  // namespace vswitch
