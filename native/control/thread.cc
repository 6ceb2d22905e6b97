#include "control/thread.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <csignal>
#include <future>
#include <thread>
#include <utility>

namespace vswitch {

ControlThread::ControlThread() : queue_(std::make_shared<Queue>()) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([queue = queue_] { main(queue); });
  pthread_setname_np(thread.native_handle(), "vswitch-control");
  thread.detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ControlThread::~ControlThread() {
  const std::lock_guard lock(queue_->mutex);
  queue_->ended = true;
  queue_->wake.notify_one();
}

void ControlThread::post(std::function<void()> job) {
  const std::lock_guard lock(queue_->mutex);
  queue_->jobs.push_back(std::move(job));
  queue_->wake.notify_one();
}

void ControlThread::run(const std::function<void()>& job) {
  std::promise<void> done;
  post([&] {
    job();
    done.set_value();
  });
  done.get_future().wait();
}

void ControlThread::main(const std::shared_ptr<Queue>& queue) {
  prctl(PR_SET_TIMERSLACK, 1000);  // ns: who waits for workers sleeps for some microseconds, not for the usual 50 more
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(queue->mutex);
      queue->wake.wait(lock, [&] { return !queue->jobs.empty() || queue->ended; });
      if (queue->jobs.empty()) return;
      job = std::move(queue->jobs.front());
      queue->jobs.pop_front();
    }
    job();
  }
}

}  // namespace vswitch
