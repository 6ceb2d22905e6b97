// Packets as data: what goes into the parser, and what it is to find.
#pragma once

#include <doctest/doctest.h>

#include <map>

#include "packet/parser.h"
#include "support/fields.h"
#include "support/guarded.h"

namespace vswitch::test {

inline constexpr HeaderSet kEverything = (1u << kHeaders) - 1;

struct Parsed {
  ParseVerdict verdict;
  FlowKey key;
  Layers layers;
};

// A burst of one packet from port 7, which is parsed.
inline Parsed parse(rte_mbuf* packet, HeaderSet headers = kEverything) {
  Burst burst;
  burst.count = 1;
  burst.in_port = 7;
  burst.packet[0] = packet;
  ParseVerdict verdict[kBurst];
  const uint32_t bad = parse_burst(ParsePlan{headers}, burst, verdict);
  CHECK(bad == (verdict[0] == ParseVerdict::kOk ? 0 : 1));
  return {verdict[0], burst.key[0], burst.layers[0]};
}

inline Parsed parse(const Bytes& bytes, HeaderSet headers = kEverything) {
  GuardedPacket packet(bytes);
  return parse(packet.mbuf(), headers);
}

// The packet with the bytes from `at` replaced.
inline std::string with(const std::string& packet, size_t at, const std::string& digits) {
  std::string text = to_hex(hex(packet));
  const std::string compact = to_hex(hex(digits));
  return text.replace(at * 2, compact.size(), compact);
}

using Fields = std::map<std::string, Value128>;

inline Fields operator+(Fields fields, const Fields& more) {
  for (const auto& [name, value] : more) fields[name] = value;
  return fields;
}

struct Record {
  std::string about;
  std::string packet;
  ParseVerdict verdict;
  Fields fields;  // but for in_port and the MAC addresses: those that are read or not 0
};

inline void check(const Record& record, HeaderSet headers = kEverything) {
  CAPTURE(record.about);
  const Parsed found = parse(hex(record.packet), headers);
  CHECK(found.verdict == record.verdict);
  if (record.verdict != ParseVerdict::kOk) return;
  CHECK(static_cast<uint64_t>(read(found.key, "in_port")) == 7);
  FlowKey expected{};
  memcpy(&expected.in_port, &found.key.in_port, 2);
  memcpy(expected.eth_dst, found.key.eth_dst, 6);
  memcpy(expected.eth_src, found.key.eth_src, 6);
  for (const auto& [name, value] : record.fields) expected.layer_flags |= field(name).flags;
  KeyWords words = words_of(expected);
  for (const auto& [name, value] : record.fields) place(field(name), value, words);
  for (const FieldSpec& spec : kFields) {
    FlowKey wanted;
    memcpy(&wanted, words.word, sizeof wanted);
    CAPTURE(spec.name);
    CHECK((vswitch::value_of(spec, found.key) == vswitch::value_of(spec, wanted)));
  }
  CHECK(words == words_of(found.key));
}

}  // namespace vswitch::test
