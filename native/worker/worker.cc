#include "worker/worker.h"

#include <rte_launch.h>
#include <sys/prctl.h>

namespace vswitch {

bool Worker::launch() { return rte_eal_remote_launch(main, this, lcore_) == 0; }

void Worker::join() { rte_eal_wait_lcore(lcore_); }

int Worker::main(void* self) {
  auto* worker = static_cast<Worker*>(self);
  // The kernel would round sleeps up by 50 us otherwise.
  prctl(PR_SET_TIMERSLACK, 1);
  worker->rcu_.online(worker->index_);
  worker->loop();
  worker->rcu_.gone(worker->index_);
  return 0;
}

}  // namespace vswitch
