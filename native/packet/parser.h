// Reads a packet's headers into its key, as far as the plan asks. Every length is checked against the first segment's real
// length, never against what a header claims; what does not fit is malformed, and nothing behind it is read.
#pragma once

#include "packet/burst.h"
#include "packet/parse_plan.h"

namespace vswitch {

enum class ParseVerdict : uint8_t {
  kOk,
  kRunt,       // shorter than an Ethernet header
  kMalformed,  // a header that the plan needs is cut short or contradicts itself
  kSplit,      // such a header lies across segments, which could not be made one
};

// Fills burst.key[i], layers[i] and bytes[i] of every packet, and all_bytes; verdict[i] of each that is not well-formed is not
// kOk. Returns the number of packets that are not well-formed.
uint32_t parse_burst(const ParsePlan& plan, Burst& burst, ParseVerdict verdict[kBurst]) noexcept;

// Reads one packet anew after actions changed its headers. What belongs to the packet in the pipeline (in_port, metadata,
// tunnel_id, ct fields, bytes) stays as it is.
ParseVerdict parse_again(const ParsePlan& plan, Burst& burst, uint32_t index) noexcept;

// The same of several packets; verdict[i] is of packet i of the burst.
void parse_again(const ParsePlan& plan, Burst& burst, const Selection& packets, ParseVerdict verdict[kBurst]) noexcept;

}  // namespace vswitch
