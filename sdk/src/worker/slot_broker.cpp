#include "worker/slot_broker.h"

#include <exception>
#include <utility>

#include "temporal/failure.h"

namespace temporal {

SlotSupplier::~SlotSupplier() = default;
std::optional<SlotPermit> SlotSupplier::try_reserve(SlotRequest) {
  return {};
}
void SlotSupplier::mark_used(const SlotPermit&, const SlotUse&) {}

namespace detail {

namespace {

SlotRequest kept(const tb_slot_request& r) {
  return {.kind = static_cast<SlotKind>(r.kind),
          .task_queue = bridge::text(r.task_queue),
          .worker_identity = bridge::text(r.worker_identity),
          .build_id = bridge::text(r.build_id),
          .reserved = r.reserved,
          .is_sticky = r.is_sticky};
}

}  // namespace

SlotBroker::SlotBroker(std::shared_ptr<SlotSupplier> supplier, Places places)
    : supplier_(std::move(supplier)), places_(std::move(places)) {}

void SlotBroker::enqueue(Work work) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    if (std::exchange(draining_, true)) return;
  }
  places_.executor->post([self = shared_from_this()] {
    Continuing mark;
    self->drain();
  });
}

void SlotBroker::drain() {
  std::unique_lock lock(mutex_);
  while (!queue_.empty()) {
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
  draining_ = false;
}

void SlotBroker::guarded(const char* what, const std::function<void()>& call) const {
  try {
    call();
  } catch (...) {
    places_.logger.error(std::string("a slot supplier's ") + what + " threw",
                         {{"reason", Failure::from(std::current_exception()).message()}});
  }
}

std::uint64_t SlotBroker::keep(SlotPermit permit) {
  permits_.emplace(++last_permit_, std::move(permit));
  return last_permit_;
}

std::uint64_t SlotBroker::take_spare() {
  return std::exchange(spare_, 0);
}

void SlotBroker::reserve(std::uint64_t reservation, const tb_slot_request& request,
                         bridge::SlotPromise promise) {
  std::unique_lock lock(mutex_);
  if (auto permit = take_spare()) {
    lock.unlock();
    if (!promise.keep(permit)) release(permit);
    return;
  }
  reservations_.emplace(reservation, Reservation{kept(request), std::move(promise)});
  lock.unlock();
  enqueue([this, reservation] { ask(reservation); });
}

void SlotBroker::ask(std::uint64_t reservation) {
  std::unique_lock lock(mutex_);
  auto found = reservations_.find(reservation);
  if (found == reservations_.end()) return;
  if (found->second.abandoned) {
    auto given_up = reservations_.extract(found);
    lock.unlock();
    return;  // and the promise goes, outside the lock
  }
  auto& asked = found->second;  // stays: only answered() takes it away
  lock.unlock();
  try {
    asked.call.emplace(supplier_->reserve(asked.request));
    asked.call->start([self = shared_from_this(), reservation](Outcome<SlotPermit> outcome) {
      self->enqueue([self = self.get(), reservation, outcome = std::move(outcome)]() mutable {
        self->answered(reservation, std::move(outcome));
      });
    });
  } catch (...) {
    failed(reservation, std::current_exception());
  }
}

void SlotBroker::answered(std::uint64_t reservation, Outcome<SlotPermit> outcome) {
  if (!outcome) return failed(reservation, outcome.error());
  std::unique_lock lock(mutex_);
  auto done = reservations_.extract(reservation);
  auto permit = keep(std::move(*outcome));
  lock.unlock();
  if (!done.mapped().promise.keep(permit)) release(permit);
}

void SlotBroker::failed(std::uint64_t reservation, const std::exception_ptr& error) {
  std::unique_lock lock(mutex_);
  auto& asked = reservations_.find(reservation)->second;
  if (asked.abandoned || closed_) {
    auto given_up = reservations_.extract(reservation);
    lock.unlock();
    return;
  }
  lock.unlock();
  asked.call.reset();
  places_.logger.error("a slot supplier's reserve failed",
                       {{"reason", Failure::from(error).message()}});
  places_.timers->schedule(kRetryPause, [broker = weak_from_this(), reservation] {
    if (auto self = broker.lock())
      self->enqueue([self = self.get(), reservation] { self->ask(reservation); });
  });
}

void SlotBroker::abandon(std::uint64_t reservation) {
  {
    std::lock_guard lock(mutex_);
    auto found = reservations_.find(reservation);
    if (found == reservations_.end()) return;
    found->second.abandoned = true;
  }
  enqueue([this, reservation] {
    std::unique_lock lock(mutex_);
    auto found = reservations_.find(reservation);
    if (found == reservations_.end()) return;
    auto& asked = found->second;
    lock.unlock();  // no other work touches it meanwhile
    if (asked.call) asked.call->cancel();
  });
}

std::uint64_t SlotBroker::try_reserve(const tb_slot_request& request) {
  std::uint64_t permit = 0;
  {
    std::lock_guard lock(mutex_);
    permit = take_spare();
  }
  enqueue([this, request = kept(request)]() mutable { make_spare(std::move(request)); });
  return permit;
}

void SlotBroker::make_spare(SlotRequest request) {
  {
    std::lock_guard lock(mutex_);
    if (closed_ || spare_ != 0 || !reservations_.empty()) return;
  }
  std::optional<SlotPermit> made;
  guarded("try_reserve", [&] { made = supplier_->try_reserve(std::move(request)); });
  if (!made) return;
  std::uint64_t permit = 0;
  bool wanted = false;
  {
    std::lock_guard lock(mutex_);
    permit = keep(std::move(*made));
    wanted = !closed_ && reservations_.empty();
    if (wanted) spare_ = permit;
  }
  if (!wanted) return release(permit);
  places_.timers->schedule(kSpareLife, [broker = weak_from_this(), permit] {
    if (auto self = broker.lock()) self->return_spare(permit);
  });
}

void SlotBroker::return_spare(std::uint64_t permit) {
  {
    std::lock_guard lock(mutex_);
    if (spare_ != permit) return;
    spare_ = 0;
  }
  release(permit);
}

void SlotBroker::mark_used(std::uint64_t permit, const tb_slot_use& use) {
  SlotUse copy = {.workflow_type = bridge::text(use.workflow_type),
                  .activity_type = bridge::text(use.activity_type),
                  .is_sticky = use.is_sticky};
  enqueue([this, permit, use = std::move(copy)] {
    std::unique_lock lock(mutex_);
    auto found = permits_.find(permit);
    if (found == permits_.end()) return;
    lock.unlock();  // only a later work takes it away
    guarded("mark_used", [&] { supplier_->mark_used(found->second, use); });
  });
}

void SlotBroker::release(std::uint64_t permit) {
  enqueue([this, permit] {
    std::unique_lock lock(mutex_);
    auto released = permits_.extract(permit);
    lock.unlock();
    if (released) guarded("release", [&] { supplier_->release(std::move(released.mapped())); });
  });
}

void SlotBroker::close(std::shared_ptr<bridge::CustomSlots> self) {
  std::uint64_t spare = 0;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    spare = take_spare();
  }
  if (spare != 0) release(spare);
  enqueue([self = std::move(self)] {});
}

}  // namespace detail
}  // namespace temporal
