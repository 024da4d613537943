#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

#include "client/messages.h"
#include "temporal/session.h"
#include "workflow/session_signal.h"

namespace temporal::session {

namespace {

using std::chrono::milliseconds;

// Between heartbeats, at most: so long a session that is to end keeps its room.
constexpr milliseconds kLongestPause = std::chrono::seconds(1);
constexpr milliseconds kShortestPause(50);

// One place of a host, as long as its session.
class Seat {
 public:
  Seat(std::atomic<std::size_t>& taken, std::size_t most) : taken_(taken) {
    if (taken_.fetch_add(1) < most) return;
    --taken_;
    throw ApplicationFailure("the host has no room for another session",
                             {.type = "SessionHostFull", .non_retryable = true});
  }
  ~Seat() { --taken_; }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  std::atomic<std::size_t>& taken_;
};

}  // namespace

class Host::Impl {
 public:
  Impl(Client client, HostOptions options)
      : client_(client),
        queue_(options.task_queue + "/" + temporal::detail::new_uuid()),
        max_sessions_(options.max_sessions),
        group_(std::move(client), {}, workers(std::move(options))) {}

  const std::string& queue() const { return queue_; }
  std::size_t sessions() const { return taken_; }
  WorkerGroup& group() { return group_; }

 private:
  std::vector<WorkerOptions> workers(HostOptions options);
  // A Temporal activity: it lasts as long as the session.
  Async<void> hold(activity::Context context, detail::HoldInput input);

  const Client client_;
  const std::string queue_;
  const std::size_t max_sessions_;
  std::atomic<std::size_t> taken_ = 0;
  WorkerGroup group_;  // last: it ends first
};

std::vector<WorkerOptions> Host::Impl::workers(HostOptions options) {
  if (options.max_sessions == 0)
    throw std::invalid_argument("session::HostOptions: max_sessions is 0");
  Registry holding;
  holding.activity(detail::hold_session, &Impl::hold, std::ref(*this));
  WorkerOptions shared = {.task_queue = std::move(options.task_queue),
                          .registry = holding,
                          .identity = options.worker.identity,
                          .max_concurrent_activities = max_sessions_,
                          .max_activities_per_second = {},
                          .graceful_shutdown_timeout = options.worker.graceful_shutdown_timeout,
                          .executor = options.worker.executor};
  auto& own = options.worker;
  own.task_queue = queue_;
  own.registry = std::move(options.registry);
  own.registry.activity(detail::hold_session, &Impl::hold, std::ref(*this));
  return {std::move(shared), std::move(own)};
}

Async<void> Host::Impl::hold(activity::Context context, detail::HoldInput input) {
  Seat seat(taken_, max_sessions_);
  const auto& info = context.info();
  const auto name = detail::signal_name(input.session_id);
  co_await client_.workflow_handle<>(info.workflow_id, info.workflow_run_id)
      .signal(SignalType<void(detail::Opened)>{name}, {.task_queue = queue_});
  const auto timeout = info.heartbeat_timeout.value_or(kLongestPause);
  const auto pause = std::clamp(timeout / 4, kShortestPause, kLongestPause);
  while (true) {  // until the sleep throws
    context.heartbeat();
    co_await activity::sleep(pause, context);
  }
}

Host::Host(Client client, HostOptions options)
    : impl_(std::make_unique<Impl>(std::move(client), std::move(options))) {}
Host::~Host() = default;
Host::Host(Host&&) noexcept = default;
void Host::run(std::stop_token stop) {
  impl_->group().run(std::move(stop));
}
void Host::start() {
  impl_->group().start();
}
void Host::shutdown() {
  impl_->group().shutdown();
}
const std::string& Host::task_queue() const {
  return impl_->queue();
}
std::size_t Host::sessions() const {
  return impl_->sessions();
}
WorkerGroupStatus Host::status() const {
  return impl_->group().status();
}

}  // namespace temporal::session
