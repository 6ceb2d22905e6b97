#include "punt/byte_ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

namespace vswitch {

std::unique_ptr<ByteRing> ByteRing::make(size_t bytes) {
  const size_t size = std::bit_ceil(std::max(bytes, static_cast<size_t>(sysconf(_SC_PAGESIZE))));
  const int file = memfd_create("vswitch-punt", MFD_CLOEXEC);
  if (file < 0) return nullptr;
  void* memory = MAP_FAILED;
  if (ftruncate(file, static_cast<off_t>(size)) == 0)
    memory = mmap(nullptr, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) {
    for (size_t half = 0; half < 2; ++half) {
      // All pages are there from the start: no packet waits for one.
      void* const at = mmap(static_cast<uint8_t*>(memory) + half * size, size, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0);
      if (at != MAP_FAILED) continue;
      munmap(memory, 2 * size);
      memory = MAP_FAILED;
      break;
    }
  }
  close(file);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<ByteRing>(new ByteRing(static_cast<uint8_t*>(memory), size));
}

ByteRing::~ByteRing() { munmap(memory_, 2 * size_); }

}  // namespace vswitch
