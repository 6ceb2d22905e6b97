#include "control/join.h"

#include <doctest/doctest.h>

#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

Rule host(RuleId id) { return rule(id, 1, 1, {{"ipv4_dst", id}}, {output(1)}); }

Transaction adding(RuleId id) {
  Transaction one;
  one.add = {host(id)};
  return one;
}

Transaction removing(RuleId id) {
  Transaction one;
  one.remove = {{id, 1, 0}};
  return one;
}

}  // namespace

TEST_CASE("transactions of rules are joined in their order") {
  Transaction whole;
  CHECK(join(removing(7), whole));
  CHECK(join(adding(1), whole));
  CHECK(join(adding(7), whole));  // which the first removed
  CHECK(join(removing(8), whole));
  REQUIRE(whole.remove.size() == 2);
  REQUIRE(whole.add.size() == 2);
  CHECK(whole.remove[1].id == 8);
  CHECK(whole.add[0].id == 1);
  CHECK(whole.add[1].id == 7);
}

TEST_CASE("what an earlier one added, a later one cannot remove in the same") {
  Transaction whole;
  REQUIRE(join(adding(1), whole));
  CHECK(!join(removing(1), whole));
  CHECK(whole.remove.empty());
  CHECK(whole.add.size() == 1);
}

TEST_CASE("steering, groups, meters and large changes are not joined") {
  Transaction steering;
  steering.steer = {host(1)};
  Transaction unsteering;
  unsteering.remove = {{1, kSteeringSlot, 0}};
  Transaction group;
  group.put_groups.emplace_back();
  Transaction meter;
  meter.remove_meters = {1};
  Transaction large;
  for (RuleId id = 0; id < 65; ++id) large.add.push_back(host(id));
  for (const Transaction& one : {steering, unsteering, group, meter, large}) {
    Transaction whole;
    CHECK(!join(one, whole));
    CHECK(whole.add.empty());
  }
}
