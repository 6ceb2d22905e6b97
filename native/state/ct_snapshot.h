// Connections as bytes, to go on after a restart or elsewhere: a header, then records of one size, little-endian.
//
// header: "mvct", version u16, bytes of a record u16, records u32, CRC-32C of the records u32
// record: slot u8, family u8, protocol u8, state u8, zone u16, flags u16 (kCtSeenReply to kCtUsesMapping, from bit 0 on),
//         mark u32, time left in ms u32, label 16, then of each direction: source 16, destination 16, ports 2 + 2 (all in network
//         byte order), and of each direction: end, limit, largest window, scale, each u32
// Endpoint-independent mappings are made anew from the connections that have one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "dpdk/clock.h"
#include "state/ct_list.h"

namespace vswitch {

struct CtShared;

// false: there is no live connection in the record.
[[nodiscard]] bool read_connection(const CtShared& shared, uint32_t record, uint32_t tick, CtConnection& connection);
// The same of an endpoint-independent mapping: inside endpoint and outside endpoint, each with zeros for who it talks to.
[[nodiscard]] bool read_mapping(const CtShared& shared, uint32_t record, uint32_t tick, CtConnection& mapping);
[[nodiscard]] std::vector<uint8_t> write_snapshot(const CtShared& shared, uint32_t tick);
[[nodiscard]] Result<CtRestored> read_snapshot(CtShared& shared, std::span<const uint8_t> bytes, Cycles now);

}  // namespace vswitch
