// Gives a packet other endpoints, with every checksum that covers them (RFC 3022, RFC 5508): incrementally, so that what was
// wrong stays wrong.
#pragma once

#include "packet/burst.h"
#include "packet/ct_packet.h"

namespace vswitch {

// `tracked` is what read_tracked() said of the packet, `to` what its tuple becomes: of an ICMP error, the quoted packet's,
// turned. The key has the new endpoints then, too. False, and nothing is changed, where a checksum cannot be known: SCTP's is
// over the whole packet, of which a fragment is a part.
[[nodiscard]] bool translate(rte_mbuf* packet, const Layers& layers, const CtPacket& tracked, const CtTuple& to,
                             FlowKey& key) noexcept;

}  // namespace vswitch
