// Frames of a capture, over and over, of which none comes back.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <string>
#include <vector>

#include "port/port.h"

namespace vswitch {

class Flood {
 public:
  static constexpr uint32_t kBurst = 32;

  // `capture` is a little-endian pcap file of frames of 60 bytes. Gives up where it is not.
  Flood(const Port& to, rte_mempool* pool, const std::string& capture);

  // Sends up to kBurst; returns how many the port took.
  uint32_t send(uint32_t count);

 private:
  using Frame = std::array<uint8_t, 60>;

  const Port& to_;
  rte_mempool* pool_;
  std::vector<Frame> frames_;
  uint32_t next_ = 0;
};

}  // namespace vswitch
