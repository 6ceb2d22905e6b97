#include "punt/byte_ring.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "support/sanitized.h"

using namespace vswitch;

TEST_CASE("a ring has as many pages as it needs, of a power of two") {
  CHECK(ByteRing::make(1)->size() == 4096);
  CHECK(ByteRing::make(4097)->size() == 8192);
  CHECK(ByteRing::make(1 << 20)->size() == 1 << 20);
}

TEST_CASE("nothing is read before it is published, and what is full takes no more") {
  const auto ring = ByteRing::make(4096);
  CHECK(ring->readable().empty());
  uint8_t* const first = ring->reserve(4096);
  REQUIRE(first != nullptr);
  memset(first, 7, 4096);
  CHECK(ring->reserve(1) == nullptr);
  CHECK(ring->readable().empty());
  ring->publish();
  CHECK(ring->readable().size() == 4096);
  ring->consume(100);
  CHECK(ring->reserve(101) == nullptr);
  CHECK(ring->reserve(100) == first);
}

TEST_CASE("pieces that go over the end are whole") {
  const auto ring = ByteRing::make(4096);
  REQUIRE(ring->reserve(4000) != nullptr);
  ring->publish();
  ring->consume(4000);
  uint8_t* const piece = ring->reserve(200);
  REQUIRE(piece != nullptr);
  for (uint32_t i = 0; i < 200; ++i) piece[i] = static_cast<uint8_t>(i);
  ring->publish();
  const auto read = ring->readable();
  REQUIRE(read.size() == 200);
  for (uint32_t i = 0; i < 200; ++i) CHECK(read[i] == i);
}

TEST_CASE("from one thread to another everything comes in order") {
  const auto ring = ByteRing::make(4096);
  constexpr uint32_t kWords = test::kSanitized ? 200'000 : 2'000'000;
  std::thread writer([&] {
    std::mt19937 random(1);
    for (uint32_t next = 0; next < kWords;) {
      const uint32_t count = std::min<uint32_t>(1 + random() % 100, kWords - next);
      uint8_t* to = ring->reserve(count * sizeof next);
      if (to == nullptr) {
        std::this_thread::yield();
        continue;
      }
      for (uint32_t i = 0; i < count; ++i, ++next, to += sizeof next) memcpy(to, &next, sizeof next);
      ring->publish();
    }
  });
  std::mt19937 random(2);
  uint32_t wrong = 0;
  for (uint32_t expected = 0; expected < kWords;) {
    const auto bytes = ring->readable();
    const size_t words = std::min<size_t>(bytes.size() / sizeof expected, 1 + random() % 200);
    if (words == 0) std::this_thread::yield();
    for (size_t i = 0; i < words; ++i, ++expected) {
      uint32_t word;
      memcpy(&word, &bytes[i * sizeof word], sizeof word);
      wrong += word != expected;
    }
    ring->consume(words * sizeof expected);
  }
  writer.join();
  CHECK(wrong == 0);
}
