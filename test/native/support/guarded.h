// A buffer whose last byte is followed by a page that nobody may touch: a read beyond it ends the test.
#pragma once

#include <rte_mbuf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "support/hex.h"

namespace vswitch::test {

class GuardedPacket {
 public:
  explicit GuardedPacket(const Bytes& bytes) {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    base_ = static_cast<uint8_t*>(mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base_ + page_, page_, PROT_NONE);
    uint8_t* const data = base_ + page_ - bytes.size();
    if (!bytes.empty()) memcpy(data, bytes.data(), bytes.size());
    memset(&mbuf_, 0, sizeof mbuf_);
    mbuf_.buf_addr = data;
    mbuf_.buf_len = static_cast<uint16_t>(bytes.size());
    mbuf_.data_len = static_cast<uint16_t>(bytes.size());
    mbuf_.pkt_len = mbuf_.data_len;
    mbuf_.nb_segs = 1;
  }
  ~GuardedPacket() { munmap(base_, 2 * page_); }
  GuardedPacket(const GuardedPacket&) = delete;
  GuardedPacket& operator=(const GuardedPacket&) = delete;

  rte_mbuf* mbuf() { return &mbuf_; }

  // The packet goes on in `next`, for which there is no room here.
  void chain(GuardedPacket& next) {
    mbuf_.next = next.mbuf();
    mbuf_.nb_segs = static_cast<uint16_t>(1 + next.mbuf_.nb_segs);
    mbuf_.pkt_len += next.mbuf_.pkt_len;
  }

 private:
  size_t page_;
  uint8_t* base_;
  rte_mbuf mbuf_;
};

}  // namespace vswitch::test
