// The part of a burst that is one tenant's, on its way through that tenant's tables (OpenFlow 1.3.5, section 5.1).
#pragma once

#include "pipeline/pipeline.h"

namespace vswitch {

// `timer` gets what matching and acting took.
void run_tables(const Program& program, const PipelineContext& context, Burst& burst, const Selection& packets, TenantSlot slot,
                StageTimer& timer) noexcept;

}  // namespace vswitch
