#include "dpdk/rcu.h"

#include <rte_malloc.h>

namespace vswitch {

Result<Rcu> Rcu::make(uint32_t readers) {
  auto* qsbr = static_cast<rte_rcu_qsbr*>(rte_zmalloc("rcu", rte_rcu_qsbr_get_memsize(readers), RTE_CACHE_LINE_SIZE));
  if (qsbr == nullptr || rte_rcu_qsbr_init(qsbr, readers) != 0) {
    rte_free(qsbr);
    return error(ErrorCode::NO_MEMORY, "no memory for RCU");
  }
  return Rcu(qsbr);
}

void Rcu::Free::operator()(rte_rcu_qsbr* qsbr) const { rte_free(qsbr); }

}  // namespace vswitch
