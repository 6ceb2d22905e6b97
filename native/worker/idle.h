// What a worker does when its queues are empty: polls on for a while, then pauses between polls, then sleeps, longer each time up
// to a bound, so that an idle switch leaves its core to others. The first packet makes it poll at once again.
#pragma once

#include <cstdint>

namespace vswitch {

class IdlePolicy {
 public:
  enum class Next : uint8_t { kPoll, kPause, kSleep };

  // `max_sleep_us` 0: polls always.
  explicit IdlePolicy(uint32_t max_sleep_us) : max_sleep_us_(max_sleep_us) {}

  void busy() noexcept { empty_rounds_ = 0; }

  // After a round in which no queue had a packet.
  Next idle() noexcept {
    if (max_sleep_us_ == 0) return Next::kPoll;
    if (empty_rounds_ < kPollRounds + kPauseRounds) {
      ++empty_rounds_;
      sleep_us_ = kFirstSleepUs;
      return empty_rounds_ <= kPollRounds ? Next::kPoll : Next::kPause;
    }
    return Next::kSleep;
  }

  // How long to sleep now; doubles up to the bound.
  uint32_t take_sleep_us() noexcept {
    const uint32_t now = sleep_us_ < max_sleep_us_ ? sleep_us_ : max_sleep_us_;
    sleep_us_ = now * 2;
    return now;
  }

 private:
  static constexpr uint32_t kPollRounds = 64;
  static constexpr uint32_t kPauseRounds = 512;
  static constexpr uint32_t kFirstSleepUs = 20;

  uint32_t max_sleep_us_;
  uint32_t empty_rounds_ = 0;
  uint32_t sleep_us_ = kFirstSleepUs;
};

}  // namespace vswitch
