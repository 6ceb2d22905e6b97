#include "packet/gather.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "support/segments.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

Bytes numbered(size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + i / 256);
  return bytes;
}

}  // namespace

TEST_CASE("a packet's first bytes are brought together, and stay what they are") {
  const Pool pool = pool_of(RTE_MBUF_DEFAULT_BUF_SIZE);
  REQUIRE(pool);
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const Bytes bytes = numbered(2 + random() % 1500);
    std::vector<size_t> ends(1 + random() % 4);
    for (size_t& end : ends) end = random() % bytes.size();
    std::sort(ends.begin(), ends.end());
    const Packet packet = segments(pool.get(), bytes, ends);
    const size_t wanted = std::min<size_t>(bytes.size(), kGatheredBytes);
    CHECK(gather(packet.get()) == (ends[0] < wanted));
    CHECK(packet->data_len == std::max(ends[0], wanted));
    CHECK(bytes_of(packet.get()) == bytes);
    const char* reason = nullptr;
    CHECK(rte_mbuf_check(packet.get(), 1, &reason) == 0);
  }
  CHECK(rte_mempool_in_use_count(pool.get()) == 0);
}

TEST_CASE("a first segment without room, or in a buffer of others, stays as it is") {
  const Pool pool = pool_of(RTE_PKTMBUF_HEADROOM + 200);
  REQUIRE(pool);
  const Bytes bytes = numbered(300);
  const Packet full = segments(pool.get(), bytes, {150});
  CHECK_FALSE(gather(full.get()));
  CHECK(full->data_len == 150);
  const Packet original = segments(pool.get(), numbered(100), {50});
  const Packet clone(rte_pktmbuf_clone(original.get(), pool.get()));
  REQUIRE(clone != nullptr);
  CHECK_FALSE(gather(clone.get()));
  CHECK(bytes_of(clone.get()) == numbered(100));
}
