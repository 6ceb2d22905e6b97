// The native control thread: the single writer of all native state. Runs jobs in the order in which they come, with every signal
// blocked, so that signals reach Node's own threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace vswitch {

class ControlThread {
 public:
  ControlThread();
  // Runs what is queued, then ends the thread. Detached on purpose: a joinable static thread would abort the process at exit.
  ~ControlThread();
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  void post(std::function<void()> job);
  // Posts and waits until the job has run.
  void run(const std::function<void()>& job);

 private:
  struct Queue {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> jobs;
    bool ended = false;
  };

  static void main(const std::shared_ptr<Queue>& queue);

  std::shared_ptr<Queue> queue_;
};

}  // namespace vswitch
