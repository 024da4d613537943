#include "testing/simulator.h"

#include <google/rpc/status.pb.h>

#include <algorithm>
#include <future>
#include <utility>

#include "data/proto.h"

namespace temporal::testing {

namespace {

// An activity that takes longer, of real time, lets others run beside it.
constexpr std::chrono::milliseconds kAlone(100);

// The first entry that serves the queue by name, else the one for all queues.
template <class Has>
const Hosted* host(const std::list<Hosted>& hosts, const std::string& queue, Has has) {
  const Hosted* any = nullptr;
  for (const auto& h : hosts) {
    if (!has(h)) continue;
    if (h.task_queue == queue) return &h;
    if (h.task_queue.empty()) any = &h;
  }
  return any;
}

}  // namespace

void refuse(RpcCode code, const std::string& what) {
  throw RpcError(code, what);
}
void refuse(RpcCode code, const std::string& what, const google::protobuf::Message& detail) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(what);
  status.add_details()->PackFrom(detail);
  throw RpcError(code, what, status.SerializeAsString());
}

Simulator::Simulator(SimulatedOptions options)
    : options_(std::move(options)),
      logger_(options_.client.runtime->logger("simulator")),
      clock_(options_.start_time),
      loop_({.patience = options_.patience, .max_skips = options_.max_skips}, clock_, *this) {
  add_host({.registry = options_.registry,
            .failure_types = options_.failure_types,
            .patch_activation_callback = options_.patch_activation_callback,
            .workflow_interceptors = options_.workflow_interceptors,
            .activity_interceptors = options_.activity_interceptors});
}

void Simulator::do_on_loop(std::move_only_function<void()> work) {
  std::promise<void> done;
  loop_.post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

std::uint64_t Simulator::add_host(Hosted host) {
  do_on_loop([&] {
    host.id = ++last_host_;
    hosts_.push_back(std::move(host));
    take_up_what_waits();
  });
  return last_host_;
}

void Simulator::remove_host(std::uint64_t id) {
  do_on_loop([&] { std::erase_if(hosts_, [id](const Hosted& h) { return h.id == id; }); });
}

void Simulator::take_up_what_waits() {
  for (auto& [id, run] : runs_) {
    if (!run->open()) continue;
    if (!run->no_worker.empty() && !std::exchange(run->ready, true)) ready_.push_back(run);
    for (auto& [seq, activity] : run->activities)
      if (activity->state == Activity::State::queued &&
          std::ranges::find(to_start_, std::pair(run, activity)) == to_start_.end())
        to_start_.emplace_back(run, activity);
  }
}

void Simulator::call(RpcRequest request, std::stop_token stop, Answered answered) {
  auto timeout = request.options.timeout;
  auto other_stop = request.options.stop;
  auto shared = std::make_shared<RpcRequest>(std::move(request));
  loop_.call([this, shared] { return ask(*shared); }, timeout, std::move(stop),
             std::move(other_stop), std::move(answered));
}

void Simulator::sleep(std::chrono::milliseconds duration) {
  auto slept = std::make_shared<std::promise<Answer>>();
  auto wakes = slept->get_future();
  loop_.call(
      [this, duration] {
        auto over = std::make_shared<bool>(false);
        clock_.after(duration, [over] { *over = true; });
        return Ask{
            .answer = [over]() -> std::optional<Answer> {
              if (!*over) return {};
              return Answer();
            },
            .waits = true,
            .waits_for = [] { return std::string("time stands still while an activity runs"); }};
      },
      {}, {}, {}, [slept](Answer answer) { slept->set_value(std::move(answer)); });
  if (auto answer = wakes.get(); !answer) throw std::move(answer.error());
}

void Simulator::end() {
  std::lock_guard lock(ending_);
  if (std::exchange(ended_, true)) return;
  do_on_loop([&] {
    for (auto& [token, attempt] : attempts_)
      attempt->cancel(coresdk::activity_task::WORKER_SHUTDOWN);
  });
  loop_.end();
  for (auto& [token, attempt] : attempts_) attempt->end();
  attempts_.clear();  // waits for them
  to_start_.clear();
  ready_.clear();
  latest_.clear();
  runs_.clear();
}

bool Simulator::step() {
  if (!ready_.empty()) {
    auto run = std::move(ready_.front());
    ready_.pop_front();
    run->ready = false;
    if (run->open()) activate(run, std::exchange(run->jobs, {}));
    return true;
  }
  return !to_start_.empty() && !busy_until() && start_attempt();
}

std::optional<std::chrono::steady_clock::time_point> Simulator::busy_until() const {
  std::optional<std::chrono::steady_clock::time_point> until;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [token, attempt] : attempts_) {
    const auto limit = attempt->awake_since() + kAlone;
    if (!attempt->asleep() && now < limit && (!until || *until < limit)) until = limit;
  }
  return until;
}

bool Simulator::time_may_jump() const {
  return std::ranges::all_of(attempts_, [](const auto& a) { return a.second->asleep(); });
}

const Hosted* Simulator::host_of_workflows(const std::string& task_queue) const {
  return host(hosts_, task_queue, [](const Hosted& h) { return h.registry.has_workflows(); });
}
const Hosted* Simulator::host_of_activities(const std::string& task_queue) const {
  return host(hosts_, task_queue, [](const Hosted& h) {
    return h.registry.has_activities() && !h.local_activities_only;
  });
}

}  // namespace temporal::testing
