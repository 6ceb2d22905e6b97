// Every action: one file here, one line in VSWITCH_ACTIONS (action/action.h).
#pragma once

#include "action/arp_reply.h"
#include "action/dec_ttl.h"
#include "action/drop.h"
#include "action/output.h"
#include "action/set_field.h"
