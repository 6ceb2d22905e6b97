#include "control/courier.h"

#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <ctime>

#include "worker/idle.h"

namespace vswitch {
namespace {

// A packet that is punted after a long silence waits so long at most: workers do not wake the courier, which is a system call.
constexpr uint32_t kMaxSleepUs = 2000;

}  // namespace

// Signals are blocked, as in the control thread, which makes it.
Courier::Courier() : thread_([this] { main(); }) { pthread_setname_np(thread_.native_handle(), "vswitch-courier"); }

Courier::~Courier() {
  stop_.store(true, std::memory_order_relaxed);
  thread_.join();
}

void Courier::add(PuntChannel& channel) {
  const std::lock_guard lock(mutex_);
  channels_.push_back(&channel);
}

void Courier::remove(const PuntChannel& channel) {
  const std::lock_guard lock(mutex_);
  std::erase(channels_, &channel);
}

void Courier::main() noexcept {
  prctl(PR_SET_TIMERSLACK, 1);
  IdlePolicy idle(kMaxSleepUs);
  while (!stop_.load(std::memory_order_relaxed)) {
    if (carry()) {
      idle.busy();
    } else {
      // There is nothing to pause for: what it shares its core with can have it.
      while (idle.idle() != IdlePolicy::Next::kSleep) {
      }
      wait(idle.take_sleep_us());
    }
  }
}

bool Courier::carry() noexcept {
  const std::lock_guard lock(mutex_);
  bool moved = false;
  for (PuntChannel* const channel : channels_) moved |= channel->carry();
  return moved;
}

// Until a plugin has sent something, at the longest.
void Courier::wait(uint32_t sleep_us) noexcept {
  std::vector<pollfd> sockets;
  {
    const std::lock_guard lock(mutex_);
    for (const PuntChannel* const channel : channels_) {
      const auto events = static_cast<short>((channel->has_room() ? POLLIN : 0) | (channel->is_stuck() ? POLLOUT : 0));
      if (channel->socket() >= 0) sockets.push_back({channel->socket(), events, 0});
    }
  }
  const timespec time{0, static_cast<long>(sleep_us) * 1000};
  ppoll(sockets.data(), sockets.size(), &time, nullptr);
}

}  // namespace vswitch
