#include "state/ct_key.h"

#include "base/secret.h"

namespace vswitch {

CtSecrets CtSecrets::make() {
  CtSecrets secrets{};
  uint64_t state = process_secret() ^ 0x636f6e6e74726163;  // not what other tables are seeded with
  for (uint64_t& word : secrets.word) {                    // splitmix64 (Steele, Lea, Flood, 2014)
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    word = z ^ z >> 31;
  }
  return secrets;
}

}  // namespace vswitch
