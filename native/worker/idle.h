// What a worker does when its queues are empty: polls on for a while, then pauses between polls, then sleeps, longer each time,
// so that an idle switch leaves its core to others. Past a millisecond a sleep is only a small part of the time that nothing
// came, so that who sends now and then does not wait for it. The first packet makes it poll at once again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace vswitch {

class IdlePolicy {
 public:
  enum class Next : uint8_t { kPoll, kPause, kSleep };

  // `max_sleep_us` 0: polls always.
  explicit IdlePolicy(uint32_t max_sleep_us) : max_sleep_us_(max_sleep_us) {}

  void busy() noexcept {
    empty_rounds_ = 0;
    quiet_us_ = 0;
  }

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

  // How long to sleep now; doubles up to what the silence allows, and to the bound.
  uint32_t take_sleep_us() noexcept {
    const uint64_t allowed = std::max(kPlainSleepUs, quiet_us_ / kPartOfQuiet);
    const auto now = static_cast<uint32_t>(std::min<uint64_t>({sleep_us_, allowed, max_sleep_us_}));
    sleep_us_ = now * 2;
    quiet_us_ += now;
    return now;
  }

 private:
  static constexpr uint32_t kPollRounds = 64;
  static constexpr uint32_t kPauseRounds = 512;
  static constexpr uint32_t kFirstSleepUs = 20;
  static constexpr uint64_t kPlainSleepUs = 1000;
  static constexpr uint64_t kPartOfQuiet = 512;

  uint32_t max_sleep_us_;
  uint32_t empty_rounds_ = 0;
  uint32_t sleep_us_ = kFirstSleepUs;
  uint64_t quiet_us_ = 0;  // slept since the last packet
};

}  // namespace vswitch
