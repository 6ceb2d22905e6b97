// Sends a victim's stamped frames through a switch, evenly at a part of what it forwards of them at most: by themselves, beside a
// flood, by themselves again. Prints a line of JSON.
// Usage: neighbour-generator TO FROM QUEUES FLOWS ETH_DST FLOOD_TO CAPTURE WARM_UP_MS PHASE_MS PERCENT FLOOD WORKER
// TO, FROM and FLOOD_TO are DPDK devices (--vdev), QUEUES the receive queues of FROM, ETH_DST what the switch writes. FLOOD_TO
// `-`: the flood comes by TO. CAPTURE has its frames, FLOOD says how many a second; 0: as many as the port takes. WORKER is the
// schedstat of the switch's polling thread (proc(5)).
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ends.h"
#include "flood.h"
#include "load.h"

using namespace vswitch;

namespace {

constexpr uint32_t kWindowMs = 1;
constexpr uint32_t kSliceMs = 100;
constexpr uint64_t kDirtyNs = 20'000;

// How long a thread waited for its core, as the kernel counts.
class Waited {
 public:
  explicit Waited(const char* path) : file_(open(path, O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) give_up(std::string(path) + " cannot be read");
    grown();
  }
  // Nanoseconds since the last time.
  uint64_t grown() {
    char text[64] = {};
    if (pread(file_, text, sizeof text - 1, 0) <= 0) give_up("the switch ended");
    char* end = text;
    strtoull(text, &end, 10);
    const uint64_t waited = strtoull(end, nullptr, 10);
    const uint64_t before = std::exchange(waited_, waited);
    return waited - before;
  }

 private:
  const int file_;
  uint64_t waited_ = 0;
};

// Of windows in which nobody waited for a core.
struct Slice {
  double end_ms;  // since the phase began
  double ms;      // how long these windows were together
  uint64_t sent, received, flooded;
};

struct Phase {
  bool is_flooded;
  uint32_t windows = 0;
  uint32_t clean = 0;
  std::vector<Slice> slices;
  Histogram cycles;  // of clean windows
};

// What all phases have in common.
struct Load {
  Traffic& traffic;
  Flood& flood;
  Waited own;
  Waited worker;
  double packets_per_second;
  double flood_per_second;  // 0: as many as the port takes
};

double ms_of(Cycles cycles) { return static_cast<double>(cycles) * 1000 / static_cast<double>(cycles_per_second()); }

// A window in which the generator or the worker waited for its core says nothing, nor does the next one: what waited comes then.
// The kernel counts a wait when it is over, so that a window is kept only when it is known how far back the waits after it reach.
class Windows {
 public:
  Windows(Load& load, Phase& phase, Cycles at) : load_(load), phase_(phase), begin_(at), slice_start_(at) { open(at); }
  ~Windows() {
    pending_.pop_back();  // it has not ended
    while (!pending_.empty()) close();
  }
  Slice& counts() { return pending_.back()->counts; }
  Histogram& cycles() { return pending_.back()->cycles; }

  void look(Cycles at) {
    if (at < pending_.back()->start + cycles_of(kWindowMs)) return;
    pending_.back()->end = at;
    const uint64_t waited = std::max(load_.own.grown(), load_.worker.grown());
    const bool was_dirty = std::exchange(is_dirty_, waited > kDirtyNs);
    if (was_dirty || is_dirty_) pending_.back()->is_clean = false;
    const Cycles reach = waited * (cycles_per_second() / 1'000'000) / 1'000;
    for (const auto& window : pending_) window->is_clean &= !is_dirty_ || window->end + reach < at;
    if (pending_.size() == kPending) close();
    open(now());
  }

 private:
  static constexpr size_t kPending = 128;
  struct Window {
    Cycles start, end;
    bool is_clean = true;
    Slice counts{};
    Histogram cycles{};
  };

  void open(Cycles at) { pending_.push_back(std::make_unique<Window>(Window{at, at, true, {}, {}})); }

  void close() {
    const Window& window = *pending_.front();
    ++phase_.windows;
    if (window.is_clean) {
      ++phase_.clean;
      phase_.cycles.add(window.cycles);
      slice_.ms += ms_of(window.end - window.start);
      slice_.sent += window.counts.sent;
      slice_.received += window.counts.received;
      slice_.flooded += window.counts.flooded;
    }
    if (window.end >= slice_start_ + cycles_of(kSliceMs)) {
      slice_.end_ms = ms_of(window.end - begin_);
      phase_.slices.push_back(std::exchange(slice_, {}));
      slice_start_ = window.end;
    }
    pending_.pop_front();
  }

  Load& load_;
  Phase& phase_;
  const Cycles begin_;
  Cycles slice_start_;
  Slice slice_{};
  bool is_dirty_ = true;
  std::deque<std::unique_ptr<Window>> pending_;
};

void run(Load& load, Phase& phase, uint32_t ms) {
  const Cycles start = now();
  Pace pace(start, load.packets_per_second);
  Pace flood(start, load.flood_per_second);
  Windows windows(load, phase, start);
  for (Cycles at = start; at < start + cycles_of(ms); at = now()) {
    Slice& counts = windows.counts();
    if (const uint32_t count = pace.due(at); count != 0) {
      counts.sent += count;  // what the port has no room for is lost, too
      load.traffic.send(count);
    }
    if (phase.is_flooded) {
      const uint32_t count = load.flood_per_second == 0 ? Flood::kBurst : flood.due(at);
      if (count != 0) counts.flooded += load.flood.send(count);
    }
    counts.received += load.traffic.receive(windows.cycles());
    windows.look(at);
  }
}

void print(const Phase& phase) {
  printf("{\"flooded\":%s,\"windows\":%u,\"clean\":%u,\"slices\":[", phase.is_flooded ? "true" : "false", phase.windows,
         phase.clean);
  const char* comma = "";
  for (const Slice& slice : phase.slices) {
    printf("%s{\"endMs\":%.3f,\"ms\":%.3f,\"sent\":%lu,\"received\":%lu,\"flooded\":%lu}", comma, slice.end_ms, slice.ms,
           slice.sent, slice.received, slice.flooded);
    comma = ",";
  }
  printf("],\"cycles\":[");
  comma = "";
  phase.cycles.for_each([&](uint64_t value, uint64_t count) {
    printf("%s[%lu,%lu]", comma, value, count);
    comma = ",";
  });
  printf("]}");
}

}  // namespace

int main(int argc, char** argv) {
  rte_ether_addr eth_dst;
  if (argc != 13 || rte_ether_unformat_addr(argv[5], &eth_dst) != 0) give_up("usage: see neighbour_generator.cc");
  Ends ends;
  const Port from = ends.open(argv[2], number(argv[3]));
  const Port to = ends.open(argv[1], 1);
  const bool shares_port = std::string(argv[6]) == "-";
  const std::optional<Port> own = shares_port ? std::nullopt : std::optional<Port>(ends.open(argv[6], 1));
  const Port& flood_to = own ? *own : to;
  for (const Port* port : {&from, &to, &flood_to}) wait_for(*port);

  Traffic traffic(to, from, ends.pool.get(), number(argv[4]), false, eth_dst);
  Flood flood(flood_to, ends.pool.get(), argv[7]);
  closed_loop(traffic, number(argv[8]));
  const uint32_t phase_ms = number(argv[9]);
  const double most = closed_loop(traffic, phase_ms).packets_per_second;
  Load load{traffic,
            flood,
            Waited("/proc/thread-self/schedstat"),
            Waited(argv[12]),
            most * number(argv[10]) / 100,
            strtod(argv[11], nullptr)};
  printf("{\"tscHz\":%lu,\"mostPacketsPerS\":%.0f,\"phases\":[", cycles_per_second(), most);
  const char* comma = "";
  for (const bool is_flooded : {false, true, false}) {
    const auto phase = std::make_unique<Phase>(Phase{is_flooded, 0, 0, {}, {}});
    run(load, *phase, phase_ms);
    printf("%s", comma);
    print(*phase);
    comma = ",";
  }
  printf("],\"strangers\":%lu}\n", traffic.strangers());
}
