#include "binding/transactions.h"

#include <utility>

#include "binding/arguments.h"
#include "binding/decode.h"
#include "binding/errors.h"

namespace vswitch {

std::vector<Result<Transaction>> transactions_argument(const Napi::CallbackInfo& info, size_t index) {
  std::vector<Result<Transaction>> transactions;
  for (const auto& bytes : byte_arrays_argument(info, index, "transactions")) transactions.push_back(decode_transaction(bytes));
  return transactions;
}

Applied apply_in_order(Switch& value, std::vector<Result<Transaction>> transactions) {
  Applied applied;
  for (auto& transaction : transactions) {
    auto generation = transaction.ok() ? value.apply(std::move(transaction.value())) : transaction.error();
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
