#include "dpdk/rcu.h"

#include <rte_malloc.h>
#include <rte_pause.h>

#include <chrono>
#include <thread>

namespace vswitch {
namespace {

// Some ten microseconds: a burst and a half.
constexpr uint32_t kSpins = 512;
constexpr std::chrono::microseconds kNap{20};

}  // namespace

Result<Rcu> Rcu::make(uint32_t readers) {
  auto* qsbr = static_cast<rte_rcu_qsbr*>(rte_zmalloc("rcu", rte_rcu_qsbr_get_memsize(readers), RTE_CACHE_LINE_SIZE));
  if (qsbr == nullptr || rte_rcu_qsbr_init(qsbr, readers) != 0) {
    rte_free(qsbr);
    return error(ErrorCode::NO_MEMORY, "no memory for RCU");
  }
  return Rcu(qsbr);
}

void Rcu::synchronize() noexcept {
  const uint64_t token = rte_rcu_qsbr_start(qsbr_.get());
  for (uint32_t spins = 0; rte_rcu_qsbr_check(qsbr_.get(), token, false) == 0; ++spins) {
    if (spins < kSpins) {
      rte_pause();
    } else {
      std::this_thread::sleep_for(kNap);
    }
  }
}

void Rcu::Free::operator()(rte_rcu_qsbr* qsbr) const { rte_free(qsbr); }

}  // namespace vswitch
