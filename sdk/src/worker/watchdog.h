// Notices work that takes too long: a workflow that blocks instead of awaiting.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace temporal::detail {

// Everything watched has the same limit, so the oldest is due first. The thread is made at the
// first watch, and sleeps for good when nothing was watched for one limit's time: watching costs
// a lock, no wake-up.
class Watchdog {
 public:
  explicit Watchdog(std::chrono::steady_clock::duration limit);  // zero: watches nothing
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // From its construction to its destruction something runs. If that takes longer than the limit,
  // `late` is called once, on the watchdog's thread; it has returned when the Watch is destroyed.
  class Watch {
   public:
    Watch(Watchdog& dog, std::move_only_function<void()> late);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class Watchdog;
    Watchdog& dog_;
    std::move_only_function<void()> late_;
    std::chrono::steady_clock::time_point due_;
    std::list<Watch*>::iterator place_;
    bool listed_ = false;
  };

 private:
  void work();

  const std::chrono::steady_clock::duration limit_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool closed_ = false;
  bool asleep_ = false;  // nothing will wake the thread but a notification
  std::list<Watch*> watches_;
  const Watch* telling_ = nullptr;  // whose `late` is being called
  std::condition_variable told_;
  std::thread thread_;
};

}  // namespace temporal::detail
