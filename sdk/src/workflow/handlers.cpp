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

struct Counted {  // for all_handlers_finished, however the handler ends
  explicit Counted(std::size_t& n) : count(n) { ++count; }
  ~Counted() { --count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::size_t& count;
};

// A signal has nobody to tell of its failure but the run. Its own cancellation is none: the request
// that caused it is the run's to answer.
workflow::Task<Value> attend_signal(Run* run, workflow::Task<Value> body) {
  Counted counted(run->handlers_running);
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

workflow::Task<Value> attend_update(Run* run, std::string protocol_id, workflow::Task<Value> body) {
  Counted counted(run->handlers_running);
  std::exception_ptr error;
  Value answer;
  try {
    answer = co_await std::move(body);
  } catch (...) {
    error = std::current_exception();
  }
  std::optional<Failure> refused;
  if (error && !(refused = run->as_failure(error))) std::rethrow_exception(error);
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

const WorkflowDefinition::Handler* Run::signal_handler(std::string_view name) const {
  if (auto h = added_signals.find(name); h != added_signals.end()) return &h->second;
  if (auto h = definition->signals.find(name); h != definition->signals.end()) return &h->second;
  return nullptr;
}

void Run::start_signal(const activation::SignalWorkflow& job) {
  const auto* handler = signal_handler(job.signal_name());
  if (!handler) {
    if (buffered_signals.size() < kMaxBufferedSignals)
      buffered_signals.push_back(job);
    else
      logger().error("signal dropped: too many wait for a handler",
                     {{"signal", job.signal_name()}});
    return;
  }
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
  start(attend_signal(this, inbound->handle_signal(std::move(in))),
        std::make_shared<FutureState>());
}

void Run::start_update(const activation::DoUpdate& job) {
  workflow::HandlerInput in{.name = job.name(),
                            .id = job.id(),
                            .headers = from_proto(job.headers()),
                            .args = values(job.input())};
  try {
    ReadOnly guard(*this);
    auto handler = definition->updates.find(job.name());
    if (handler == definition->updates.end())
      throw ApplicationFailure(unknown("update", job.name(), definition->updates));
    handler->second.decode(in.args);
    if (job.run_validator()) inbound->validate_update(in);
  } catch (...) {
    auto& response = *command().mutable_update_response();
    response.set_protocol_instance_id(job.protocol_instance_id());
    return encode(Failure::from(std::current_exception()), response.mutable_rejected());
  }
  auto& response = *command().mutable_update_response();
  response.set_protocol_instance_id(job.protocol_instance_id());
  response.mutable_accepted();
  start(attend_update(this, job.protocol_instance_id(), inbound->handle_update(std::move(in))),
        std::make_shared<FutureState>());
}

// Whatever goes wrong is the query's failure, never the task's.
void Run::answer(const activation::QueryWorkflow& job) {
  commands::QueryResult result;
  result.set_query_id(job.query_id());
  try {
    ReadOnly guard(*this);
    auto answer = inbound->handle_query({.name = job.query_type(),
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
  return run_.definition->run.run(run_.object.get(), std::move(in.args)).task;
}
[[clang::coro_wrapper]] workflow::Task<Value> Inbound::handle_signal(workflow::HandlerInput in) {
  const auto* handler = run_.signal_handler(in.name);
  if (!handler) throw renamed("signal", in.name);
  return handler->run(run_.object.get(), std::move(in.args)).task;
}
void Inbound::validate_update(const workflow::HandlerInput& in) {
  auto handler = run_.definition->updates.find(in.name);
  if (handler == run_.definition->updates.end()) throw renamed("update", in.name);
  if (handler->second.validate) handler->second.validate(run_.object.get(), in.args);
}
[[clang::coro_wrapper]] workflow::Task<Value> Inbound::handle_update(workflow::HandlerInput in) {
  auto handler = run_.definition->updates.find(in.name);
  if (handler == run_.definition->updates.end()) throw renamed("update", in.name);
  return handler->second.run(run_.object.get(), std::move(in.args)).task;
}
Value Inbound::handle_query(workflow::HandlerInput in) {
  auto handler = run_.definition->queries.find(in.name);
  if (handler == run_.definition->queries.end())
    throw ApplicationFailure(unknown("query", in.name, run_.definition->queries));
  return handler->second.run(run_.object.get(), std::move(in.args));
}

void set_signal_handler(std::string name, WorkflowDefinition::Handler handler) {
  auto& run = current_run();
  if (run.dead) return;
  run.check_not_read_only("workflow::set_signal_handler");
  run.added_signals.insert_or_assign(name, std::move(handler));
  std::deque<activation::SignalWorkflow> others;
  for (auto& signal : std::exchange(run.buffered_signals, {})) {
    if (signal.signal_name() == name)
      run.ready.push_back({.start = [&run, s = std::move(signal)] { run.start_signal(s); }});
    else
      others.push_back(std::move(signal));
  }
  run.buffered_signals = std::move(others);
}

}  // namespace detail

namespace workflow {

bool all_handlers_finished() {
  return detail::current_run().handlers_running == 0;
}

}  // namespace workflow
}  // namespace temporal
