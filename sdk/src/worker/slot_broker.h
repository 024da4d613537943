// Between Core, which asks for slots on its own threads, and a SlotSupplier, which is the user's code
// and runs on the executor.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "bridge/slots.h"
#include "temporal/executor.h"
#include "temporal/log.h"
#include "temporal/tuner.h"
#include "worker/timer_queue.h"

namespace temporal::detail {

// Calls of the supplier go through a queue, which one post to the executor empties: so they come in
// the order of Core's. What waits there stands for a slot, a reservation or a spare each.
//
// Core's try_reserve wants its answer at once. It gets a spare slot, which was reserved after the
// last time that it asked in vain. Nobody else may miss that one: a reservation takes it first, and
// it is given back when it was not taken for a while.
class SlotBroker final : public bridge::CustomSlots,
                         public std::enable_shared_from_this<SlotBroker> {
 public:
  static constexpr std::chrono::milliseconds kSpareLife{500};
  static constexpr std::chrono::milliseconds kRetryPause{1000};

  struct Places {
    std::shared_ptr<Executor> executor = {};  // required
    std::shared_ptr<TimerQueue> timers = {};  // required
    Logger logger = {};
  };
  SlotBroker(std::shared_ptr<SlotSupplier> supplier, Places places);

  void reserve(std::uint64_t reservation, const tb_slot_request& request,
               bridge::SlotPromise promise) override;
  void abandon(std::uint64_t reservation) override;
  std::uint64_t try_reserve(const tb_slot_request& request) override;
  void mark_used(std::uint64_t permit, const tb_slot_use& use) override;
  void release(std::uint64_t permit) override;
  void close(std::shared_ptr<bridge::CustomSlots> self) override;

 private:
  struct Reservation {
    SlotRequest request;
    bridge::SlotPromise promise;
    bool abandoned = false;
    std::optional<Async<SlotPermit>> call = {};
  };
  using Work = std::move_only_function<void()>;

  void enqueue(Work work);  // never under the lock
  void drain();
  void guarded(const char* what, const std::function<void()>& call) const;
  void ask(std::uint64_t reservation);
  void answered(std::uint64_t reservation, Outcome<SlotPermit> outcome);
  void failed(std::uint64_t reservation, const std::exception_ptr& error);
  void make_spare(SlotRequest request);
  void return_spare(std::uint64_t permit);
  std::uint64_t keep(SlotPermit permit);  // under the lock
  std::uint64_t take_spare();             // under the lock; 0: there is none

  const std::shared_ptr<SlotSupplier> supplier_;
  const Places places_;
  std::mutex mutex_;
  std::deque<Work> queue_;
  bool draining_ = false;
  bool closed_ = false;
  std::map<std::uint64_t, Reservation> reservations_;
  std::map<std::uint64_t, SlotPermit> permits_;
  std::uint64_t last_permit_ = 0;
  std::uint64_t spare_ = 0;  // its permit
};

}  // namespace temporal::detail
