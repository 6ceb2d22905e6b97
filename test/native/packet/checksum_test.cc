#include "packet/checksum.h"

#include <doctest/doctest.h>
#include <rte_ip.h>

#include <random>

using vswitch::update_checksum;

TEST_CASE("an updated checksum is the one computed anew (RFC 1624)") {
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    uint16_t words[10];
    for (uint16_t& word : words) word = static_cast<uint16_t>(random());
    words[5] = 0;
    words[5] = static_cast<uint16_t>(~rte_raw_cksum(words, sizeof words));
    const uint16_t before = words[4];
    words[4] = i % 3 == 0 ? static_cast<uint16_t>(random() % 2 != 0 ? 0xffff : 0) : static_cast<uint16_t>(random());
    words[5] = update_checksum(words[5], before, words[4]);
    // The sum over a valid header is all ones.
    CHECK(rte_raw_cksum(words, sizeof words) == 0xffff);
  }
}
