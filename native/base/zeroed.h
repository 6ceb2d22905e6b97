// A fixed number of zeroed values. Pages that nobody wrote take no memory; large arrays get huge pages where
// the kernel has them to give (madvise), since look-ups in them would otherwise miss the TLB.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>

namespace vswitch {

template <typename T>
class ZeroedArray {
  static_assert(std::is_trivially_destructible_v<T>);  // and zeros are a value of it

 public:
  ZeroedArray() = default;
  explicit ZeroedArray(size_t count) : count_(count) {
    if (count == 0) return;
    void* const memory = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();  // as operator new does here: there are no exceptions
    if (bytes() >= kHuge) madvise(memory, bytes(), MADV_HUGEPAGE);
    values_ = static_cast<T*>(memory);
  }
  // All of its pages are there from the start: no packet waits until the kernel has cleared one, which takes some 100 us where it
  // is huge.
  [[nodiscard]] static ZeroedArray resident(size_t count) {
    ZeroedArray made(count);
    if (count != 0) memset(static_cast<void*>(made.values_), 0, made.bytes());
    return made;
  }
  ZeroedArray(ZeroedArray&& other) noexcept
      : count_(std::exchange(other.count_, 0)), values_(std::exchange(other.values_, nullptr)) {}
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    std::swap(count_, other.count_);
    std::swap(values_, other.values_);
    return *this;
  }
  ~ZeroedArray() {
    if (values_ != nullptr) munmap(values_, bytes());
  }

  [[nodiscard]] T* data() noexcept { return values_; }
  [[nodiscard]] const T* data() const noexcept { return values_; }
  [[nodiscard]] size_t size() const noexcept { return count_; }
  [[nodiscard]] size_t bytes() const noexcept { return count_ * sizeof(T); }
  T& operator[](size_t at) noexcept { return values_[at]; }
  const T& operator[](size_t at) const noexcept { return values_[at]; }

 private:
  static constexpr size_t kHuge = 4u << 20;

  size_t count_ = 0;
  T* values_ = nullptr;
};

}  // namespace vswitch
