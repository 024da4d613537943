#include "temporal/session.h"

#include <stdexcept>
#include <utility>

#include "workflow/checks.h"
#include "workflow/session_signal.h"

namespace temporal::session {

using workflow::Task;

struct detail::SessionState {
  std::string id = {};
  std::string host = {};  // empty until the host's signal
  State state = State::open;
  std::optional<Failure> failure = {};
  workflow::Scope holding = {};     // the activity that stands for the session
  workflow::Scope activities = {};  // those that run in it
};

namespace {

using Shared = std::shared_ptr<detail::SessionState>;

Task<> watch(Shared session, workflow::Future<void> hold) {
  auto end = co_await hold.settled();
  if (session->state != State::open) co_return;
  session->state = State::failed;
  session->failure = end ? ApplicationFailure("the host ended the session").failure() : end.error();
  session->activities.cancel("the session has failed");
}

workflow::Future<void> hold(const Shared& session, const std::string& queue, const Options& o) {
  using Input = detail::HoldInput;
  return workflow::Future<void>::of(temporal::detail::execute_in(
      session->holding.shared(),
      {.name = std::string(detail::hold_session.name),
       .options = {.task_queue = queue,
                   .start_to_close_timeout = o.execution_timeout,
                   .schedule_to_start_timeout = o.creation_timeout,
                   .heartbeat_timeout = o.heartbeat_timeout,
                   .retry_policy = {{.maximum_attempts = 1}},
                   .summary = "session " + session->id},
       .args = temporal::detail::Arguments<Input>::pack(Input{.session_id = session->id})}));
}

void check(const std::string& queue, const Options& o) {
  const std::string call = "session::Options";
  if (queue.empty()) temporal::detail::refuse(call, "task_queue, that of the hosts, is empty");
  for (const auto& [name, value] : {std::pair("creation_timeout", o.creation_timeout),
                                    std::pair("execution_timeout", o.execution_timeout),
                                    std::pair("heartbeat_timeout", o.heartbeat_timeout)})
    if (value <= value.zero())
      temporal::detail::refuse(call, std::string(name) + " is not above zero");
}

Task<Session> open(std::string queue, Options options) {
  check(queue, options);
  auto session = std::make_shared<detail::SessionState>();
  session->id = workflow::uuid4();
  const auto signal = detail::signal_name(session->id);
  workflow::set_signal_handler(
      SignalType<void(detail::Opened)>{signal},
      [session](detail::Opened opened) { session->host = std::move(opened.task_queue); });
  // Its end is told by the state.
  [[maybe_unused]] auto watching = workflow::spawn(watch(session, hold(session, queue, options)));
  co_await workflow::wait_until(
      [session] { return !session->host.empty() || session->state != State::open; });
  workflow::set_signal_handler(SignalType<void(detail::Opened)>{signal}, nullptr);
  if (session->failure) throw_failure(*session->failure);
  co_return Session(session);
}

}  // namespace

Session::Session(std::shared_ptr<detail::SessionState> state) : state_(std::move(state)) {}
State Session::state() const {
  return state_->state;
}
const std::optional<Failure>& Session::failure() const {
  return state_->failure;
}
const std::string& Session::id() const {
  return state_->id;
}
const std::string& Session::task_queue() const {
  return state_->host;
}

workflow::Future<Value> Session::execute(workflow::ActivityInput in) const {
  if (state_->state == State::completed) throw std::logic_error("the session was completed");
  in.options.task_queue = state_->host;
  return temporal::detail::execute_in(state_->activities.shared(), std::move(in));
}

void Session::complete() const {
  if (state_->state != State::open) return;
  state_->state = State::completed;
  state_->holding.cancel("the session was completed");
}

Task<Session> create(Options options) {
  auto queue = options.task_queue;
  co_return co_await open(std::move(queue), std::move(options));
}
Task<Session> recreate(std::string host, Options options) {
  co_return co_await open(std::move(host), std::move(options));
}

}  // namespace temporal::session
