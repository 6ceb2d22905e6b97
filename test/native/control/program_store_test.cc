#include "control/program_store.h"

#include <doctest/doctest.h>

#include "support/rules.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

uint32_t put(ProgramStore& store, const std::vector<Action>& actions) {
  WrittenArena arena;
  auto program = ActionProgram::compile(actions, arena);
  REQUIRE(program.ok());
  return store.put(std::move(program.value()), std::move(arena));
}

// A new target with the actions.
uint32_t add(ProgramStore& store, RuleId rule, const std::vector<Action>& actions) {
  const uint32_t target = store.take(1).front();
  store.bind(target, rule, put(store, actions));
  return target;
}

const std::vector<Action> kOut = {set_dst(0x020000000004), output(2)};
const std::vector<Action> kElsewhere = {set_dst(0x020000000005), output(2)};

}  // namespace

TEST_CASE("rules with the same actions share a program, and each has its number") {
  ProgramStore store(8);
  const uint32_t first = add(store, 5, kOut);
  const uint32_t second = add(store, 6, kElsewhere);
  const uint32_t third = add(store, 7, kOut);
  CHECK(store.targets()[first].program == store.targets()[third].program);
  CHECK(store.targets()[first].program != store.targets()[second].program);
  CHECK(store.targets()[first].rule == 5);
  CHECK(store.targets()[third].rule == 7);
}

TEST_CASE("programs that differ in what comes after the actions are not shared") {
  ProgramStore store(8);
  const uint32_t ends = add(store, 0, {});
  const uint32_t goes_on = add(store, 1, {go_to(1)});
  const uint32_t goes_further = add(store, 2, {go_to(2)});
  CHECK(store.targets()[ends].program != store.targets()[goes_on].program);
  CHECK(store.targets()[goes_on].program != store.targets()[goes_further].program);
  CHECK(store.programs()[store.targets()[goes_further].program].next_table() == 2);
}

TEST_CASE("a program is there until the last rule that has it leaves, and its place is used again then") {
  ProgramStore store(8);
  const uint32_t first = add(store, 0, kOut);
  const uint32_t second = add(store, 1, kOut);
  const uint32_t program = store.targets()[first].program;
  store.free(first);
  CHECK(add(store, 2, kElsewhere) == first);
  CHECK(store.targets()[first].program != program);
  CHECK(store.programs()[store.targets()[second].program].forward() != nullptr);
  store.free(second);
  CHECK(put(store, {output(1)}) == program);
}

TEST_CASE("a program that is gone is not shared") {
  ProgramStore store(8);
  store.free(add(store, 0, kOut));
  const uint32_t again = add(store, 1, kOut);
  CHECK(store.programs()[store.targets()[again].program].forward() != nullptr);
  const uint32_t other = add(store, 2, kElsewhere);
  CHECK(store.targets()[again].program != store.targets()[other].program);
}

TEST_CASE("programs of many ops, and those that write to an action set, are each a rule's own") {
  ProgramStore store(8);
  const std::vector<Action> many = {set_masked("eth_src", 1, 1), output(1), set_masked("eth_src", 2, 2), output(2)};
  const std::vector<Action> writes = {write_actions({output(2)})};
  for (const auto& actions : {many, writes}) {
    const uint32_t first = add(store, 0, actions);
    const uint32_t second = add(store, 1, actions);
    CHECK(store.targets()[first].program != store.targets()[second].program);
    store.free(first);
    store.free(second);
  }
}
