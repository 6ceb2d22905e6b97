// Transactions that come together are applied as one, so that workers are waited for once and not for each. They are alone again
// where that fails: one of them may, and the others do not.
#pragma once

#include "control/rule.h"

namespace vswitch {

// Puts what `next` does behind what `whole` does, where both after the other come to the same as both at once: small changes of
// rules, of which the later ones leave alone what the earlier ones added. False, and nothing done, where they do not.
bool join(const Transaction& next, Transaction& whole);

}  // namespace vswitch
