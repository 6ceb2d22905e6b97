#include "control/rule_store.h"

#include <doctest/doctest.h>

#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

Rule to_host(RuleId id, TenantSlot slot, uint32_t ipv4_dst) {
  Rule made;
  made.id = id;
  made.slot = slot;
  made.rank = 1;
  place(field("ipv4_dst"), ipv4_dst, made.value);
  place(field("ipv4_dst"), 0xffffffff, made.mask);
  made.headers = kIpv4;
  made.actions = {output(1)};
  return made;
}

Transaction change(std::vector<Removal> remove, std::vector<Rule> add, std::vector<Rule> steer) {
  Transaction transaction;
  transaction.remove = std::move(remove);
  transaction.add = std::move(add);
  transaction.steer = std::move(steer);
  return transaction;
}

Status apply(RuleStore& store, Transaction transaction) {
  auto staged = store.stage(std::move(transaction));
  if (!staged.ok()) return staged.error();
  store.commit(std::move(staged.value()));
  store.settle();
  return {};
}

// How many of the first hosts a packet of the slot finds a rule for.
size_t count(const RuleStore& store, TenantSlot slot) {
  size_t found = 0;
  Selection all;
  FlowKey keys[kBurst];
  Hit hits[kBurst];
  for (uint32_t host = 0; host < kBurst; ++host) {
    KeyWords words;
    place(field("ipv4_dst"), host, words);
    memcpy(&keys[host], words.word, sizeof keys[host]);
    all.add(host);
  }
  (*store.tables()[slot])[0]->table.lookup(keys, all, hits);
  for (const Hit& hit : hits) found += hit.found() ? 1 : 0;
  return found;
}

LinkStates links;

}  // namespace

TEST_CASE("rules come and go by transaction") {
  RuleStore store({16, 4, 4}, 4, links);
  REQUIRE(!apply(store, change({}, {to_host(1, 1, 1), to_host(2, 1, 2), to_host(3, 2, 1)}, {})));
  CHECK(count(store, 1) == 2);
  CHECK(count(store, 2) == 1);
  REQUIRE(!apply(store, change({{1, 1}}, {}, {})));
  CHECK(count(store, 1) == 1);
  // Removed and added anew at once: a modification.
  REQUIRE(!apply(store, change({{2, 1}}, {to_host(2, 1, 7)}, {})));
  CHECK(count(store, 1) == 1);
}

TEST_CASE("a table that a transaction does not touch is the same object") {
  RuleStore store({16, 4, 4}, 4, links);
  REQUIRE(!apply(store, change({}, {to_host(1, 1, 1), to_host(3, 2, 1)}, {})));
  const auto untouched = store.tables()[2];
  const auto changed = store.tables()[1];
  REQUIRE(!apply(store, change({}, {to_host(2, 1, 2)}, {})));
  CHECK(store.tables()[2] == untouched);
  CHECK(store.tables()[1] != changed);
}

TEST_CASE("a transaction with one fault changes nothing") {
  RuleStore store({16, 4, 4}, 1, links);
  REQUIRE(!apply(store, change({}, {to_host(1, 1, 1)}, {})));
  const auto before = store.tables()[1];
  Rule bad_action = to_host(3, 1, 3);
  bad_action.actions = {output(999)};
  const std::pair<Transaction, ErrorCode> faulty[] = {
      {change({}, {to_host(2, 1, 2), to_host(1, 1, 3)}, {}), ErrorCode::BAD_TRANSACTION},  // id taken
      {change({}, {to_host(2, 1, 2), to_host(1, 2, 3)}, {}), ErrorCode::BAD_TRANSACTION},  // also by another slot's
      {change({}, {to_host(2, 1, 2), to_host(2, 1, 3)}, {}), ErrorCode::BAD_TRANSACTION},  // twice in one
      {change({{9, 1}}, {to_host(2, 1, 2)}, {}), ErrorCode::BAD_TRANSACTION},              // no such rule
      {change({{1, 1}, {1, 1}}, {}, {}), ErrorCode::BAD_TRANSACTION},                      // removed twice
      {change({}, {to_host(2, 1, 2), to_host(16, 1, 3)}, {}), ErrorCode::LIMIT_EXCEEDED},
      {change({}, {to_host(2, 1, 2), bad_action}, {}), ErrorCode::BAD_TRANSACTION},
  };
  for (const auto& [transaction, code] : faulty) {
    const Status refused = apply(store, transaction);
    REQUIRE(refused.has_value());
    CHECK(refused->code == code);
    CHECK(store.tables()[1] == before);
  }
  REQUIRE(!apply(store, change({}, {to_host(2, 1, 2)}, {})));
  CHECK(count(store, 1) == 2);
}

TEST_CASE("steering rules have ids of their own") {
  RuleStore store({16, 4, 4}, 4, links);
  REQUIRE(!apply(store, change({}, {to_host(1, 1, 1)}, {to_host(1, 1, 1)})));
  CHECK(apply(store, change({}, {}, {to_host(1, 2, 2)})).has_value());
  REQUIRE(!apply(store, change({{1, kSteeringSlot}}, {}, {to_host(1, 2, 2)})));
  CHECK(count(store, 1) == 1);
}

namespace {

GroupSpec group(uint32_t number, std::vector<Action> actions) {
  GroupSpec spec;
  spec.number = number;
  spec.buckets.push_back({1, 0, UINT32_MAX, std::move(actions)});
  return spec;
}

Transaction put(std::vector<GroupSpec> groups, std::vector<Rule> add = {}) {
  Transaction transaction = change({}, std::move(add), {});
  transaction.put_groups = std::move(groups);
  return transaction;
}

Transaction without_group(uint32_t number, std::vector<Removal> remove = {}) {
  Transaction transaction = change(std::move(remove), {}, {});
  transaction.remove_groups = {number};
  return transaction;
}

Rule to(uint32_t number) {
  Rule made = to_host(1, 1, 1);
  made.actions = {to_group(number)};
  return made;
}

}  // namespace

TEST_CASE("a group that is named stays until nothing names it") {
  RuleStore store({16, 4, 4}, 4, links);
  CHECK(apply(store, change({}, {to(1)}, {})).has_value());
  REQUIRE(!apply(store, put({group(1, {output(1)})}, {to(1)})));
  CHECK(apply(store, without_group(1)).has_value());
  CHECK(store.groups()->find(1) != nullptr);
  REQUIRE(!apply(store, without_group(1, {{1, 1}})));
  CHECK(store.groups()->find(1) == nullptr);
  CHECK(apply(store, without_group(1)).has_value());
  CHECK(apply(store, put({group(4, {output(1)})}))->code == ErrorCode::LIMIT_EXCEEDED);
}

TEST_CASE("groups that send to groups are neither a circle nor a long chain") {
  RuleStore store({16, 8, 4}, 4, links);
  CHECK(apply(store, put({group(1, {to_group(1)})})).has_value());
  CHECK(apply(store, put({group(1, {to_group(2)}), group(2, {to_group(1)})})).has_value());
  REQUIRE(!apply(store, put({group(1, {to_group(2)}), group(2, {to_group(3)}), group(3, {to_group(4)}), group(4, {output(1)})})));
  CHECK(apply(store, put({group(5, {output(1)}), group(4, {to_group(5)})})).has_value());
  CHECK(apply(store, put({group(4, {to_group(1)})})).has_value());
  CHECK(apply(store, without_group(3)).has_value());
}

TEST_CASE("a rule goes to later tables only") {
  RuleStore store({16, 4, 4}, 4, links);
  Rule back = in_table(2, to_host(1, 1, 1));
  back.actions = {go_to(2)};
  CHECK(apply(store, change({}, {back}, {})).has_value());
  back.actions = {go_to(3)};
  CHECK(!apply(store, change({}, {back}, {})));
}
