// Read-copy-update over rte_rcu_qsbr: workers read one program at a time and report when they hold none; the control thread
// publishes a new one and frees the old when every worker has reported since. A worker that sleeps is off-line and waited for by
// nobody.
#pragma once

#include <rte_rcu_qsbr.h>

#include <cstdint>
#include <memory>

#include "base/hot.h"
#include "base/status.h"

namespace vswitch {

class Rcu {
 public:
  static Result<Rcu> make(uint32_t readers);

  // Reader side, by the reader's own thread.
  void online(uint32_t reader) noexcept {
    rte_rcu_qsbr_thread_register(qsbr_.get(), reader);
    rte_rcu_qsbr_thread_online(qsbr_.get(), reader);
  }
  void offline(uint32_t reader) noexcept { rte_rcu_qsbr_thread_offline(qsbr_.get(), reader); }
  void resume(uint32_t reader) noexcept { rte_rcu_qsbr_thread_online(qsbr_.get(), reader); }
  VSWITCH_INLINE void quiescent(uint32_t reader) noexcept { rte_rcu_qsbr_quiescent(qsbr_.get(), reader); }
  void gone(uint32_t reader) noexcept {
    rte_rcu_qsbr_thread_offline(qsbr_.get(), reader);
    rte_rcu_qsbr_thread_unregister(qsbr_.get(), reader);
  }

  // Writer side: returns when every reader that is on-line has been quiescent since the call. That is a burst's time, unless a
  // reader's core is somebody else's for a while: then the writer does not keep its own busy.
  void synchronize() noexcept;
  // The same without waiting, by any thread: a period that begins, and whether it is over.
  [[nodiscard]] uint64_t start() noexcept { return rte_rcu_qsbr_start(qsbr_.get()); }
  [[nodiscard]] bool over(uint64_t period) noexcept { return rte_rcu_qsbr_check(qsbr_.get(), period, false) == 1; }

 private:
  struct Free {
    void operator()(rte_rcu_qsbr* qsbr) const;
  };
  explicit Rcu(rte_rcu_qsbr* qsbr) : qsbr_(qsbr) {}

  std::unique_ptr<rte_rcu_qsbr, Free> qsbr_;
};

}  // namespace vswitch
