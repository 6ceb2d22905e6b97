// Scenarios of `npm run bench` whose 100,000 flows no cache of the processor holds and no predictor of its branches learns: rules
// and packets of the same shapes (bench/rules).
#pragma once

#include "pipeline_scenarios.h"

namespace vswitch::bench {

extern const std::map<std::string, std::function<Work()>> kLargeScenarios;

}  // namespace vswitch::bench
