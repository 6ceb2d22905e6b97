#include "table/route_slots.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace vswitch;

namespace {

Prefix random_prefix(std::mt19937_64& random, const RouteShape& shape) {
  const uint32_t length = shape.shortest + random() % (shape.bits - shape.shortest + 1);
  // Few of the bits are set, so that prefixes share their beginnings.
  const RouteAddress address = RouteAddress{random() & random() & random()} << 64 | (random() & random() & random());
  return {address >> (128 - length) << (128 - length), length};
}

}  // namespace

TEST_CASE("groups that are counted before are those that prefixes add, and all go with the prefixes") {
  std::mt19937_64 random(1);
  for (const RouteShape& shape : {kIpv4Shape, kIpv6Shape}) {
    RouteSlots slots(shape);
    std::multiset<Prefix> there;
    for (int round = 0; round < 50; ++round) {
      std::vector<Prefix> fresh;
      for (int i = 0; i < 20; ++i) fresh.push_back(random_prefix(random, shape));
      std::ranges::sort(fresh);
      const size_t before = slots.used_groups();
      const size_t expected = slots.groups_to_add(fresh);
      for (const Prefix& prefix : fresh) slots.enter(prefix);
      CHECK(slots.used_groups() - before == expected);
      CHECK(slots.groups_to_add(fresh) == 0);
      there.insert(fresh.begin(), fresh.end());
      for (int i = 0; i < 15; ++i) {
        const auto leaving = std::next(there.begin(), static_cast<ptrdiff_t>(random() % there.size()));
        slots.leave(*leaving);
        there.erase(leaving);
      }
      slots.settle();
    }
    for (const Prefix& prefix : there) slots.leave(prefix);
    slots.settle();
    CHECK(slots.used_groups() == 0);
  }
}

TEST_CASE("an address has the route that was written to the slots of its prefix") {
  RouteSlots slots(kIpv6Shape);
  const Prefix outer{RouteAddress{0x2001} << 112, 16};
  const Prefix inner{(RouteAddress{0x20010db8} << 96) | (RouteAddress{1} << 64), 64};
  const auto write = [&](const Prefix& prefix, uint32_t route) {
    slots.enter(prefix);
    slots.for_each(prefix, [&](uint32_t& slot) { store_slot(slot, route); });
  };
  write(outer, 1);
  write(inner, 2);
  CHECK(slots.at(inner.address | 7) == 2);
  CHECK(slots.slots_at(inner.address | 7) == 1 + (64 - 24) / 4);
  CHECK(slots.at(inner.address + (RouteAddress{1} << 64)) == 1);
  CHECK(slots.at(RouteAddress{0x200110} << 104) == 1);
  CHECK(slots.slots_at(RouteAddress{0x200110} << 104) == 1);
  CHECK(slots.at(RouteAddress{0x2002} << 112) == 0);
}
