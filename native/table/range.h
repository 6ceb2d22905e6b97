// Port ranges of rules beside their masks.
#pragma once

#include "table/rule.h"

namespace vswitch {

// Moves each range that is a prefix of the port into the mask. False if the ranges let no packet match.
bool normalize(TableRule& rule);

// What all packets of the rule agree in: its mask, and of each range the bits in which its ports do not differ. `value` gets the
// rule's bits there.
KeyWords common_mask(const TableRule& rule, KeyWords& value);

}  // namespace vswitch
