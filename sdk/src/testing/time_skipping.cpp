#include "testing/time_skipping.h"

#include <temporal/api/workflowservice/v1/request_response.pb.h>

#include <optional>
#include <utility>

namespace temporal::testing {

namespace {

namespace service = temporal::api::workflowservice::v1;
using std::chrono::milliseconds;

// How often a wait for a workflow's end looks whether it may still skip time.
constexpr milliseconds kLook(2000);

constexpr const char* kCannot =
    "this server cannot skip time: it takes Temporal 1.32 or newer with "
    "frontend.WorkflowTimeSkippingEnabled. Environment::simulated() needs no server";

Transport::Answer refused(RpcCode code, const std::string& what) {
  return std::unexpected(RpcError(code, what));
}

RpcRequest describe(const std::string& name_space, const std::string& workflow_id,
                    const std::string& run_id) {
  service::DescribeWorkflowExecutionRequest request;
  request.set_namespace_(name_space);
  request.mutable_execution()->set_workflow_id(workflow_id);
  request.mutable_execution()->set_run_id(run_id);
  return {.method = "DescribeWorkflowExecution", .request = request.SerializeAsString()};
}

std::string workflow_of(const RpcRequest& request) {
  if (request.method == "StartWorkflowExecution") {
    service::StartWorkflowExecutionRequest start;
    start.ParseFromString(request.request);
    return start.workflow_id();
  }
  if (request.method == "SignalWithStartWorkflowExecution") {
    service::SignalWithStartWorkflowExecutionRequest start;
    start.ParseFromString(request.request);
    return start.workflow_id();
  }
  service::ExecuteMultiOperationRequest both;
  both.ParseFromString(request.request);
  return both.operations_size() > 0 ? both.operations(0).start_workflow().workflow_id() : "";
}

}  // namespace

// A call that waits for a workflow's end, in pieces.
struct TimeSkipping::Wait {
  using Clock = std::chrono::steady_clock;
  RpcRequest request = {};
  std::stop_token stop = {};
  Answered answered = {};
  service::GetWorkflowExecutionHistoryRequest asked = {};
  std::optional<Clock::time_point> deadline = {};
};

TimeSkipping::TimeSkipping(std::shared_ptr<CoreTransport> server, std::string name_space,
                           std::int32_t max_session_skip_count)
    : server_(std::move(server)),
      name_space_(std::move(name_space)),
      max_session_skip_count_(max_session_skip_count) {}

void TimeSkipping::call(RpcRequest request, std::stop_token stop, Answered answered) {
  if (request.service == RpcService::workflow) {
    if (asks_to_skip<service::StartWorkflowExecutionRequest>(request) ||
        asks_to_skip<service::SignalWithStartWorkflowExecutionRequest>(request) ||
        asks_to_skip<service::ExecuteMultiOperationRequest>(request))
      return start(std::move(request), std::move(stop), std::move(answered));
    if (request.method == "GetWorkflowExecutionHistory") {
      auto waits = std::make_shared<Wait>();
      if (waits->asked.ParseFromString(request.request) && waits->asked.wait_new_event()) {
        if (request.options.timeout)
          waits->deadline = Wait::Clock::now() + *request.options.timeout;
        waits->request = std::move(request);
        waits->stop = std::move(stop);
        waits->answered = std::move(answered);
        return wait(std::move(waits));
      }
    }
  }
  server_->call(std::move(request), std::move(stop), std::move(answered));
}

template <class Request>
bool TimeSkipping::asks_to_skip(RpcRequest& request) const {
  if (request.method + "Request" != Request::descriptor()->name()) return false;
  Request message;
  if (!message.ParseFromString(request.request)) return false;
  auto fill = [this](auto& start) {
    auto& config = *start.mutable_time_skipping_config();
    config.set_enabled(true);
    config.set_max_session_skip_count(max_session_skip_count_);
  };
  if constexpr (requires { message.mutable_time_skipping_config(); }) {
    fill(message);
  } else {
    for (auto& operation : *message.mutable_operations())
      if (operation.has_start_workflow()) fill(*operation.mutable_start_workflow());
  }
  request.request = message.SerializeAsString();
  return true;
}

void TimeSkipping::start(RpcRequest request, std::stop_token stop, Answered answered) {
  auto workflow_id = workflow_of(request);
  auto self = shared_from_this();
  server_->call(std::move(request), stop,
                [self, stop, workflow_id = std::move(workflow_id),
                 answered = std::move(answered)](Answer started) mutable {
                  if (!started && started.error().code() == RpcCode::unimplemented)
                    return answered(refused(RpcCode::unimplemented, kCannot));
                  if (!started || self->checked_) return answered(std::move(started));
                  self->check_server(std::move(workflow_id), std::move(started), std::move(stop),
                                     std::move(answered));
                });
}

// A server that does not know the field ignores it; what it says of the workflow tells.
void TimeSkipping::check_server(std::string workflow_id, Answer started, std::stop_token stop,
                                Answered answered) {
  auto self = shared_from_this();
  server_->call(describe(name_space_, workflow_id, {}), std::move(stop),
                [self, started = std::move(started),
                 answered = std::move(answered)](Answer described) mutable {
                  service::DescribeWorkflowExecutionResponse response;
                  if (!described || !response.ParseFromString(*described))
                    return answered(std::move(started));
                  if (!response.workflow_extended_info().has_time_skipping_info())
                    return answered(refused(RpcCode::unimplemented, kCannot));
                  self->checked_ = true;
                  answered(std::move(started));
                });
}

void TimeSkipping::wait(std::shared_ptr<Wait> wait) {
  auto request = wait->request;
  auto limit = kLook;
  if (wait->deadline) {
    auto left = std::chrono::duration_cast<milliseconds>(*wait->deadline - Wait::Clock::now());
    if (left <= milliseconds(0))
      return wait->answered(refused(RpcCode::deadline_exceeded, "the call's timeout is over"));
    limit = std::min(limit, left);
  }
  request.options.timeout = limit;
  auto self = shared_from_this();
  server_->call(std::move(request), wait->stop, [self, wait](Answer answer) {
    service::GetWorkflowExecutionHistoryResponse response;
    const bool came =
        answer ? !response.ParseFromString(*answer) || !response.history().events().empty()
               : answer.error().code() != RpcCode::deadline_exceeded;
    if (came) return wait->answered(std::move(answer));
    self->look(wait, std::move(answer));
  });
}

void TimeSkipping::look(std::shared_ptr<Wait> wait, Answer none_yet) {
  auto self = shared_from_this();
  const auto& of = wait->asked.execution();
  server_->call(
      describe(name_space_, of.workflow_id(), of.run_id()), wait->stop,
      [self, wait, none_yet = std::move(none_yet)](Answer described) mutable {
        service::DescribeWorkflowExecutionResponse response;
        if (!described || !response.ParseFromString(*described))
          return wait->answered(std::move(none_yet));
        // It was on from the start: only the limit turns it off.
        const auto& config =
            response.workflow_extended_info().time_skipping_info().effective_config();
        if (config.max_session_skip_count() > 0 && !config.enabled())
          return wait->answered(refused(
              RpcCode::failed_precondition,
              "workflow " + wait->asked.execution().workflow_id() + " has skipped time " +
                  std::to_string(config.max_session_skip_count()) +
                  " times (TimeSkippingOptions::max_session_skip_count) and now waits in real "
                  "time: is something retried for ever?"));
        if (none_yet) return wait->answered(std::move(none_yet));  // with its page token
        self->wait(std::move(wait));
      });
}

}  // namespace temporal::testing
