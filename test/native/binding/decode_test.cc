#include "binding/decode.h"

#include <doctest/doctest.h>

#include <random>

#include "action/action.h"
#include "support/fields.h"
#include "support/hex.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

// As src/switch/codec.ts writes: one removal, one rule of two fields and two actions, one steering rule.
Bytes transaction() {
  return hex(
      "4d545331 03000000"
      "01000000 04000000 ffff0000 00000000"
      "02000000 05000000 01000000 64000000 00000000 0200 0200"
      "0000 000000000000 02000000000000000000000000000000 ffff0000000000000000000000000000"
      "0a00 000000000000 0000000a000000000000000000000000 0000ffff000000000000000000000000"
      "0200 0100 10000000 01000000000200000000000000000000 ffffffffffff00000000000000000000"
      "0000 0300 00000000 00000000000000000000000000000000"
      "03000000 06000000 02000000 20000000 00000000 0100 0000"
      "0300 000000000000 00080000000000000000000000000000 ffff0000000000000000000000000000");
}

}  // namespace

TEST_CASE("a transaction is decoded as it was written") {
  auto decoded = decode_transaction(transaction());
  REQUIRE(decoded.ok());
  const Transaction& made = decoded.value();
  REQUIRE(made.remove.size() == 1);
  CHECK(made.remove[0].id == 4);
  CHECK(made.remove[0].slot == kSteeringSlot);
  REQUIRE(made.add.size() == 1);
  const Rule& rule = made.add[0];
  CHECK(rule.id == 5);
  CHECK(rule.slot == 1);
  CHECK(rule.rank == 100);
  CHECK(rule.in_port == 2);
  CHECK((rule.headers & kIpv4) != 0);
  KeyWords value;
  KeyWords mask;
  place(field("in_port"), 2, value);
  place(field("in_port"), 0xffff, mask);
  place(field("ipv4_dst"), 0x0a000000, value);
  place(field("ipv4_dst"), 0xffff0000, mask);
  CHECK(rule.value == value);
  CHECK(rule.mask == mask);
  REQUIRE(rule.actions.size() == 2);
  CHECK(rule.actions[0].kind == ActionKind::set_field);
  CHECK(rule.actions[1].argument == 3);
  REQUIRE(made.steer.size() == 1);
  CHECK(made.steer[0].slot == 2);
}

TEST_CASE("rules whose actions are written alike share them") {
  const std::string head = "02000000 05000000 01000000 64000000 00000000 0000 0100";
  const std::string to_3 = "0000 0300 00000000 00000000000000000000000000000000";
  const std::string to_4 = "0000 0400 00000000 00000000000000000000000000000000";
  auto decoded = decode_transaction(hex("4d545331 03000000" + head + to_3 + head + to_3 + head + to_4));
  REQUIRE(decoded.ok());
  const std::vector<Rule>& add = decoded.value().add;
  REQUIRE(add.size() == 3);
  CHECK(add[1].actions.shares(add[0].actions));
  REQUIRE(add[1].actions.size() == 1);
  CHECK(add[1].actions[0].argument == 3);
  CHECK(!add[2].actions.shares(add[0].actions));
  REQUIRE(add[2].actions.size() == 1);
  CHECK(add[2].actions[0].argument == 4);
}

TEST_CASE("a transaction that is cut anywhere, or too long, is refused") {
  const Bytes whole = transaction();
  for (size_t length = 0; length < whole.size(); ++length) {
    CHECK(!decode_transaction({whole.data(), length}).ok());
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(!decode_transaction(longer).ok());
}

TEST_CASE("whatever the bytes, what is decoded is in range") {
  std::mt19937 random(1);
  const Bytes whole = transaction();
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    Bytes changed = whole;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips)
      changed[random() % changed.size()] ^= static_cast<uint8_t>(1u << random() % 8);
    auto decoded = decode_transaction(changed);
    if (!decoded.ok()) {
      CHECK(decoded.error().code == ErrorCode::BAD_TRANSACTION);
      continue;
    }
    ++accepted;
    for (const Rule& rule : decoded.value().add) {
      CHECK(rule.slot <= kMaxTenant);
      CHECK(rule.table < kMaxTables);
      for (uint32_t w = 0; w < kKeyWords; ++w) CHECK((rule.value.word[w] & ~rule.mask.word[w]) == 0);
    }
  }
  CHECK(accepted > 0);
}
