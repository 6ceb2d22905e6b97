// The pool of packet buffers that all ports of a switch receive into.
#pragma once

#include <rte_mbuf.h>

#include <memory>

#include "base/status.h"

namespace vswitch {

struct MempoolFree {
  void operator()(rte_mempool* pool) const { rte_mempool_free(pool); }
};

using Mempool = std::unique_ptr<rte_mempool, MempoolFree>;

// `count` buffers with room for `data_bytes` of packet each, besides the headroom.
Result<Mempool> make_mempool(const char* name, uint32_t count, uint16_t data_bytes);

}  // namespace vswitch
