#include "state/ct_tcp.h"

#include "state/tracked.h"

using namespace vswitch;
using namespace vswitch::test;

namespace {

const CtTuple kForth = tuple(6, 0x0a000001, 1000, 0x0a000002, 80);
const CtTuple kBack = back(kForth);

void open(Tracked& tracked, uint32_t isn = 100, uint32_t other_isn = 500) {
  CHECK(tracked.state(segment(kForth, kSyn, isn)) == kNewTracked);
  CHECK(tracked.state(segment(kBack, kSyn | kAck, other_isn, isn + 1)) == kReplied);
  CHECK(tracked.state(segment(kForth, kAck, isn + 1, other_isn + 1)) == kKnown);
  CHECK(tracked.only() == CtState::established);
}

CtOptions checked() {
  CtOptions options = Tracked::options();
  options.check_window = true;
  return options;
}

}  // namespace

TEST_CASE("ct tcp: a connection from SYN to time-wait, segment by segment") {
  Tracked tracked;
  CHECK(tracked.state(segment(kForth, kSyn)) == kNewTracked);
  CHECK(tracked.only() == CtState::syn_sent);
  CHECK(tracked.state(segment(kForth, kSyn)) == kNewTracked);  // again: still nobody has answered
  CHECK(tracked.counter(CtCounter::half_open) == 1);
  CHECK(tracked.state(segment(kBack, kSyn | kAck)) == kReplied);
  CHECK(tracked.only() == CtState::syn_recv);
  CHECK(tracked.state(segment(kBack, kSyn | kAck)) == kReplied);
  CHECK(tracked.only() == CtState::syn_recv);
  CHECK(tracked.counter(CtCounter::half_open) == 1);
  CHECK(tracked.state(segment(kForth, kAck)) == kKnown);
  CHECK(tracked.only() == CtState::established);
  CHECK(tracked.counter(CtCounter::half_open) == 0);
  CHECK(tracked.state(segment(kBack, kAck | kPsh)) == kReplied);
  CHECK(tracked.state(segment(kForth, kFin | kAck)) == kKnown);
  CHECK(tracked.only() == CtState::fin_wait);
  CHECK(tracked.state(segment(kForth, kFin | kAck)) == kKnown);  // again
  CHECK(tracked.state(segment(kBack, kAck)) == kReplied);
  CHECK(tracked.only() == CtState::fin_wait);
  CHECK(tracked.state(segment(kBack, kFin | kAck)) == kReplied);
  CHECK(tracked.only() == CtState::last_ack);
  CHECK(tracked.state(segment(kBack, kAck)) == kReplied);  // not the one that acknowledges
  CHECK(tracked.only() == CtState::last_ack);
  CHECK(tracked.state(segment(kForth, kAck)) == kKnown);
  CHECK(tracked.only() == CtState::time_wait);
  CHECK(tracked.counter(CtCounter::created) == 1);
}

TEST_CASE("ct tcp: the responder may close first") {
  Tracked tracked;
  open(tracked);
  tracked.track(segment(kBack, kFin | kAck));
  tracked.track(segment(kForth, kFin | kAck));
  CHECK(tracked.only() == CtState::last_ack);
  tracked.track(segment(kForth, kAck));
  CHECK(tracked.only() == CtState::last_ack);
  tracked.track(segment(kBack, kAck));
  CHECK(tracked.only() == CtState::time_wait);
}

TEST_CASE("ct tcp: a simultaneous open is one connection") {
  Tracked tracked;
  CHECK(tracked.state(segment(kForth, kSyn)) == kNewTracked);
  CHECK(tracked.state(segment(kBack, kSyn)) == kReplied);
  CHECK(tracked.only() == CtState::syn_recv);
  CHECK(tracked.state(segment(kForth, kSyn | kAck)) == kKnown);
  CHECK(tracked.only() == CtState::established);
  CHECK(tracked.state(segment(kBack, kSyn | kAck)) == kReplied);
  CHECK(tracked.only() == CtState::established);
}

TEST_CASE("ct tcp: illegal flags are invalid, without and with a connection") {
  Tracked tracked;
  uint64_t invalid = 0;
  for (const bool known : {false, true}) {
    if (known) open(tracked);
    for (const uint8_t flags : {0, +kFin, kSyn | kFin, kSyn | kRst, kSyn | kAck | kFin, +kPsh, +kUrg, kFin | kPsh | kUrg}) {
      CHECK(tracked.state(segment(kForth, flags)) == kInvalidTracked);
      CHECK(tracked.counter(CtCounter::invalid_flags) == ++invalid);
    }
    if (!known) CHECK(tracked.list().empty());
  }
  CHECK(tracked.only() == CtState::established);
}

TEST_CASE("ct tcp: what cannot begin a connection is invalid") {
  Tracked tracked;
  CHECK(tracked.state(segment(kForth, kSyn | kAck)) == kInvalidTracked);
  CHECK(tracked.state(segment(kForth, kRst)) == kInvalidTracked);
  CHECK(tracked.state(segment(kForth, kRst | kAck)) == kInvalidTracked);
  CHECK(tracked.counter(CtCounter::invalid_no_connection) == 3);
  CHECK(tracked.list().empty());
}

TEST_CASE("ct tcp: mid-stream is taken up where that is allowed") {
  Tracked loose;
  CHECK(loose.state(segment(kForth, kAck)) == kNewTracked);
  CHECK(loose.only() == CtState::established);
  CHECK(loose.counter(CtCounter::half_open) == 1);
  CHECK(loose.list()[0].timeout_ms == 120'000);  // not five days for one packet
  CHECK(loose.state(segment(kBack, kAck)) == kReplied);
  CHECK(loose.counter(CtCounter::half_open) == 0);
  CHECK(loose.list()[0].timeout_ms == 432'000'000);
  CtOptions options = Tracked::options();
  options.loose = false;
  Tracked strict(options);
  CHECK(strict.state(segment(kForth, kAck)) == kInvalidTracked);
  CHECK(strict.counter(CtCounter::invalid_no_connection) == 1);
}

TEST_CASE("ct tcp: a reset closes, and a SYN begins anew") {
  Tracked tracked;
  open(tracked);
  CHECK(tracked.state(segment(kBack, kRst)) == kReplied);
  CHECK(tracked.only() == CtState::closed);
  CHECK(tracked.list()[0].timeout_ms == 10'000);
  SUBCASE("from the same side") {
    CHECK(tracked.state(segment(kForth, kSyn)) == kNewTracked);
    CHECK(tracked.list()[0].original == kForth);
  }
  SUBCASE("from the other side") {
    CHECK(tracked.state(segment(kBack, kSyn)) == kNewTracked);
    CHECK(tracked.list()[0].original == kBack);
  }
  CHECK(tracked.only() == CtState::syn_sent);
  CHECK(tracked.counter(CtCounter::created) == 2);
  CHECK(tracked.counter(CtCounter::closed) == 1);
}

TEST_CASE("ct tcp: each state has its time-out") {
  Tracked tracked;
  const auto left = [&] { return tracked.list().at(0).timeout_ms; };
  tracked.track(segment(kForth, kSyn));
  CHECK(left() == 120'000);
  tracked.track(segment(kBack, kSyn | kAck));
  CHECK(left() == 60'000);
  tracked.track(segment(kForth, kAck));
  CHECK(left() == 432'000'000);
  tracked.track(segment(kForth, kFin | kAck));
  CHECK(left() == 120'000);
  tracked.track(segment(kBack, kFin | kAck));
  CHECK(left() == 30'000);
  tracked.track(segment(kForth, kAck));
  CHECK(left() == 120'000);
}

TEST_CASE("ct tcp: out of the window is invalid and changes nothing, where that is checked") {
  Tracked tracked(checked());
  open(tracked);
  CHECK(tracked.state(segment(kForth, kAck, 101, 501, 100)) == kKnown);
  CHECK(tracked.state(segment(kBack, kAck, 501, 201, 100)) == kReplied);
  CHECK(tracked.state(segment(kForth, kAck, 101, 501, 100)) == kKnown);  // a retransmission
  CHECK(tracked.state(segment(kForth, kAck, 150, 501, 100)) == kKnown);  // that overlaps
  CHECK(tracked.state(segment(kForth, kAck, 5000, 601)) == kInvalidTracked);
  CHECK(tracked.state(segment(kForth, kAck, 201, 10'000)) == kInvalidTracked);  // acknowledges what was never sent
  CHECK(tracked.state(segment(kBack, kRst, 90'000)) == kInvalidTracked);        // an injected reset
  CHECK(tracked.state(segment(kBack, kRst | kAck, 90'000, 201)) == kInvalidTracked);
  CHECK(tracked.state(segment(kBack, kFin | kAck, 90'000, 201)) == kInvalidTracked);
  CHECK(tracked.counter(CtCounter::invalid_window) == 5);
  CHECK(tracked.only() == CtState::established);
  CHECK(tracked.state(segment(kBack, kRst, 601)) == kReplied);
  CHECK(tracked.only() == CtState::closed);
}

TEST_CASE("ct tcp: windows scale where both sides offer it") {
  for (const uint8_t answer : {uint8_t{7}, kCtNoScale}) {
    Tracked tracked(checked());
    CHECK(tracked.state(segment(kForth, kSyn, 100, 0, 0, 1000, 4)) == kNewTracked);
    CHECK(tracked.state(segment(kBack, kSyn | kAck, 500, 101, 0, 1000, answer)) == kReplied);
    CHECK(tracked.state(segment(kForth, kAck, 101, 501, 0, 1000)) == kKnown);
    CHECK(tracked.state(segment(kBack, kAck, 501, 101, 0, 1000)) == kReplied);
    // The initiator may send 1,000 bytes, or 1,000 << 7.
    CHECK(tracked.state(segment(kForth, kAck, 101 + 100'000, 501, 100)) == (answer == 7 ? kKnown : kInvalidTracked));
  }
}

TEST_CASE("ct tcp: who answers a SYN acknowledges it") {
  Tracked tracked(checked());
  tracked.track(segment(kForth, kSyn, 100));
  CHECK(tracked.state(segment(kBack, kSyn | kAck, 500, 999)) == kInvalidTracked);
  CHECK(tracked.state(segment(kBack, kRst | kAck, 0, 999)) == kInvalidTracked);
  CHECK(tracked.only() == CtState::syn_sent);
  SUBCASE("refused") {
    CHECK(tracked.state(segment(kBack, kRst | kAck, 0, 101)) == kReplied);
    CHECK(tracked.only() == CtState::closed);
  }
  SUBCASE("another attempt of the initiator") {
    CHECK(tracked.state(segment(kForth, kSyn, 70'000'000)) == kNewTracked);
    CHECK(tracked.state(segment(kBack, kSyn | kAck, 500, 70'000'001)) == kReplied);
  }
}

TEST_CASE("ct tcp: with windows checked, simultaneous open and mid-stream are taken") {
  Tracked tracked(checked());
  SUBCASE("simultaneous open") {
    CHECK(tracked.state(segment(kForth, kSyn, 100, 0, 0, 1000, 2)) == kNewTracked);
    CHECK(tracked.state(segment(kBack, kSyn, 500, 0, 0, 1000, 2)) == kReplied);
    CHECK(tracked.state(segment(kForth, kSyn | kAck, 100, 501, 0, 1000, 2)) == kKnown);
    CHECK(tracked.state(segment(kBack, kSyn | kAck, 500, 101, 0, 1000, 2)) == kReplied);
    CHECK(tracked.state(segment(kForth, kAck, 101, 501, 500)) == kKnown);
  }
  SUBCASE("mid-stream") {
    CHECK(tracked.state(segment(kForth, kAck, 4'294'967'000, 77, 100)) == kNewTracked);
    CHECK(tracked.state(segment(kBack, kAck, 77, 4'294'967'100, 300)) == kReplied);
    CHECK(tracked.state(segment(kForth, kAck, 4'294'967'100, 377, 1000)) == kKnown);  // sequence numbers wrap
    CHECK(tracked.state(segment(kBack, kAck, 377, 804)) == kReplied);
    CHECK(tracked.state(segment(kBack, kRst, 900'000'000)) == kInvalidTracked);
  }
  SUBCASE("mid-stream, with acknowledgements of what was said before") {
    CHECK(tracked.state(segment(kForth, kAck, 100, 500)) == kNewTracked);
    CHECK(tracked.state(segment(kForth, kAck, 100, 9500)) == kNewTracked);
    CHECK(tracked.state(segment(kForth, kAck, 100, 900'000'000)) == kInvalidTracked);
    CHECK(tracked.state(segment(kBack, kAck, 9500, 100, 1000)) == kReplied);
    CHECK(tracked.state(segment(kForth, kAck, 100, 900'000'000)) == kInvalidTracked);  // nobody said that
  }
  SUBCASE("mid-stream, in a burst of who has a small window that scales") {
    CHECK(tracked.state(segment(kForth, kAck, 100, 500, 0, 400)) == kNewTracked);
    for (uint32_t seq = 500; seq < 30'500; seq += 1000) {
      CHECK(tracked.state(segment(kBack, kAck, seq, 100, 1000, 10)) == kReplied);
    }
    CHECK(tracked.state(segment(kBack, kAck, 900'000'000, 100, 1000, 10)) == kInvalidTracked);
  }
}
