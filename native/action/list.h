// Every action: one file here, one line in VSWITCH_ACTIONS (action/action.h).
#pragma once

#include "action/arp_reply.h"
#include "action/conntrack.h"
#include "action/dec_ttl.h"
#include "action/decap.h"
#include "action/drop.h"
#include "action/encap.h"
#include "action/group.h"
#include "action/instructions.h"
#include "action/meter.h"
#include "action/mirror.h"
#include "action/output.h"
#include "action/pop_vlan.h"
#include "action/push_vlan.h"
#include "action/set_field.h"
#include "action/written.h"
