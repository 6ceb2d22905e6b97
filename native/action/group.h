// group: sends packets through the buckets of a group (OpenFlow 1.3.5, sections 5.6 and 5.6.1): all of them, one chosen by a hash
// of the flow, or the first that is alive. The packet that the rule has stays as it was; buckets work on copies.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "action/program.h"

namespace vswitch {

enum class GroupType : uint8_t { all, select, ff, indirect };
enum class GroupHash : uint8_t { five_tuple, symmetric };

struct BucketSpec {
  uint32_t weight = 1;
  PortNumber watch_port = 0;  // 0: none
  uint32_t watch_group = UINT32_MAX;
  std::vector<Action> actions;
};

struct GroupSpec {
  uint32_t number = 0;
  GroupType type = GroupType::all;
  GroupHash hash = GroupHash::five_tuple;
  std::vector<BucketSpec> buckets;
};

// Which ports' links are up; written by the control thread, read by workers.
using LinkStates = std::array<std::atomic<bool>, kPorts>;

// A compiled group.
class Group {
 public:
  static constexpr uint32_t kSlots = 256;

  // Fails with BAD_TRANSACTION.
  static Result<std::unique_ptr<const Group>> compile(const GroupSpec& spec);

  struct Bucket {
    ActionProgram program;
    PortNumber watch_port;
    uint32_t watch_group;
  };

  [[nodiscard]] GroupType type() const noexcept { return type_; }
  [[nodiscard]] GroupHash hash() const noexcept { return hash_; }
  [[nodiscard]] std::span<const Bucket> buckets() const noexcept { return buckets_; }
  // The buckets in the order in which flows of this hash prefer them, heaviest weights most often first: each flow keeps its
  // bucket while that is alive, whatever becomes of the others (rendezvous hashing, Thaler and Ravishankar, IEEE/ACM ToN 1998).
  [[nodiscard]] std::span<const uint8_t> preference(uint32_t hash) const noexcept {
    return std::span(ranking_).subspan(hash % kSlots * ranked_, ranked_);
  }
  // What its buckets need read; not of groups that they name.
  [[nodiscard]] HeaderSet headers() const noexcept { return headers_; }
  // Groups and meters that its buckets name.
  [[nodiscard]] std::span<const uint32_t> groups() const noexcept { return groups_; }
  [[nodiscard]] std::span<const uint32_t> meters() const noexcept { return meters_; }

 private:
  void rank(const GroupSpec& spec);

  GroupType type_ = GroupType::all;
  GroupHash hash_ = GroupHash::five_tuple;
  HeaderSet headers_ = 0;
  uint32_t ranked_ = 0;  // buckets of a weight above 0
  std::vector<uint32_t> groups_;
  std::vector<uint32_t> meters_;
  std::vector<Bucket> buckets_;
  std::vector<uint8_t> ranking_;  // ranked_ for each slot
  WrittenArena arena_;
};

// All groups, by number; what rules name is there.
class GroupTable {
 public:
  std::vector<std::shared_ptr<const Group>> groups;
  const LinkStates* links = nullptr;

  [[nodiscard]] const Group* find(uint32_t number) const noexcept {
    return number < groups.size() ? groups[number].get() : nullptr;
  }
  // Whether what the bucket watches is up; of a group that it watches, any bucket's port.
  [[nodiscard]] bool alive(const Group::Bucket& bucket) const noexcept;

 private:
  [[nodiscard]] bool link_up(PortNumber port) const noexcept;
};

// A burst for the copies that a bucket works on, one for each depth of groups that send to groups.
struct GroupScratch {
  Burst burst;
  GroupScratch* next = nullptr;
};

struct ToGroup {
  static constexpr bool kRewrites = false;
  static HeaderSet headers(const Action&) { return 0; }  // GroupTable knows
  static Status check(const Action& action);
  static void append(const Action& action, std::vector<Op>& ops);
  static void apply(const ActionContext& context, const Op& op, Selection& packets) noexcept;
};

}  // namespace vswitch
