#include "control/rule_store.h"

#include <doctest/doctest.h>

#include "support/fields.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

Rule rule(RuleId id, TenantSlot slot, uint32_t ipv4_dst) {
  Rule made;
  made.id = id;
  made.slot = slot;
  made.rank = 1;
  place(field("ipv4_dst"), ipv4_dst, made.value);
  place(field("ipv4_dst"), 0xffffffff, made.mask);
  made.headers = kIpv4;
  made.actions = {{ActionKind::output, 1, 0}};
  return made;
}

Status apply(RuleStore& store, Transaction transaction) {
  auto staged = store.stage(std::move(transaction));
  if (!staged.ok()) return staged.error();
  store.commit(std::move(staged.value()));
  return {};
}

size_t count(const RuleStore& store, TenantSlot slot) { return store.tables()[slot]->programs.size(); }

}  // namespace

TEST_CASE("rules come and go by transaction") {
  RuleStore store(16, 4);
  REQUIRE(!apply(store, {{}, {rule(1, 1, 1), rule(2, 1, 2), rule(3, 2, 1)}, {}}));
  CHECK(count(store, 1) == 2);
  CHECK(count(store, 2) == 1);
  REQUIRE(!apply(store, {{{1, 1}}, {}, {}}));
  CHECK(count(store, 1) == 1);
  // Removed and added anew at once: a modification.
  REQUIRE(!apply(store, {{{2, 1}}, {rule(2, 1, 7)}, {}}));
  CHECK(count(store, 1) == 1);
}

TEST_CASE("a table that a transaction does not touch is the same object") {
  RuleStore store(16, 4);
  REQUIRE(!apply(store, {{}, {rule(1, 1, 1), rule(3, 2, 1)}, {}}));
  const auto untouched = store.tables()[2];
  const auto changed = store.tables()[1];
  REQUIRE(!apply(store, {{}, {rule(2, 1, 2)}, {}}));
  CHECK(store.tables()[2] == untouched);
  CHECK(store.tables()[1] != changed);
}

TEST_CASE("a transaction with one fault changes nothing") {
  RuleStore store(16, 1);
  REQUIRE(!apply(store, {{}, {rule(1, 1, 1)}, {}}));
  const auto before = store.tables()[1];
  Rule other_mask = rule(3, 1, 0);
  other_mask.mask.word[3] = 1;
  Rule bad_action = rule(3, 1, 3);
  bad_action.actions = {{ActionKind::output, 999, 0}};
  const std::pair<Transaction, ErrorCode> faulty[] = {
      {{{}, {rule(2, 1, 2), rule(1, 1, 3)}, {}}, ErrorCode::BAD_TRANSACTION},  // id taken
      {{{}, {rule(2, 1, 2), rule(1, 2, 3)}, {}}, ErrorCode::BAD_TRANSACTION},  // also by another slot's
      {{{}, {rule(2, 1, 2), rule(2, 1, 3)}, {}}, ErrorCode::BAD_TRANSACTION},  // twice in one
      {{{{9, 1}}, {rule(2, 1, 2)}, {}}, ErrorCode::BAD_TRANSACTION},           // no such rule
      {{{{1, 1}, {1, 1}}, {}, {}}, ErrorCode::BAD_TRANSACTION},                // removed twice
      {{{}, {rule(2, 1, 2), rule(16, 1, 3)}, {}}, ErrorCode::LIMIT_EXCEEDED},
      {{{}, {rule(2, 1, 2), other_mask}, {}}, ErrorCode::TABLE_UNBOUNDED},
      {{{}, {rule(2, 1, 2), bad_action}, {}}, ErrorCode::BAD_TRANSACTION},
  };
  for (const auto& [transaction, code] : faulty) {
    const Status refused = apply(store, transaction);
    REQUIRE(refused.has_value());
    CHECK(refused->code == code);
    CHECK(store.tables()[1] == before);
  }
  REQUIRE(!apply(store, {{}, {rule(2, 1, 2)}, {}}));
  CHECK(count(store, 1) == 2);
}

TEST_CASE("steering rules have ids of their own") {
  RuleStore store(16, 4);
  REQUIRE(!apply(store, {{}, {rule(1, 1, 1)}, {rule(1, 1, 1)}}));
  CHECK(apply(store, {{}, {}, {rule(1, 2, 2)}}).has_value());
  REQUIRE(!apply(store, {{{1, kSteeringSlot}}, {}, {rule(1, 2, 2)}}));
  CHECK(count(store, 1) == 1);
}
