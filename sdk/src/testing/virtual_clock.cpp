#include "testing/virtual_clock.h"

#include <algorithm>

namespace temporal::testing {

VirtualClock::Id VirtualClock::at(Time when, std::move_only_function<void()> due) {
  const Id id = ++last_;
  when = std::max(when, now());
  due_.emplace(std::pair(when, id), std::move(due));
  when_.emplace(id, when);
  return id;
}

VirtualClock::Id VirtualClock::after(std::chrono::milliseconds duration,
                                     std::move_only_function<void()> due) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365 * 100);
  return at(now() + std::min(duration, kLongest), std::move(due));
}

void VirtualClock::cancel(Id& id) {
  if (auto when = when_.extract(std::exchange(id, 0))) due_.erase({when.mapped(), when.key()});
}

void VirtualClock::jump() {
  const auto instant = due_.begin()->first.first;
  now_ = instant;
  while (!due_.empty() && due_.begin()->first.first == instant) {
    auto next = due_.extract(due_.begin());
    when_.erase(next.key().second);
    next.mapped()();
  }
}

}  // namespace temporal::testing
