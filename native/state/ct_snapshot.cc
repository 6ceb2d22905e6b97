#include "state/ct_snapshot.h"

#include <rte_hash_crc.h>

#include <algorithm>
#include <cstring>

#include "state/ct_restorer.h"
#include "state/ct_shared.h"
#include "state/ct_tcp.h"

namespace vswitch {
namespace {

constexpr uint32_t kTries = 4;  // to read a connection that changes

CtSavedEnds saved_ends(const CtTuple& tuple) {
  CtSavedEnds ends;
  memcpy(ends.src, tuple.src, sizeof ends.src);
  memcpy(ends.dst, tuple.dst, sizeof ends.dst);
  ends.src_port = tuple.src_port;
  ends.dst_port = tuple.dst_port;
  return ends;
}

// The word that the connection, or the mapping, was read under, or 0.
uint64_t read(const CtShared& shared, uint32_t record, uint32_t tick, CtConnection& connection, uint64_t kind = 0) {
  const CtRecord& hot = shared.records.hot[record];
  for (uint32_t i = 0; i < kTries; ++i) {
    const uint64_t word = hot.word.load(std::memory_order_acquire);
    const uint32_t expiry = hot.expiry.load(std::memory_order_relaxed);
    if (ct_life(word) != CtLife::live || (word & kCtIsMapping) != kind || is_due(expiry, tick)) return 0;
    const uint64_t high = hot.key[0][1].load(std::memory_order_relaxed);
    connection.slot = ct_slot(high);
    connection.zone = ct_zone(high);
    connection.original = shared.records.endpoints(record, 0);
    connection.reply = shared.records.endpoints(record, 1);
    connection.state = ct_state_of(word);
    connection.seen_reply = (word & kCtSeenReply) != 0;
    connection.snat = (word & kCtHasSourceNat) != 0;
    connection.dnat = (word & kCtHasDestinationNat) != 0;
    connection.mark = hot.mark.load(std::memory_order_relaxed);
    for (uint32_t half = 0; half < 2; ++half) {
      const uint64_t label = shared.records.detail[record].label[half].load(std::memory_order_relaxed);
      memcpy(connection.label + 8 * half, &label, sizeof label);
    }
    connection.timeout_ms = expiry - tick;
    std::atomic_thread_fence(std::memory_order_acquire);
    if (hot.word.load(std::memory_order_relaxed) == word) return word;
  }
  return 0;
}

}  // namespace

uint32_t snapshot_checksum(const uint8_t* records, size_t bytes) {
  uint32_t crc = UINT32_MAX;
  for (size_t at = 0; at < bytes; at += sizeof(CtSaved)) crc = rte_hash_crc(records + at, sizeof(CtSaved), crc);
  return crc;
}

bool read_connection(const CtShared& shared, uint32_t record, uint32_t tick, CtConnection& connection) {
  return read(shared, record, tick, connection) != 0;
}

bool read_mapping(const CtShared& shared, uint32_t record, uint32_t tick, CtConnection& mapping) {
  return read(shared, record, tick, mapping, kCtIsMapping) != 0;
}

std::vector<uint8_t> write_snapshot(const CtShared& shared, uint32_t tick) {
  std::vector<uint8_t> bytes(sizeof(CtSavedHeader));
  CtSavedHeader header{kCtSavedMagic, kCtSavedVersion, sizeof(CtSaved), 0, 0};
  for (uint32_t record = 0; record < shared.count; ++record) {
    CtConnection connection;
    const uint64_t word = read(shared, record, tick, connection);
    if (word == 0) continue;
    CtSaved saved{};
    saved.slot = static_cast<uint8_t>(connection.slot);
    saved.family = connection.original.family;
    saved.proto = connection.original.proto;
    saved.state = static_cast<uint8_t>(connection.state);
    saved.zone = connection.zone;
    saved.flags = word >> kCtSavedShift & kCtSavedFlags;
    saved.mark = connection.mark;
    saved.timeout_ms = connection.timeout_ms;
    memcpy(saved.label, connection.label, sizeof saved.label);
    saved.ends[0] = saved_ends(connection.original);
    saved.ends[1] = saved_ends(connection.reply);
    for (uint32_t i = 0; i < 2; ++i) {
      const CtSide& side = shared.records.detail[record].side[i];
      saved.side[i] = {side.end.load(std::memory_order_relaxed), side.limit.load(std::memory_order_relaxed),
                       side.max_window.load(std::memory_order_relaxed), side.scale.load(std::memory_order_relaxed) & ~kCtStale};
    }
    const auto* first = reinterpret_cast<const uint8_t*>(&saved);
    bytes.insert(bytes.end(), first, first + sizeof saved);
    ++header.count;
  }
  header.checksum = snapshot_checksum(bytes.data() + sizeof header, bytes.size() - sizeof header);
  memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

Result<CtRestored> read_snapshot(CtShared& shared, std::span<const uint8_t> bytes, Cycles now) {
  const auto refuse = [](const char* why) { return error(ErrorCode::INVALID_ARGUMENT, why); };
  CtSavedHeader header;
  if (bytes.size() < sizeof header) return refuse("no snapshot of connections: too short");
  memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kCtSavedMagic) return refuse("no snapshot of connections");
  if (header.version != kCtSavedVersion || header.record_bytes != sizeof(CtSaved)) {
    return refuse("a snapshot of connections of another version");
  }
  if (bytes.size() - sizeof header != uint64_t{header.count} * sizeof(CtSaved)) {
    return refuse("a snapshot of connections that was cut short");
  }
  const uint8_t* at = bytes.data() + sizeof header;
  if (snapshot_checksum(at, bytes.size() - sizeof header) != header.checksum) return refuse("a damaged snapshot of connections");
  CtRestored result;
  CtRestorer restorer(shared, now);
  for (uint32_t i = 0; i < header.count; ++i, at += sizeof(CtSaved)) {
    CtSaved saved;
    memcpy(&saved, at, sizeof saved);
    ++(restorer.restore(saved) ? result.restored : result.skipped);
  }
  return result;
}

}  // namespace vswitch
