#include "table/exact_set.h"

#include <algorithm>
#include <map>

namespace vswitch {
namespace {

uint32_t hash_of(uint32_t part, const KeyWords& value) {
  uint64_t hash = part;
  for (const uint64_t word : value.word) hash = (hash ^ word) * 0x9e3779b97f4a7c15ull + (hash >> 29);
  return static_cast<uint32_t>(hash >> 32);
}

// Three eighths of the cells are used when a table is made. From two fifths on it is copied into a larger one, which takes its
// place before a half is used; fuller tables soon have no cell near the home of some value.
size_t room_for(size_t rules) { return rules + rules / 3 + 1; }
size_t room_to_grow(size_t rules) { return rules + rules / 2; }
bool fills(const ExactTable& table, size_t rules) { return rules * 5 > size_t{table.cells()} * 2; }
// Cells that are copied with each change, and with each rule of it.
constexpr size_t kStep = 4096;
constexpr size_t kStepOfRule = 16;

std::map<KeyWords, size_t> by_mask(std::span<const TableRule> rules) {
  std::map<KeyWords, size_t> counts;
  auto last = counts.end();
  for (const TableRule& rule : rules) {
    if (last == counts.end() || last->first != rule.mask) last = counts.try_emplace(rule.mask).first;
    ++last->second;
  }
  return counts;
}

// Of the table that takes the place of one without room.
size_t room_with(const ExactSet::Part& part, size_t more) {
  return std::max(room_for(part.rules + more), room_to_grow(part.rules));
}

}  // namespace

const ExactSet::Part* ExactSet::part_of(const KeyWords& mask) const {
  const auto found = std::ranges::find(parts_, mask, &Part::mask);
  return found == parts_.end() ? nullptr : &*found;
}

std::vector<TableRule> ExactSet::rules_of(const Part& part, Side side) const {
  std::vector<TableRule> rules;
  const auto append = [&](const KeyWords& value, RuleWord word) {
    rules.push_back({value, part.mask, {}, {}, order_of(word) - 1, target_of(word)});
  };
  for (uint32_t cell = 0; cell < part.table->cells(); ++cell) {
    const RuleWord word = part.table->word(cell);
    if (word != 0 && is_seen(word, side)) append(part.table->value(cell), settled(word));
  }
  for (const auto& [hash, shadow] : shadows_) {
    if (shadow.part == part.id) append(shadow.value, shadow.word);
  }
  return rules;
}

size_t ExactSet::bytes_with(std::span<const TableRule> rules, std::span<const uint32_t> dropped) const {
  std::map<KeyWords, size_t> counts = by_mask(rules);
  size_t bytes = 0;
  for (const Part& part : parts_) {
    if (std::ranges::find(dropped, part.id) != dropped.end()) continue;
    const auto more = counts.extract(part.mask);
    const size_t after = part.rules + (more.empty() ? 0 : more.mapped());
    const bool grows = !more.empty() && fills(*part.table, after);
    bytes += grows ? ExactTable::bytes_for(part.mask, room_to_grow(after)) : part.table->memory_bytes();
  }
  for (const auto& [mask, count] : counts) bytes += ExactTable::bytes_for(mask, room_for(count));
  return bytes;
}

// A rule of a part that was dropped is nowhere to be found, and so has left.
void ExactSet::remove(Place place, uint32_t target, Side side) {
  if (place.part == Place::kShadow) {
    const auto [first, last] = shadows_.equal_range(place.at);
    const auto found = std::find_if(first, last, [&](const auto& entry) { return target_of(entry.second.word) == target; });
    if (found != last) shadows_.erase(found);
    return;
  }
  const auto part = std::ranges::find(parts_, place.part & ~1u, &Part::id);
  if (part == parts_.end()) return;
  const KeyWords value = (place.part == part->place ? part->table : part->next)->value(place.at);
  take_out(*part, value, side);
  reveal(*part, value, side);
}

void ExactSet::add(std::span<const TableRule> rules, Side side) {
  for (const auto& [mask, count] : by_mask(rules)) {
    const auto known = std::ranges::find(parts_, mask, &Part::mask);
    if (known == parts_.end()) {
      parts_.push_back({next_id_, mask, std::make_shared<ExactTable>(mask, room_for(count))});
      next_id_ += 2;
    } else if (!known->table->has_room(count)) {
      grow(*known, count, side);
    }
  }
  Part* part = nullptr;
  for (const TableRule& rule : rules) {
    if (part == nullptr || part->mask != rule.mask) part = &*std::ranges::find(parts_, rule.mask, &Part::mask);
    insert(*part, rule, side);
  }
}

void ExactSet::insert(Part& part, const TableRule& rule, Side side) {
  const RuleWord word = rule_word(rule.rank, rule.target);
  const uint32_t twin = part.table->find(rule.value, side);
  if (twin != Cells::kNoCell) {
    const RuleWord there = settled(part.table->word(twin));
    if (there > word) return hide(part, rule.value, word);
    take_out(part, rule.value, side);
    hide(part, rule.value, there);
  }
  write(part, rule.value, word, side);
}

void ExactSet::write(Part& part, const KeyWords& value, RuleWord word, Side side) {
  uint32_t cell;
  while ((cell = part.table->insert(value, part.is_new ? word : in_state(word, side))) == Cells::kNoCell) grow(part, 1, side);
  if (!part.is_new) entering_.push_back({part.table.get(), cell});
  put_place(target_of(word), part.place, cell);
  if (part.next && cell < part.copied) copy(part, cell, side);
  part.strongest = std::max(part.strongest, word);
  ++part.rules;
}

// A larger table takes the place of the part's at once. Who saw that keeps it; nothing changes in it any more.
void ExactSet::grow(Part& part, size_t more, Side side) {
  const std::shared_ptr<ExactTable> old = part.table;
  size_t room = room_with(part, more);
  const auto copy_all = [&] {
    part.table = std::make_shared<ExactTable>(part.mask, room, ++part.seed);
    for (uint32_t from = 0; from < old->cells(); ++from) {
      const RuleWord word = old->word(from);
      if (word == 0 || !is_seen(word, side)) continue;
      const uint32_t cell = part.table->insert(old->value(from), settled(word));
      if (cell == Cells::kNoCell) return false;
      put_place(target_of(word), part.place, cell);
    }
    return true;
  };
  while (!copy_all()) room *= 2;
  const auto is_of_old = [&](const Flux& flux) { return flux.table == old.get(); };
  std::erase_if(entering_, is_of_old);
  std::erase_if(leaving_, is_of_old);
  part.next = nullptr;
  part.is_new = true;
}

// Of a part in which everything is settled.
void ExactSet::copy_some(Part& part, size_t cells) {
  if (!part.next && !fills(*part.table, part.table->used())) return;
  if (!part.next) {
    // Of the same seed, so that what lies together in the one does so in the other, and few new pages are written at a time.
    part.next = std::make_shared<ExactTable>(part.mask, room_to_grow(part.rules), part.seed);
    part.copied = 0;
  }
  const auto end = static_cast<uint32_t>(std::min<size_t>(part.copied + cells, part.table->cells()));
  while (part.next && part.copied < end) {
    const RuleWord word = part.table->word(part.copied);
    if (word != 0 && word == settled(word)) copy(part, part.copied, kSides[0]);
    ++part.copied;
  }
  if (!part.next || part.copied < part.table->cells()) return;
  part.table = std::move(part.next);
  part.place ^= 1;
}

void ExactSet::copy(Part& part, uint32_t cell, Side side) {
  const RuleWord word = settled(part.table->word(cell));
  const uint32_t there = part.next->insert(part.table->value(cell), word);
  if (there == Cells::kNoCell) return grow(part, 1, side);
  put_place(target_of(word), part.place ^ 1, there);
}

void ExactSet::take_out(Part& part, const KeyWords& value, Side side) {
  const uint32_t cell = part.table->find(value, side);
  const RuleWord word = part.table->word(cell);
  --part.rules;
  if (part.next && cell < part.copied) part.next->release(part.next->find(value, side));
  if (word != settled(word)) return part.table->set(cell, in_state(word, kDead));  // it came with the same change
  part.table->set(cell, in_state(word, other_side(side)));
  leaving_.push_back({part.table.get(), cell});
}

void ExactSet::hide(const Part& part, const KeyWords& value, RuleWord word) {
  const uint32_t hash = hash_of(part.id, value);
  shadows_.emplace(hash, Shadow{part.id, value, word});
  put_place(target_of(word), Place::kShadow, hash);
}

// The strongest rule in the shadow of the one that left takes its place.
void ExactSet::reveal(Part& part, const KeyWords& value, Side side) {
  if (shadows_.empty()) return;
  const auto [first, last] = shadows_.equal_range(hash_of(part.id, value));
  auto best = last;
  for (auto at = first; at != last; ++at) {
    const bool is_same = at->second.part == part.id && at->second.value == value;
    if (is_same && (best == last || at->second.word > best->second.word)) best = at;
  }
  if (best == last) return;
  const RuleWord word = best->second.word;
  shadows_.erase(best);
  write(part, value, word, side);
}

void ExactSet::drop(std::span<const uint32_t> ids) {
  if (ids.empty()) return;
  const auto is_dropped = [&](uint32_t id) { return std::ranges::find(ids, id) != ids.end(); };
  std::erase_if(parts_, [&](const Part& part) { return is_dropped(part.id); });
  std::erase_if(shadows_, [&](const auto& entry) { return is_dropped(entry.second.part); });
}

void ExactSet::settle() {
  for (const auto& [table, cell] : entering_) {
    const RuleWord word = table->word(cell);
    if (word == in_state(word, kDead)) {
      table->release(cell);
    } else {
      table->set(cell, settled(word));
    }
  }
  for (const auto& [table, cell] : leaving_) table->release(cell);
  const size_t changed = entering_.size() + leaving_.size();
  entering_.clear();
  leaving_.clear();
  std::erase_if(parts_, [](const Part& part) { return part.rules == 0; });
  for (Part& part : parts_) {
    copy_some(part, kStep + kStepOfRule * changed);
    part.is_new = false;
  }
}

void ExactSet::put_place(uint32_t target, uint32_t part, uint32_t at) {
  if (places_ != nullptr) (*places_)[target] = {part, at};
}

}  // namespace vswitch
