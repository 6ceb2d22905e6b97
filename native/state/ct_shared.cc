#include "state/ct_shared.h"

#include "state/ct_worker.h"

namespace vswitch {
namespace {

// Threads hold records that are free, and removed ones wait for every worker.
uint32_t records_for(const CtOptions& options) {
  return options.entries + options.entries / 16 + (options.workers + 1) * CtPool::kCached + 1024;
}

}  // namespace

CtTimeouts::CtTimeouts(const std::array<uint32_t, kCtTimeouts>& ms) {
  const auto put = [&](Kind kind, CtState state, CtTimeout unreplied, CtTimeout replied) {
    ms_[kind][static_cast<uint32_t>(state)][0] = ms[static_cast<uint32_t>(unreplied)];
    ms_[kind][static_cast<uint32_t>(state)][1] = ms[static_cast<uint32_t>(replied)];
  };
  using enum CtTimeout;
  put(kTcp, CtState::syn_sent, tcp_syn_sent, tcp_syn_sent);
  put(kTcp, CtState::syn_recv, tcp_syn_recv, tcp_syn_recv);
  put(kTcp, CtState::established, tcp_syn_sent, tcp_established);  // taken up in mid-stream: as if it had just begun
  put(kTcp, CtState::fin_wait, tcp_fin_wait, tcp_fin_wait);
  put(kTcp, CtState::last_ack, tcp_last_ack, tcp_last_ack);
  put(kTcp, CtState::time_wait, tcp_time_wait, tcp_time_wait);
  put(kTcp, CtState::closed, tcp_closed, tcp_closed);
  put(kUdp, CtState::first, udp_first, udp_established);
  put(kUdp, CtState::bidirectional, udp_first, udp_established);
  put(kIcmp, CtState::first, icmp_first, icmp_reply);
  put(kIcmp, CtState::bidirectional, icmp_first, icmp_reply);
  put(kOther, CtState::first, other_first, other_established);
  put(kOther, CtState::bidirectional, other_first, other_established);
  kind_[6] = kTcp;
  kind_[17] = kUdp;
  kind_[136] = kUdp;  // UDP-Lite
  kind_[1] = kIcmp;
  kind_[58] = kIcmp;
}

CtShared::CtShared(const CtOptions& given, Rcu& readers)
    : options(given),
      rcu(readers),
      count(records_for(given)),
      timeouts(given.timeouts_ms),
      per_cycle(static_cast<uint64_t>((static_cast<unsigned __int128>(1000) << 64) / given.cycles_per_second) + 1),
      records(count),
      index(given.entries),
      pool(count),
      caps(given) {
  for (uint32_t i = 0; i <= given.workers; ++i) {
    const auto part = [&](uint32_t at) { return static_cast<uint32_t>(uint64_t{count} * at / given.workers); };
    const bool sweeps = i < given.workers;
    workers.push_back(std::make_unique<ConntrackWorker>(*this, i, sweeps ? part(i) : 0, sweeps ? part(i + 1) : 0));
  }
}

CtShared::~CtShared() = default;

ConntrackWorker::ConntrackWorker(CtShared& shared, uint32_t index, uint32_t first, uint32_t last)
    : shared_(shared),
      index_(index),
      recycler_(shared.pool, shared.rcu, shared.count),
      half_open_(shared.count),
      random_(shared.secrets.word[5] + index),
      first_(first),
      last_(last),
      cursor_(first),
      slice_(shared.options.cycles_per_second / kSlicesPerSecond) {}

uint64_t CtShared::memory_bytes() const noexcept {
  uint64_t sum = sizeof *this + records.memory_bytes() + index.memory_bytes() + pool.memory_bytes() + caps.memory_bytes() +
                 fragments.memory_bytes();
  for (const auto& worker : workers) sum += worker->memory_bytes();
  return sum;
}

}  // namespace vswitch
