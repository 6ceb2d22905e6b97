// Fields by name, for rules and for what a parser found.
#pragma once

#include <cstring>
#include <string>

#include "packet/fields.h"

namespace vswitch::test {

inline const FieldSpec& field(std::string_view name) {
  for (const FieldSpec& spec : kFields) {
    if (spec.name == name) return spec;
  }
  abort();
}

inline Value128 all_ones(const FieldSpec& spec) { return spec.bits == 128 ? ~Value128{0} : (Value128{1} << spec.bits) - 1; }

inline KeyWords words_of(const FlowKey& key) {
  KeyWords words;
  memcpy(words.word, &key, sizeof key);
  return words;
}

// The field of a key as an integer.
inline Value128 read(const FlowKey& key, std::string_view name) {
  const FieldSpec& spec = field(name);
  const auto* bytes = reinterpret_cast<const uint8_t*>(&key) + spec.offset;
  Value128 value = 0;
  for (int i = 0; i < spec.bytes; ++i) value = value << 8 | bytes[i];
  return (value >> spec.shift) & all_ones(spec);
}

}  // namespace vswitch::test
