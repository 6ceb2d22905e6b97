// Rules and packets in few words.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "pipeline_scenarios.h"
#include "support/rules.h"

namespace vswitch::bench {

inline uint32_t draw(std::mt19937& random) { return static_cast<uint32_t>(random()); }

// The mask of a prefix of 1 to 32 bits.
inline uint32_t prefix(uint32_t bits) { return ~uint32_t{0} << (32 - bits); }

struct Tuple {
  uint32_t src, dst;
  uint16_t src_port, dst_port;
};

// 60 bytes of Ethernet, IPv4 and UDP.
test::Bytes frame(const Tuple& tuple);

// Of this tuple alone.
Rule five_tuple(RuleId id, const Tuple& tuple);

// The rule asks for so many bits of an IPv4 address, of which it asked for all.
void narrow(Rule& made, const char* name, uint32_t bits);

std::vector<Action> macs_and_output();
std::vector<Action> with(Action first, std::vector<Action> rest);

}  // namespace vswitch::bench
