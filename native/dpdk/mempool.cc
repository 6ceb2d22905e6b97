#include "dpdk/mempool.h"

#include <rte_errno.h>

#include <algorithm>
#include <string>

#include "dpdk/log_capture.h"

namespace vswitch {

Result<Mempool> make_mempool(const char* name, uint32_t count, uint16_t data_bytes) {
  // A cache holds at most two thirds of the pool (rte_mempool_create), and several bursts are enough.
  const uint32_t cache = std::min<uint32_t>(256, count / 4);
  rte_mempool* pool =
      rte_pktmbuf_pool_create(name, count, cache, 0, static_cast<uint16_t>(data_bytes + RTE_PKTMBUF_HEADROOM), SOCKET_ID_ANY);
  if (pool != nullptr) return Mempool(pool);
  Error failure = error(ErrorCode::NO_MEMORY, "no memory for " + std::to_string(count) + " packet buffers of " +
                                                  std::to_string(data_bytes) + " bytes: " + rte_strerror(rte_errno));
  failure.step = "mempool";
  failure.system_errno = rte_errno;
  failure.log = LogCapture::take();
  return failure;
}

}  // namespace vswitch
