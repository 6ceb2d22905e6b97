// A buffer of JavaScript's, read from its start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "packet/fields.h"

namespace vswitch {

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

  // The next bytes, which end at a multiple of 8 from where they began; empty where there are not so many.
  std::span<const uint8_t> take_bytes(size_t bytes) {
    const size_t filled = (bytes + 7) / 8 * 8;
    if (rest() < filled) {
      ok_ = false;
      offset_ = buffer_.size();
      return {};
    }
    const auto taken = buffer_.subspan(offset_, bytes);
    offset_ += filled;
    return taken;
  }

  // Skips these bytes where they come next.
  bool skip(std::span<const uint8_t> bytes) {
    if (rest() < bytes.size() || memcmp(buffer_.data() + offset_, bytes.data(), bytes.size()) != 0) return false;
    offset_ += bytes.size();
    return true;
  }
  // What was read since then.
  [[nodiscard]] std::span<const uint8_t> since(size_t offset) const { return buffer_.subspan(offset, offset_ - offset); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t offset() const { return offset_; }
  [[nodiscard]] size_t rest() const { return buffer_.size() - offset_; }

 private:
  std::span<const uint8_t> buffer_;
  size_t offset_ = 0;
  bool ok_ = true;
};

inline Value128 take_u128(Reader& reader) {
  const auto low = reader.take<uint64_t>();
  return static_cast<Value128>(reader.take<uint64_t>()) << 64 | low;
}

}  // namespace vswitch
