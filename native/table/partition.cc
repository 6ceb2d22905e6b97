#include "table/partition.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "table/range.h"

namespace vswitch {
namespace {

// Bounds the work: candidates, and candidates times rules.
constexpr size_t kMinCandidates = 128;
constexpr size_t kMaxCandidates = 1024;
constexpr size_t kMaxWork = 1 << 25;

bool within(const KeyWords& part, const KeyWords& whole) {
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if ((part.word[w] & ~whole.word[w]) != 0) return false;
  }
  return true;
}

KeyWords both(const KeyWords& a, const KeyWords& b) {
  KeyWords result;
  for (uint32_t w = 0; w < kKeyWords; ++w) result.word[w] = a.word[w] & b.word[w];
  return result;
}

uint32_t bits(const KeyWords& mask) {
  uint32_t sum = 0;
  for (const uint64_t word : mask.word) sum += static_cast<uint32_t>(std::popcount(word));
  return sum;
}

struct MaskLess {
  bool operator()(const KeyWords& a, const KeyWords& b) const {
    return std::lexicographical_compare(a.word, a.word + kKeyWords, b.word, b.word + kKeyWords);
  }
};

// How many rules there are of each hash; all are forgotten in constant time. Two values of one hash count as one, so a chain is
// never longer than counted.
class Counter {
 public:
  explicit Counter(size_t rules) : cells_(std::bit_ceil(rules * 2)) {}

  void clear() { ++epoch_; }
  uint32_t add(uint64_t hash) {
    size_t at = hash & (cells_.size() - 1);
    while (cells_[at].epoch == epoch_ && cells_[at].hash != hash) at = (at + 1) & (cells_.size() - 1);
    if (cells_[at].epoch != epoch_) cells_[at] = {hash, epoch_, 0};
    return ++cells_[at].count;
  }

 private:
  struct Cell {
    uint64_t hash = 0;
    uint32_t epoch = 0;
    uint32_t count = 0;
  };
  std::vector<Cell> cells_;
  uint32_t epoch_ = 0;
};

// Rules that have the same common mask.
struct Shape {
  KeyWords mask;
  uint32_t rules = 0;
};

struct Candidate {
  KeyWords mask;
  uint32_t bits;
  uint32_t bound;  // what it held when last tried, or could at most: it never holds more later, since rules only become fewer

  bool operator<(const Candidate& other) const { return std::pair(bound, bits) < std::pair(other.bound, other.bits); }
};

class Partitioner {
 public:
  Partitioner(std::span<const TableRule> rules, uint32_t max_chain);

  std::vector<Part> run(uint32_t max_parts);

 private:
  void add_candidates();
  void add_candidate(const KeyWords& mask);
  uint64_t hash(const KeyWords& mask, uint32_t rule) const;
  template <class Fits, class Remains>
  void sift(const KeyWords& mask, const Fits& fits, const Remains& remains);
  uint32_t count(const KeyWords& mask);
  Candidate best();
  Part take(const KeyWords& mask);

  uint32_t max_chain_;
  Counter counter_;
  std::vector<uint32_t> words_;   // that some mask touches
  std::vector<uint64_t> values_;  // these words of each rule
  std::vector<Shape> shapes_;
  std::vector<uint32_t> shape_of_;
  std::vector<uint32_t> left_;  // rules without a part, strongest first
  std::set<KeyWords, MaskLess> known_;
  std::vector<Candidate> candidates_;  // a heap
};

Partitioner::Partitioner(std::span<const TableRule> rules, uint32_t max_chain) : max_chain_(max_chain), counter_(rules.size()) {
  KeyWords touched;
  std::map<KeyWords, uint32_t, MaskLess> numbers;
  std::vector<KeyWords> values(rules.size());
  for (size_t i = 0; i < rules.size(); ++i) {
    const KeyWords mask = common_mask(rules[i], values[i]);
    const auto [at, added] = numbers.try_emplace(mask, static_cast<uint32_t>(shapes_.size()));
    if (added) shapes_.push_back({mask});
    ++shapes_[at->second].rules;
    shape_of_.push_back(at->second);
    left_.push_back(static_cast<uint32_t>(i));
    for (uint32_t w = 0; w < kKeyWords; ++w) touched.word[w] |= mask.word[w];
  }
  for (uint32_t w = 0; w < kKeyWords; ++w) {
    if (touched.word[w] != 0) words_.push_back(w);
  }
  values_.reserve(rules.size() * words_.size());
  for (const KeyWords& value : values) {
    for (const uint32_t w : words_) values_.push_back(value.word[w]);
  }
}

// The most frequent masks, and what pairs of them have in common; half of the room for each. No mask at all always holds a chain.
void Partitioner::add_candidates() {
  std::vector<Shape> frequent = shapes_;
  std::sort(frequent.begin(), frequent.end(), [](const Shape& a, const Shape& b) { return a.rules > b.rules; });
  const size_t room = std::clamp(kMaxWork / shape_of_.size(), kMinCandidates, kMaxCandidates);
  if (frequent.size() > room / 2) frequent.resize(room / 2);
  add_candidate({});
  for (const Shape& shape : frequent) add_candidate(shape.mask);
  for (size_t i = 0; i < frequent.size() && candidates_.size() < room; ++i) {
    for (size_t j = 0; j < i; ++j) add_candidate(both(frequent[i].mask, frequent[j].mask));
  }
}

void Partitioner::add_candidate(const KeyWords& mask) {
  if (!known_.insert(mask).second) return;
  uint32_t bound = 0;
  for (const Shape& shape : shapes_) bound += within(mask, shape.mask) ? shape.rules : 0;
  candidates_.push_back({mask, bits(mask), bound});
  std::push_heap(candidates_.begin(), candidates_.end());
}

uint64_t Partitioner::hash(const KeyWords& mask, uint32_t rule) const {
  uint64_t sum = 0;
  for (size_t i = 0; i < words_.size(); ++i) {
    const uint64_t bits = mask.word[words_[i]];
    if (bits == 0) continue;
    sum = (sum ^ (values_[rule * words_.size() + i] & bits)) * 0x9e3779b97f4a7c15ull;
    sum ^= sum >> 32;
  }
  return sum;
}

// Calls `fits` with each rule left that a part of the mask would hold, the strongest of each chain, `remains` with the others.
template <class Fits, class Remains>
void Partitioner::sift(const KeyWords& mask, const Fits& fits, const Remains& remains) {
  std::vector<bool> compatible(shapes_.size());
  for (size_t i = 0; i < shapes_.size(); ++i) compatible[i] = within(mask, shapes_[i].mask);
  counter_.clear();
  for (const uint32_t rule : left_) {
    if (compatible[shape_of_[rule]] && counter_.add(hash(mask, rule)) <= max_chain_) {
      fits(rule);
    } else {
      remains(rule);
    }
  }
}

uint32_t Partitioner::count(const KeyWords& mask) {
  uint32_t sum = 0;
  sift(
      mask, [&](uint32_t) { ++sum; }, [](uint32_t) {});
  return sum;
}

Part Partitioner::take(const KeyWords& mask) {
  Part part{mask, {}};
  std::vector<uint32_t> left;
  sift(
      mask, [&](uint32_t rule) { part.rules.push_back(rule); }, [&](uint32_t rule) { left.push_back(rule); });
  left_ = std::move(left);
  return part;
}

// The candidate that holds most of the rules left, the one of most bits among equals.
Candidate Partitioner::best() {
  for (;;) {
    std::pop_heap(candidates_.begin(), candidates_.end());
    candidates_.back().bound = count(candidates_.back().mask);
    const Candidate tried = candidates_.back();
    std::push_heap(candidates_.begin(), candidates_.end());
    if (!(tried < candidates_.front())) return tried;
  }
}

std::vector<Part> Partitioner::run(uint32_t max_parts) {
  add_candidates();
  std::vector<Part> parts;
  while (!left_.empty()) {
    // No later part can be larger than this one.
    const Candidate chosen = best();
    if (size_t{chosen.bound} * (max_parts - parts.size()) < left_.size()) return {};
    parts.push_back(take(chosen.mask));
  }
  return parts;
}

}  // namespace

std::vector<Part> partition(std::span<const TableRule> rules, uint32_t max_parts, uint32_t max_chain) {
  return Partitioner(rules, max_chain).run(max_parts);
}

}  // namespace vswitch
