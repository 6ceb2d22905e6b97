// What a tenant's plugins gave back: read from their ring, a burst at a time, and sent on its way.
#pragma once

#include "pipeline/pipeline.h"
#include "punt/byte_ring.h"

namespace vswitch {

// Takes a burst out of a ring that has one, made of buffers of the pool. What the tenant may not ask for is dropped by name.
void resume(const Program& program, const PipelineContext& context, Burst& burst, TenantSlot slot, ByteRing& ring,
            rte_mempool* pool) noexcept;

}  // namespace vswitch
