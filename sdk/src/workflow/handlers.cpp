// Signals, updates and queries.
#include "workflow/run.h"

namespace temporal {
namespace detail {

namespace {

// "no handler for the update x; this workflow has: a b".
template <class Handlers>
Failure unknown(const char* kind, const std::string& name, const Handlers& handlers) {
  std::string message = "no handler for the " + std::string(kind) + " " + name;
  message += handlers.empty() ? "; this workflow has none" : "; this workflow has:";
  for (const auto& [known, handler] : handlers) message += " " + known;
  return Failure({.message = message,
                  .info = ApplicationFailureInfo{.type = "NotFoundError", .non_retryable = true}});
}

// A handler of the name that came was found before the interceptors were asked.
std::logic_error renamed(const char* kind, const std::string& name) {
  return std::logic_error("an interceptor gave the " + std::string(kind) + " the name " + name +
                          ", which has no handler");
}

void check_not_reserved(std::string_view name) {
  if (is_reserved(name))
    throw std::logic_error("\"" + std::string(name) + "\" is a name of Temporal's own");
}

// Stands among the running ones, however the handler ends.
class Attended {
 public:
  Attended(Run& run, const RunningHandler& handler)
      : running_(run.running_handlers), place_(running_.insert(running_.end(), &handler)) {}
  ~Attended() { running_.erase(place_); }
  Attended(const Attended&) = delete;
  Attended& operator=(const Attended&) = delete;

 private:
  std::list<const RunningHandler*>& running_;
  std::list<const RunningHandler*>::iterator place_;
};

class Validating {
 public:
  Validating(Run& run, std::shared_ptr<const workflow::UpdateInfo> update) : run_(run) {
    run_.validated = std::move(update);
  }
  ~Validating() { run_.validated = nullptr; }
  Validating(const Validating&) = delete;
  Validating& operator=(const Validating&) = delete;

 private:
  Run& run_;
};

// A signal has nobody to tell of its failure but the run. Its own cancellation is none: the request
// that caused it is the run's to answer.
workflow::Task<Value> attend_signal(Run* run, RunningHandler handler, workflow::Task<Value> body) {
  Attended attended(*run, handler);
  std::exception_ptr error;
  try {
    co_await std::move(body);
  } catch (...) {
    error = std::current_exception();
  }
  if (!error) co_return Value();
  auto failure = run->as_failure(error);
  if (!failure) std::rethrow_exception(error);
  if (failure->root().kind() != FailureKind::canceled || !run->cancel_request->settled())
    run->main->settle(std::move(*failure));
  co_return Value();
}

workflow::Task<Value> attend_update(Run* run, RunningHandler handler, std::string protocol_id,
                                    workflow::Task<Value> body) {
  Attended attended(*run, handler);
  std::exception_ptr error;
  Value answer;
  try {
    answer = co_await std::move(body);
  } catch (...) {
    error = std::current_exception();
  }
  auto refused = error ? run->as_failure(error) : std::nullopt;
  if (error && !refused) std::rethrow_exception(error);
  commands::UpdateResponse response;
  response.set_protocol_instance_id(protocol_id);
  if (refused)
    run->encode(*refused, response.mutable_rejected());
  else
    run->encode(answer, response.mutable_completed());
  *run->command().mutable_update_response() = std::move(response);
  co_return Value();
}

}  // namespace

// Whether there is a handler is decided before any of the activation's own runs, so that what comes
// under one name stays in order.
void Run::take_signal(const activation::SignalWorkflow& job) {
  if (handlers->signals.find(job.signal_name()))
    return ready.push_back({.start = [this, &job] { start_signal(job); }});
  buffer(job);
}
void Run::take_update(const activation::DoUpdate& job) {
  if (handlers->updates.find(job.name()))
    return ready.push_back({.start = [this, &job] { start_update(job); }});
  buffered_updates.push_back(&job);
}

void Run::buffer(const activation::SignalWorkflow& job) {
  if (buffered_signals.size() < kMaxBufferedSignals) return buffered_signals.push_back(job);
  logger().error("signal dropped: too many wait for a handler", {{"signal", job.signal_name()}});
}

void Run::release_buffered() {
  for (auto& job : std::exchange(buffered_signals, {})) {
    if (handlers->signals.find(job.signal_name()))
      ready.push_back({.start = [this, j = std::move(job)] { start_signal(j); }});
    else
      buffered_signals.push_back(std::move(job));
  }
  for (const auto* job : std::exchange(buffered_updates, {})) take_update(*job);
}

// The server wants to know at the end of the task whether an update is accepted.
void Run::reject_buffered_updates() {
  for (const auto* job : std::exchange(buffered_updates, {}))
    reject(*job, unknown("update", job->name(), handlers->updates.named));
}

void Run::reject(const activation::DoUpdate& job, const Failure& why) {
  auto& response = *command().mutable_update_response();
  response.set_protocol_instance_id(job.protocol_instance_id());
  encode(why, response.mutable_rejected());
}

void Run::start_signal(const activation::SignalWorkflow& job) {
  const auto* handler = handlers->signals.find(job.signal_name());
  if (!handler) return buffer(job);  // it was unbound meanwhile
  workflow::HandlerInput in{
      .name = job.signal_name(), .headers = from_proto(job.headers()), .args = values(job.input())};
  try {
    ReadOnly guard(*this);
    handler->decode(in.args);
  } catch (const ConversionError& e) {
    logger().error("signal dropped: its arguments do not decode",
                   {{"signal", job.signal_name()}, {"error", e.what()}});
    return;
  }
  RunningHandler running{.name = in.name, .policy = handler->options.unfinished_policy};
  start(attend_signal(this, std::move(running), inbound->handle_signal(std::move(in))),
        std::make_shared<FutureState>());
}

void Run::start_update(const activation::DoUpdate& job) {
  const auto* handler = handlers->updates.find(job.name());
  if (!handler) return buffered_updates.push_back(&job);  // it was unbound meanwhile
  workflow::HandlerInput in{.name = job.name(),
                            .id = job.id(),
                            .headers = from_proto(job.headers()),
                            .args = values(job.input())};
  const auto update = std::make_shared<const workflow::UpdateInfo>(job.id(), job.name());
  try {
    ReadOnly guard(*this);
    Validating validating(*this, update);
    handler->decode(in.args);
    if (job.run_validator()) inbound->validate_update(in);
  } catch (...) {
    return reject(job, Failure::from(std::current_exception()));
  }
  auto& response = *command().mutable_update_response();
  response.set_protocol_instance_id(job.protocol_instance_id());
  response.mutable_accepted();
  RunningHandler running{
      .name = in.name, .update_id = in.id, .policy = handler->options.unfinished_policy};
  start(attend_update(this, std::move(running), job.protocol_instance_id(),
                      inbound->handle_update(std::move(in))),
        std::make_shared<FutureState>(), update);
}

const workflow::UpdateInfo* Run::current_update() const {
  return validated ? validated.get() : current_scope().update.get();
}

namespace {
constexpr const char* kUnfinishedUpdates =
    "[TMPRL1102] Workflow finished while update handlers are still running. This may have "
    "interrupted work that the update handler was doing, and the client that sent the update will "
    "receive a 'workflow execution already completed' RpcError instead of the update result. You "
    "can wait for all update and signal handlers to complete by using `co_await "
    "workflow::wait_until(workflow::all_handlers_finished)`. Alternatively, if both you and the "
    "clients sending the update are okay with interrupting running handlers when the workflow "
    "finishes, and causing clients to receive errors, then you can disable this warning via the "
    "handler's option `.unfinished_policy = workflow::HandlerUnfinishedPolicy::abandon`.";
constexpr const char* kUnfinishedSignals =
    "[TMPRL1102] Workflow finished while signal handlers are still running. This may have "
    "interrupted work that the signal handler was doing. You can wait for all update and signal "
    "handlers to complete by using `co_await "
    "workflow::wait_until(workflow::all_handlers_finished)`. Alternatively, if you are okay with "
    "interrupting running handlers when the workflow finishes, then you can disable this warning "
    "via the handler's option `.unfinished_policy = "
    "workflow::HandlerUnfinishedPolicy::abandon`.";
}  // namespace

void Run::warn_of_unfinished_handlers() const {
  std::string updates, signals;
  for (const auto* handler : running_handlers) {
    if (handler->policy == workflow::HandlerUnfinishedPolicy::abandon) continue;
    auto& names = handler->update_id ? updates : signals;
    names += (names.empty() ? "" : ", ") + handler->name;
    if (handler->update_id) names += " (" + *handler->update_id + ")";
  }
  if (!updates.empty()) logger().warn(kUnfinishedUpdates, {{"unfinished", updates}});
  if (!signals.empty()) logger().warn(kUnfinishedSignals, {{"unfinished", signals}});
}

// Whatever goes wrong is the query's failure, never the task's.
void Run::answer(const activation::QueryWorkflow& job) {
  commands::QueryResult result;
  result.set_query_id(job.query_id());
  try {
    ReadOnly guard(*this);
    auto answer = is_reserved(job.query_type())
                      ? of_itself(job.query_type())
                      : inbound->handle_query({.name = job.query_type(),
                                               .id = job.query_id(),
                                               .headers = from_proto(job.headers()),
                                               .args = values(job.arguments())});
    encode(answer, result.mutable_succeeded()->mutable_response());
  } catch (...) {
    encode(Failure::from(std::current_exception()), result.mutable_failed());
  }
  *command().mutable_respond_to_query() = std::move(result);
}

[[clang::coro_wrapper]] workflow::Task<Value> Inbound::execute(workflow::ExecuteInput in) {
  return run_.definition->run.run(run_.object.get(), run_.info.workflow_type, std::move(in.args))
      .task;
}
[[clang::coro_wrapper]] workflow::Task<Value> Inbound::handle_signal(workflow::HandlerInput in) {
  const auto* handler = run_.handlers->signals.find(in.name);
  if (!handler) throw renamed("signal", in.name);
  return handler->run(run_.object.get(), in.name, std::move(in.args)).task;
}
void Inbound::validate_update(const workflow::HandlerInput& in) {
  const auto* handler = run_.handlers->updates.find(in.name);
  if (!handler) throw renamed("update", in.name);
  if (handler->validate) handler->validate(run_.object.get(), in.name, in.args);
}
[[clang::coro_wrapper]] workflow::Task<Value> Inbound::handle_update(workflow::HandlerInput in) {
  const auto* handler = run_.handlers->updates.find(in.name);
  if (!handler) throw renamed("update", in.name);
  return handler->run(run_.object.get(), in.name, std::move(in.args)).task;
}
Value Inbound::handle_query(workflow::HandlerInput in) {
  const auto* handler = run_.handlers->queries.find(in.name);
  if (!handler) throw ApplicationFailure(unknown("query", in.name, run_.handlers->queries.named));
  return handler->run(run_.object.get(), in.name, std::move(in.args));
}

namespace {

template <class H>
void add(std::map<std::string, H, std::less<>>& to, std::string_view name, H handler) {
  check_not_reserved(name);
  if (!to.try_emplace(std::string(name), std::move(handler)).second)
    throw std::logic_error("two handlers are bound to \"" + std::string(name) + "\"");
}

template <class H>
void set(const char* what, WorkflowDefinition::Table<H> WorkflowDefinition::Handlers::* table,
         std::optional<std::string_view> name, std::optional<H> handler) {
  auto& run = current_run();
  if (run.dead) return;
  run.check_not_read_only(what);
  if (name) check_not_reserved(*name);
  if (!run.own_handlers) {
    run.own_handlers = std::make_unique<WorkflowDefinition::Handlers>(*run.handlers);
    run.handlers = run.own_handlers.get();
  }
  auto& to = (*run.own_handlers).*table;
  if (!name)
    to.dynamic = std::move(handler);
  else if (handler)
    to.named.insert_or_assign(std::string(*name), std::move(*handler));
  else if (auto found = to.named.find(*name); found != to.named.end())
    to.named.erase(found);
  run.release_buffered();
}

}  // namespace

void add_handler(std::map<std::string, WorkflowDefinition::Handler, std::less<>>& to,
                 std::string_view name, WorkflowDefinition::Handler handler) {
  add(to, name, std::move(handler));
}
void add_handler(std::map<std::string, WorkflowDefinition::Query, std::less<>>& to,
                 std::string_view name, WorkflowDefinition::Query handler) {
  add(to, name, std::move(handler));
}

void set_signal_handler(std::optional<std::string_view> name,
                        std::optional<WorkflowDefinition::Handler> handler) {
  set("workflow::set_signal_handler", &WorkflowDefinition::Handlers::signals, name,
      std::move(handler));
}
void set_update_handler(std::optional<std::string_view> name,
                        std::optional<WorkflowDefinition::Handler> handler) {
  set("workflow::set_update_handler", &WorkflowDefinition::Handlers::updates, name,
      std::move(handler));
}
void set_query_handler(std::optional<std::string_view> name,
                       std::optional<WorkflowDefinition::Query> handler) {
  set("workflow::set_query_handler", &WorkflowDefinition::Handlers::queries, name,
      std::move(handler));
}

}  // namespace detail

namespace workflow {

bool all_handlers_finished() {
  return detail::current_run().running_handlers.empty();
}

std::optional<UpdateInfo> current_update() {
  const auto* update = detail::current_run().current_update();
  return update ? std::optional(*update) : std::nullopt;
}

}  // namespace workflow
}  // namespace temporal
