#include "control/courier.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

using namespace vswitch;

namespace {

constexpr uint32_t kWorkers = 2;
constexpr auto kPatience = std::chrono::seconds(20);  // a machine may be busy

using Record = std::vector<uint8_t>;

// A frame of so many bytes, each of which is its number.
Record record_of(uint32_t length, uint8_t worker, uint8_t kind = 0, uint16_t port = 1) {
  const PuntRecord header{length, kind, worker, port, 0, 0};
  Record record(punt_bytes(length));
  memcpy(record.data(), &header, sizeof header);
  for (uint32_t i = 0; i < length; ++i) record[sizeof header + i] = static_cast<uint8_t>(length + i);
  return record;
}

bool give(ByteRing& ring, const Record& record) {
  uint8_t* const to = ring.reserve(record.size());
  if (to == nullptr) return false;
  memcpy(to, record.data(), record.size());
  ring.publish();
  return true;
}

// A channel that a courier serves, with the plugins' end of its socket.
class Served {
 public:
  explicit Served(uint32_t queue_bytes = 1 << 16) {
    auto made = PuntChannel::open({1, queue_bytes, 0}, kWorkers, plugins);
    REQUIRE(made.ok());
    channel = std::move(made.value());
    courier.add(*channel);
  }
  ~Served() {
    courier.remove(*channel);
    if (plugins >= 0) close(plugins);
  }

  ByteRing& to(uint32_t worker) { return *channel->lanes().lanes[worker]->to_plugins; }
  ByteRing& from(uint32_t worker) { return *channel->lanes().lanes[worker]->from_plugins; }

  // What comes out of the socket, until so many bytes have come.
  Record read_bytes(size_t bytes) {
    Record read(bytes);
    size_t got = 0;
    while (got < bytes) {
      pollfd socket{plugins, POLLIN, 0};
      if (poll(&socket, 1, 20'000) != 1) break;
      const ssize_t more = recv(plugins, &read[got], bytes - got, 0);
      if (more <= 0) break;
      got += static_cast<size_t>(more);
    }
    read.resize(got);
    return read;
  }
  void write_bytes(const Record& bytes) { REQUIRE(send(plugins, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0); }

  template <typename Condition>
  bool becomes(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  bool is_open() const { return channel->lanes().of(0) != nullptr; }

  int plugins = -1;
  std::unique_ptr<PuntChannel> channel;
  Courier courier;
};

}  // namespace

TEST_CASE("records of all workers come out of the socket whole") {
  Served served;
  const std::vector<Record> records = {record_of(60, 0), record_of(61, 1), record_of(0, 0), record_of(1514, 1)};
  size_t bytes = 0;
  for (const Record& record : records) {
    REQUIRE(give(served.to(record[5]), record));
    bytes += record.size();
  }
  const Record read = served.read_bytes(bytes);
  REQUIRE(read.size() == bytes);
  size_t found = 0;
  for (size_t at = 0; at < read.size();) {
    PuntRecord header;
    memcpy(&header, &read[at], sizeof header);
    for (const Record& record : records) {
      found += record.size() == punt_bytes(header.length) && memcmp(record.data(), &read[at], record.size()) == 0;
    }
    at += punt_bytes(header.length);
  }
  CHECK(found == records.size());
}

TEST_CASE("a socket that nobody reads loses nothing of what it took, and breaks no record") {
  Served served;
  // As much as the socket and the rings hold.
  uint32_t given = 0;
  for (uint32_t refused = 0; refused < 200;) {
    const auto worker = static_cast<uint8_t>(given % kWorkers);
    if (give(served.to(worker), record_of(1000, worker))) {
      ++given;
      refused = 0;
    } else {
      ++refused;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  CHECK(given > kWorkers * 64);
  const Record zero = record_of(1000, 0);
  const Record one = record_of(1000, 1);
  uint32_t broken = 0;
  for (uint32_t i = 0; i < given; ++i) {
    const Record read = served.read_bytes(zero.size());
    if (read != zero && read != one) ++broken;
  }
  CHECK(broken == 0);
}

TEST_CASE("what plugins write comes to the worker that they name, whatever pieces it comes in") {
  Served served;
  Record stream;
  for (const Record& record : {record_of(60, 1), record_of(61, 0), record_of(9728, 1), record_of(14, 1)}) {
    stream.insert(stream.end(), record.begin(), record.end());
  }
  for (size_t at = 0; at < stream.size(); at += 7) {
    served.write_bytes(
        {stream.begin() + static_cast<long>(at), stream.begin() + static_cast<long>(std::min(at + 7, stream.size()))});
  }
  const size_t of_one = punt_bytes(60) + punt_bytes(9728) + punt_bytes(14);
  CHECK(served.becomes([&] { return served.from(1).readable().size() == of_one; }));
  CHECK(served.from(0).readable().size() == punt_bytes(61));
}

TEST_CASE("plugins that write faster than workers read have to wait, and lose nothing") {
  Served served(4096);
  constexpr uint32_t kRecords = 3000;
  std::thread plugins([&] {
    for (uint32_t i = 0; i < kRecords; ++i) served.write_bytes(record_of(1000, 0));
  });
  const Record expected = record_of(1000, 0);
  uint32_t read = 0;
  uint32_t broken = 0;
  CHECK(served.becomes([&] {
    for (auto bytes = served.from(0).readable(); bytes.size() >= expected.size(); bytes = served.from(0).readable()) {
      broken += memcmp(bytes.data(), expected.data(), expected.size()) != 0;
      served.from(0).consume(expected.size());
      ++read;
    }
    return read == kRecords;
  }));
  CHECK(broken == 0);
  plugins.join();
}

TEST_CASE("a malformed record ends it, and what came before it counts") {
  for (const Record& bad : {record_of(9729, 0), record_of(60, kWorkers), record_of(60, 0, 2)}) {
    Served served;
    served.write_bytes(record_of(60, 0));
    served.write_bytes(bad);
    CHECK(served.becomes([&] { return !served.is_open(); }));
    CHECK(served.from(0).readable().size() == punt_bytes(60));
    CHECK(served.read_bytes(1).empty());
  }
}

TEST_CASE("plugins that are gone are known to be") {
  Served served;
  CHECK(served.is_open());
  close(served.plugins);
  served.plugins = -1;
  CHECK(served.becomes([&] { return !served.is_open(); }));
}
