#include "action/reply_limiter.h"

#include <doctest/doctest.h>

using namespace vswitch;

TEST_CASE("reply limiter: over time the rate, at once a tenth of it, to each tenant its own") {
  ReplyLimiter limiter;
  const Cycles second = cycles_per_second();
  uint32_t taken = 0;
  while (limiter.take(1, 100, second)) ++taken;
  CHECK(taken == 11);
  CHECK(limiter.take(2, 100, second));
  for (Cycles now = second; now < 11 * second; now += second / 1000) taken += limiter.take(1, 100, now);
  CHECK(taken >= 1005);
  CHECK(taken <= 1012);
}

TEST_CASE("reply limiter: a rate of 0 is no limit") {
  ReplyLimiter limiter;
  for (int i = 0; i < 100000; ++i) REQUIRE(limiter.take(1, 0, 1));
}
