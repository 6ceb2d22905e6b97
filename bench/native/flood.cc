#include "flood.h"

#include <cstring>
#include <fstream>

#include "ends.h"

namespace vswitch {
namespace {

// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html
constexpr uint32_t kFileHeader = 24;
struct RecordHeader {
  uint32_t seconds, microseconds, bytes, wire_bytes;
};

}  // namespace

Flood::Flood(const Port& to, rte_mempool* pool, const std::string& capture) : to_(to), pool_(pool) {
  std::ifstream file(capture, std::ios::binary);
  file.seekg(kFileHeader);
  RecordHeader header{};
  while (file.read(reinterpret_cast<char*>(&header), sizeof header)) {
    Frame frame;
    if (header.bytes != frame.size() || !file.read(reinterpret_cast<char*>(frame.data()), frame.size()))
      give_up(capture + " is not a capture of frames of 60 bytes");
    frames_.push_back(frame);
  }
  if (frames_.empty()) give_up(capture + " has no frames");
}

uint32_t Flood::send(uint32_t count) {
  rte_mbuf* packets[kBurst];
  if (rte_pktmbuf_alloc_bulk(pool_, packets, count) != 0) return 0;
  for (uint32_t i = 0; i < count; ++i) {
    memcpy(rte_pktmbuf_append(packets[i], sizeof(Frame)), frames_[next_].data(), sizeof(Frame));
    next_ = next_ + 1 == frames_.size() ? 0 : next_ + 1;
  }
  const uint16_t taken = vswitch::send(to_.device(), 0, packets, static_cast<uint16_t>(count));
  rte_pktmbuf_free_bulk(packets + taken, count - taken);
  return taken;
}

}  // namespace vswitch
