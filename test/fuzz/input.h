// The bytes that a fuzzer made, taken one after the other, and packets of them.
#pragma once

#include <rte_mbuf.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

namespace vswitch::fuzz {

// What must be so whatever the input.
inline void require(bool holds, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (holds) return;
  fprintf(stderr, "%s:%d: this does not hold\n", file, line);
  abort();
}

class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(data, size) {}

  // Zeros where nothing is left.
  template <typename T>
  T take() {
    T value{};
    const auto bytes = take_bytes(sizeof value);
    memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  std::span<const uint8_t> take_bytes(size_t count) {
    const auto taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::span<const uint8_t> take_all() { return take_bytes(rest_.size()); }

 private:
  std::span<const uint8_t> rest_;
};

// A segment of no pool, in memory of exactly its size, so that AddressSanitizer sees each byte too far. To free it has no effect.
class Segment {
 public:
  explicit Segment(std::span<const uint8_t> bytes, size_t headroom = 0, size_t tailroom = 0)
      : size_(headroom + bytes.size() + tailroom), memory_(new uint8_t[size_]) {
    memset(memory_.get(), 0, size_);
    std::copy(bytes.begin(), bytes.end(), memory_.get() + headroom);
    memset(static_cast<void*>(&mbuf_), 0, sizeof mbuf_);
    mbuf_.buf_addr = memory_.get();
    mbuf_.buf_len = static_cast<uint16_t>(size_);
    mbuf_.data_off = static_cast<uint16_t>(headroom);
    mbuf_.data_len = static_cast<uint16_t>(bytes.size());
    mbuf_.pkt_len = mbuf_.data_len;
    mbuf_.nb_segs = 1;
    mbuf_.refcnt = 0x4000;
  }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  void chain(Segment& next) {
    mbuf_.next = &next.mbuf_;
    mbuf_.nb_segs = 2;
    mbuf_.pkt_len += next.mbuf_.pkt_len;
  }
  rte_mbuf* mbuf() { return &mbuf_; }

 private:
  size_t size_;
  std::unique_ptr<uint8_t[]> memory_;
  rte_mbuf mbuf_;
};

// A packet longer than this is cut.
inline constexpr size_t kMostBytes = 4096;

}  // namespace vswitch::fuzz
