#include "control/punt_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

namespace vswitch {
namespace {

constexpr size_t kPiece = 256u << 10;  // that the socket is offered at once
constexpr int kSocketBytes = 1 << 20;

// Whether a call would have had to wait.
bool would_wait() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Result<std::unique_ptr<PuntChannel>> PuntChannel::open(const PuntOptions& options, uint32_t workers, int& plugins) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return error(ErrorCode::NO_MEMORY, std::string("no socket for plugins: ") + strerror(errno));
  plugins = ends[1];
  for (const int end : ends) {
    // Beyond what users may ask for, where this is root.
    if (setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &kSocketBytes, sizeof kSocketBytes) != 0)
      setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes);
  }
  std::unique_ptr<PuntChannel> self(new PuntChannel(options.slot, workers, ends[0]));
  PuntRate rate;
  if (options.packets_per_second != 0) {
    rate.each = std::max<Cycles>(1, cycles_per_second() / options.packets_per_second);
    rate.ahead = cycles_per_second() / 10;
  }
  for (uint32_t worker = 0; worker < workers; ++worker) {
    auto to = ByteRing::make(options.queue_bytes);
    auto from = ByteRing::make(options.queue_bytes);
    if (!to || !from) {
      close(plugins);
      return error(ErrorCode::NO_MEMORY, "no memory for the queues to plugins");
    }
    self->lanes_.lanes[worker] = std::make_unique<PuntLane>(std::move(to), std::move(from), rate);
  }
  return self;
}

PuntChannel::PuntChannel(TenantSlot slot, uint32_t workers, int socket)
    : slot_(slot), workers_(workers), socket_(socket), received_(kPiece) {}

PuntChannel::~PuntChannel() { hang_up(); }

void PuntChannel::hang_up() noexcept {
  lanes_.open.store(false, std::memory_order_relaxed);
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

bool PuntChannel::carry() noexcept {
  if (socket_ < 0) return false;
  const bool in = carry_in();
  return carry_out() || in;
}

bool PuntChannel::carry_out() noexcept {
  bool moved = false;
  for (uint32_t i = 0; i < workers_ && socket_ >= 0; ++i) {
    const uint32_t worker = left_ != 0 ? stuck_ : i;
    ByteRing& ring = *lanes_.lanes[worker]->to_plugins;
    // Workers publish whole records: all that is readable ends with one.
    const size_t wanted = left_ != 0 ? left_ : ring.readable().size();
    if (wanted == 0) continue;
    const ssize_t sent = ::send(socket_, ring.readable().data(), std::min(wanted, kPiece), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !would_wait()) hang_up();
    if (sent <= 0) {
      stuck_ = worker;
      left_ = wanted;
      return moved;
    }
    ring.consume(static_cast<size_t>(sent));
    moved = true;
    stuck_ = worker;
    left_ = wanted - static_cast<size_t>(sent);
  }
  return moved;
}

bool PuntChannel::carry_in() noexcept {
  // What no worker had room for comes first.
  if (filled_ != 0 && !deal()) {
    hang_up();
    return true;
  }
  if (!has_room()) return false;
  const ssize_t got = recv(socket_, &received_[filled_], received_.size() - filled_, MSG_DONTWAIT);
  if (got < 0 && would_wait()) return false;
  if (got <= 0) {
    hang_up();
    return true;
  }
  filled_ += static_cast<size_t>(got);
  if (!deal()) hang_up();
  return true;
}

bool PuntChannel::deal() noexcept {
  size_t at = 0;
  bool is_well = true;
  while (filled_ - at >= sizeof(PuntRecord)) {
    PuntRecord record;
    memcpy(&record, &received_[at], sizeof record);
    is_well =
        record.length <= kMaxPuntBytes && record.worker < workers_ && record.kind <= static_cast<uint8_t>(PuntVerdict::kOutput);
    if (!is_well) break;
    const size_t bytes = punt_bytes(record.length);
    if (filled_ - at < bytes) break;
    uint8_t* const to = lanes_.lanes[record.worker]->from_plugins->reserve(bytes);
    if (to == nullptr) break;
    memcpy(to, &received_[at], bytes);
    at += bytes;
  }
  for (uint32_t worker = 0; worker < workers_; ++worker) lanes_.lanes[worker]->from_plugins->publish();
  memmove(received_.data(), &received_[at], filled_ - at);
  filled_ -= at;
  return is_well;
}

}  // namespace vswitch
