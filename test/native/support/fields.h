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

inline KeyWords words_of(const FlowKey& key) {
  KeyWords words;
  memcpy(words.word, &key, sizeof key);
  return words;
}

// The field of a key as an integer.
inline Value128 read(const FlowKey& key, std::string_view name) { return value_of(field(name), key); }

}  // namespace vswitch::test
