// How control code reports failure: a Status, or a Result<T>. Packets get a named verdict instead (meter/drop_reasons.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace vswitch {

// Must agree with src/switch/native-errors.ts; compared when the addon is loaded.
#define VSWITCH_ERRORS(X) \
  X(INVALID_ARGUMENT)     \
  X(EAL_FAILED)           \
  X(ALREADY_STARTED)      \
  X(CLOSED)               \
  X(NO_MEMORY)            \
  X(PORT_EXISTS)          \
  X(PORT_NOT_FOUND)       \
  X(PORT_FAILED)          \
  X(BAD_TRANSACTION)      \
  X(TABLE_UNBOUNDED)      \
  X(LIMIT_EXCEEDED)

enum class ErrorCode : uint8_t {
#define X(name) name,
  VSWITCH_ERRORS(X)
#undef X
};

struct Error {
  ErrorCode code;
  std::string message;
  // What was being done, for example a port's `rx_queue`.
  std::string step;
  // Positive errno, or 0.
  int system_errno = 0;
  // DPDK's own log lines of the operation.
  std::string log;
};

using Status = std::optional<Error>;  // nothing: success

inline Error error(ErrorCode code, std::string message) { return Error{code, std::move(message), {}, 0, {}}; }

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Result(Error failure) : error_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] T& value() { return *value_; }
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<T> value_;
  std::optional<Error> error_;
};

}  // namespace vswitch
