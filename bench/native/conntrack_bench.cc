// Cycles per look-up of an established connection, in bursts of 64 packets of connections at random, and new connections a
// second; then what a tenant's packets cost while another tenant is flooded with SYNs. Prints a line for each number of
// connections: the median of the rounds.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dpdk/clock.h"
#include "dpdk/eal.h"
#include "state/conntrack.h"

using namespace vswitch;

namespace {

constexpr uint32_t kRounds = 31;
constexpr uint32_t kPackets = 1 << 16;
constexpr uint32_t kFloodBursts = 20'000;

CtPacket packet_of(uint32_t connection, bool reply, uint8_t flags) {
  CtPacket packet{};
  CtTuple& tuple = packet.tuple;
  const uint32_t client = 0x0a000000 + connection / 1000;
  const uint32_t server = 0x0b000000;
  memcpy(reply ? tuple.dst : tuple.src, &client, 4);
  memcpy(reply ? tuple.src : tuple.dst, &server, 4);
  (reply ? tuple.dst_port : tuple.src_port) = static_cast<uint16_t>(1024 + connection % 1000);
  (reply ? tuple.src_port : tuple.dst_port) = 80;
  tuple.proto = 6;
  tuple.family = 4;
  packet.tcp_flags = flags;
  // Each side has sent its SYN and no more.
  packet.seq = (flags & 2) != 0 ? 0 : 1;
  packet.ack = (flags & 16) != 0 ? 1 : 0;
  packet.window_scale = kCtNoScale;
  packet.window = 65535;
  return packet;
}

double median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void measure(uint32_t connections, bool check_window) {
  auto rcu = Rcu::make(1);
  rcu.value().online(0);
  CtOptions options;
  options.entries = connections;
  options.check_window = check_window;
  options.cycles_per_second = cycles_per_second();
  auto made = Conntrack::make(options, rcu.value());
  Conntrack& conntrack = *made.value();
  ConntrackWorker& worker = conntrack.worker(0);
  CtRequest commit;
  commit.commit = true;
  CtResult results[kBurst];
  uint64_t wrong = 0;
  const auto pass = [&](const CtRequest& request, bool reply, uint8_t flags, uint8_t state) {
    Cycles spent = 0;
    for (uint32_t at = 0; at < connections; at += kBurst) {
      CtPacket burst[kBurst];
      const uint32_t count = std::min(kBurst, connections - at);
      for (uint32_t i = 0; i < count; ++i) burst[i] = packet_of(at + i, reply, flags);
      const Cycles start = now();
      worker.track(1, request, burst, count, start, false, results);
      worker.sweep(start);
      spent += now() - start;
      rcu.value().quiescent(0);
      for (uint32_t i = 0; i < count; ++i) wrong += results[i].verdict != CtVerdict::ok || (results[i].state & state) == 0;
    }
    return static_cast<double>(spent) / connections;
  };
  std::vector<double> setups;
  for (uint32_t round = 0; round < 5; ++round) {
    rcu.value().offline(0);  // the flush waits for who is on-line
    conntrack.flush({}, now());
    rcu.value().resume(0);
    setups.push_back(pass(commit, false, 2, kCtNew));
  }
  CtRequest lookup;
  pass(lookup, true, 18, kCtReply);
  pass(lookup, false, 16, kCtEstablished);

  std::mt19937_64 random(1);
  std::vector<CtPacket> packets(kPackets);
  for (CtPacket& packet : packets) packet = packet_of(random() % connections, random() % 2 != 0, 16);
  std::vector<double> lookups;
  for (uint32_t round = 0; round < kRounds; ++round) {
    const Cycles start = now();
    for (uint32_t at = 0; at < kPackets; at += kBurst) {
      worker.track(1, lookup, &packets[at], kBurst, start, false, results);
      wrong += (results[0].state & kCtEstablished) == 0;
    }
    lookups.push_back(static_cast<double>(now() - start) / kPackets);
  }
  // All expire at once; a poll round each 20 us.
  Cycles at = now() + 500'000 * options.cycles_per_second;
  std::vector<double> sweeps;
  while (conntrack.usage().entries != 0) {
    const Cycles start = now();
    worker.sweep(at);
    sweeps.push_back(static_cast<double>(now() - start));
    rcu.value().quiescent(0);
    at += options.cycles_per_second / 50'000;
  }
  const double sweep = median(sweeps);
  std::nth_element(sweeps.begin(), sweeps.begin() + sweeps.size() * 99 / 100, sweeps.end());
  const double slow_sweep = sweeps[sweeps.size() * 99 / 100];
  const double longest_sweep = *std::max_element(sweeps.begin(), sweeps.end());
  const double setup = median(setups);
  printf(
      "{\"connections\":%u,\"checkWindow\":%s,\"cyclesPerLookup\":%.1f,\"cyclesPerSetup\":%.0f,\"connectionsPerSecond\":%.0f,"
      "\"cyclesPerSweep\":{\"median\":%.0f,\"p99\":%.0f,\"max\":%.0f},\"bytesPerConnection\":%.0f,\"agree\":%s}\n",
      connections, check_window ? "true" : "false", median(lookups), setup, static_cast<double>(cycles_per_second()) / setup,
      sweep, slow_sweep, longest_sweep, static_cast<double>(conntrack.usage().memory_bytes) / connections,
      wrong == 0 ? "true" : "false");
  rcu.value().gone(0);
}

struct Spent {
  double median, p99;  // cycles per packet, over bursts
};

// Bursts of the victim's established connections, behind bursts of another tenant.
class Flooded {
 public:
  explicit Flooded(uint32_t connections)
      : connections_(connections), rcu_(std::move(Rcu::make(1).value())), conntrack_(make(connections, rcu_)) {
    rcu_.online(0);
    establish(kVictim, connections);
    establish(kOther, others());
  }
  ~Flooded() { rcu_.gone(0); }

  // After each of the other tenant's bursts.
  template <typename Other>
  Spent victim_after(Other other) {
    std::vector<double> bursts(kFloodBursts);
    CtPacket burst[kBurst];
    for (double& cycles : bursts) {
      other();
      for (CtPacket& packet : burst) packet = packet_of(random_() % connections_, random_() % 2 != 0, kAck);
      cycles = track(kVictim, lookup_, burst) / kBurst;
      for (const CtResult& result : results_) wrong_ += (result.state & kCtEstablished) == 0;
    }
    const double middle = median(bursts);
    std::nth_element(bursts.begin(), bursts.begin() + bursts.size() * 99 / 100, bursts.end());
    return {middle, bursts[bursts.size() * 99 / 100]};
  }
  void send_established() {
    CtPacket burst[kBurst];
    for (CtPacket& packet : burst) packet = packet_of(random_() % others(), false, kAck);
    track(kOther, lookup_, burst);
  }
  // SYNs that each want a connection.
  void flood() {
    CtPacket burst[kBurst];
    for (CtPacket& packet : burst) packet = packet_of(connections_ + next_++, false, kSyn);
    track(kOther, commit_, burst);
  }
  void flood_until_full() {
    for (uint32_t i = 0; i < connections_; i += kBurst) flood();
  }
  // Nobody lost what is established, and each SYN got the place of another.
  [[nodiscard]] bool agrees() const {
    const auto count = [&](TenantSlot slot) {
      CtFilter filter;
      filter.slot = slot;
      return conntrack_->count(filter, now());
    };
    return wrong_ == 0 && count(kVictim) == connections_ && count(kOther) == others() + connections_ / 2;
  }

 private:
  static constexpr TenantSlot kVictim = 1, kOther = 2;
  static constexpr uint8_t kSyn = 2, kAck = 16;

  static std::unique_ptr<Conntrack> make(uint32_t connections, Rcu& rcu) {
    CtOptions options;
    options.entries = 2 * connections;
    options.cycles_per_second = cycles_per_second();
    for (const TenantSlot slot : {kVictim, kOther}) {
      options.limits[slot].entries = connections;
      options.limits[slot].half_open = connections / 2;
    }
    return std::move(Conntrack::make(options, rcu).value());
  }
  [[nodiscard]] uint32_t others() const { return connections_ / 4; }
  double track(TenantSlot slot, const CtRequest& request, const CtPacket* packets) {
    const Cycles start = now();
    conntrack_->worker(0).track(slot, request, packets, kBurst, start, false, results_);
    const auto spent = static_cast<double>(now() - start);
    conntrack_->worker(0).sweep(start);
    rcu_.quiescent(0);
    return spent;
  }
  void establish(TenantSlot slot, uint32_t count) {
    for (uint32_t at = 0; at < count; ++at) {
      for (const uint8_t flags : {kSyn, uint8_t{kSyn | kAck}, kAck}) {
        const CtPacket packet = packet_of(at, flags == (kSyn | kAck), flags);
        conntrack_->worker(0).track(slot, flags == kSyn ? commit_ : lookup_, &packet, 1, now(), false, results_);
      }
    }
  }

  const uint32_t connections_;
  Rcu rcu_;
  std::unique_ptr<Conntrack> conntrack_;
  const CtRequest lookup_;
  const CtRequest commit_ = [] {
    CtRequest request;
    request.commit = true;
    return request;
  }();
  std::mt19937_64 random_{1};
  uint32_t next_ = 0;
  uint64_t wrong_ = 0;
  CtResult results_[kBurst];
};

void measure_flood(uint32_t connections) {
  Flooded bench(connections);
  bench.victim_after([] {});  // until it is in the cache
  const Spent alone = bench.victim_after([] {});
  const Spent beside = bench.victim_after([&] { bench.send_established(); });
  bench.flood_until_full();
  const Spent flooded = bench.victim_after([&] { bench.flood(); });
  const auto print = [](const char* name, const Spent& spent) {
    printf("\"%s\":{\"median\":%.1f,\"p99\":%.1f},", name, spent.median, spent.p99);
  };
  printf("{\"victimConnections\":%u,", connections);
  print("alone", alone);
  print("besideEstablished", beside);
  print("besideFlood", flooded);
  printf("\"agree\":%s}\n", bench.agrees() ? "true" : "false");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string prefix = "--file-prefix=bench-" + std::to_string(getpid());
  auto eal = Eal::start({"--lcores=0@1", "--no-huge", "--no-shconf", prefix, "-m", "64", "--no-pci", "--no-telemetry"});
  if (!eal.ok()) {
    fprintf(stderr, "DPDK does not start: %s\n", eal.error().message.c_str());
    return 1;
  }
  std::vector<uint32_t> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(static_cast<uint32_t>(std::stoul(argv[i])));
  if (sizes.empty()) sizes = {1'000, 100'000, 1'000'000};
  for (const bool check_window : {false, true}) {
    for (const uint32_t connections : sizes) measure(connections, check_window);
  }
  for (const uint32_t connections : sizes) measure_flood(connections);
}
