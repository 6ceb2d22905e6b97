// The switch's end of the stream to a tenant's plugins, between their socket and the rings of the workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "punt/lane.h"

namespace vswitch {

struct PuntOptions {
  TenantSlot slot = 0;
  uint32_t queue_bytes = 0;         // of each ring
  uint32_t packets_per_second = 0;  // of each worker; 0: as many as there are
};

class PuntChannel {
 public:
  // `plugins` is set to the other end of the socket, which is the caller's then.
  static Result<std::unique_ptr<PuntChannel>> open(const PuntOptions& options, uint32_t workers, int& plugins);
  ~PuntChannel();
  PuntChannel(const PuntChannel&) = delete;
  PuntChannel& operator=(const PuntChannel&) = delete;

  [[nodiscard]] TenantSlot slot() const noexcept { return slot_; }
  // For the program, and its workers.
  [[nodiscard]] PuntLanes& lanes() noexcept { return lanes_; }

  // The courier's: carries what there is, both ways, and returns whether there was anything. Never waits.
  bool carry() noexcept;
  [[nodiscard]] int socket() const noexcept { return socket_; }  // -1: the plugins are gone
  // Whether packets wait for the socket to take them.
  [[nodiscard]] bool is_stuck() const noexcept { return left_ != 0; }
  // Whether there is room for more from the socket.
  [[nodiscard]] bool has_room() const noexcept { return filled_ < received_.size(); }

 private:
  PuntChannel(TenantSlot slot, uint32_t workers, int socket);
  bool carry_out() noexcept;
  bool carry_in() noexcept;
  // Hands whole records to the workers; false: one is malformed.
  bool deal() noexcept;
  void hang_up() noexcept;

  const TenantSlot slot_;
  const uint32_t workers_;
  int socket_;
  PuntLanes lanes_;
  // A piece of the ring of a worker, of which the socket took only a part: it is first to go on.
  uint32_t stuck_ = 0;
  size_t left_ = 0;
  // What came from the socket, and is not with a worker yet.
  std::vector<uint8_t> received_;
  size_t filled_ = 0;
};

}  // namespace vswitch
