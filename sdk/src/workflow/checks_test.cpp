// Options that cannot be right are refused at the call, by the field's name.
#include "temporal/session.h"
#include "temporal/workflow_signal_with_start.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

struct Wrong {
  const char* field;
  Probe::Body body;
  const char* what;
};

class Checks : public ::testing::TestWithParam<Wrong> {};

TEST_P(Checks, NameTheField) {
  Play p(GetParam().body);
  EXPECT_EQ(p(init()), "task failed: " + std::string(GetParam().what));
}

Task<std::string> local(workflow::LocalActivityOptions options) {
  options.start_to_close_timeout = 1s;
  co_return co_await workflow::execute_local_activity(echo, std::move(options), "x");
}
Task<std::string> child(workflow::ChildWorkflowOptions options) {
  co_return co_await workflow::execute_child_workflow(probe_type, std::move(options), "x");
}
Task<std::string> again(workflow::ContinueAsNewOptions options) {
  workflow::continue_as_new(probe_type, std::move(options), "x");
  co_return "";
}
Task<std::string> signaled_with_start(workflow::SignalWithStartOptions options) {
  options.id = "other";
  co_await workflow::signal_with_start(probe_type, std::move(options),
                                       temporal::call(note, "hello"), "x");
  co_return "";
}
Task<std::string> session_of(session::Options options) {
  auto session = co_await session::create(std::move(options));
  co_return session.id();
}

INSTANTIATE_TEST_SUITE_P(
    LocalActivities, Checks,
    ::testing::Values(
        Wrong{"threshold",
              [](Probe*) -> Task<std::string> {
                co_return co_await local({.local_retry_threshold = -1s});
              },
              "activity echo: local_retry_threshold is negative"},
        Wrong{"coefficient",
              [](Probe*) -> Task<std::string> {
                co_return co_await local({.retry_policy = {{.backoff_coefficient = 0.5}}});
              },
              "activity echo: retry_policy.backoff_coefficient is less than 1"},
        Wrong{"attempts",
              [](Probe*) -> Task<std::string> {
                co_return co_await local({.retry_policy = {{.maximum_attempts = -1}}});
              },
              "activity echo: retry_policy.maximum_attempts is negative"},
        Wrong{"initial",
              [](Probe*) -> Task<std::string> {
                co_return co_await local({.retry_policy = {{.initial_interval = -1s}}});
              },
              "activity echo: retry_policy.initial_interval is negative"},
        Wrong{"maximum",
              [](Probe*) -> Task<std::string> {
                co_return co_await local(
                    {.retry_policy = {{.initial_interval = 2s, .maximum_interval = 1s}}});
              },
              "activity echo: retry_policy.maximum_interval is less than initial_interval"}),
    [](const auto& p) { return p.param.field; });

INSTANTIATE_TEST_SUITE_P(
    OtherWorkflows, Checks,
    ::testing::Values(
        Wrong{"child_execution",
              [](Probe*) -> Task<std::string> {
                co_return co_await child({.execution_timeout = -1s});
              },
              "child workflow probe: execution_timeout is negative"},
        Wrong{"child_run",
              [](Probe*) -> Task<std::string> { co_return co_await child({.run_timeout = -1s}); },
              "child workflow probe: run_timeout is negative"},
        Wrong{"child_task",
              [](Probe*) -> Task<std::string> { co_return co_await child({.task_timeout = -1s}); },
              "child workflow probe: task_timeout is negative"},
        Wrong{"next_run",
              [](Probe*) -> Task<std::string> { co_return co_await again({.run_timeout = -1s}); },
              "workflow::continue_as_new: run_timeout is negative"},
        Wrong{"next_task",
              [](Probe*) -> Task<std::string> { co_return co_await again({.task_timeout = -1s}); },
              "workflow::continue_as_new: task_timeout is negative"},
        Wrong{"next_backoff",
              [](Probe*) -> Task<std::string> {
                co_return co_await again({.backoff_start_interval = -1s});
              },
              "workflow::continue_as_new: backoff_start_interval is negative"},
        Wrong{"signal_delay",
              [](Probe*) -> Task<std::string> {
                co_return co_await signaled_with_start({.start_delay = -1s});
              },
              "workflow::signal_with_start: options.start_delay is negative"}),
    [](const auto& p) { return p.param.field; });

INSTANTIATE_TEST_SUITE_P(
    Sessions, Checks,
    ::testing::Values(
        Wrong{"queue", [](Probe*) -> Task<std::string> { co_return co_await session_of({}); },
              "session::Options: task_queue, that of the hosts, is empty"},
        Wrong{"creation",
              [](Probe*) -> Task<std::string> {
                co_return co_await session_of({.task_queue = "hosts", .creation_timeout = 0s});
              },
              "session::Options: creation_timeout is not above zero"},
        Wrong{"execution",
              [](Probe*) -> Task<std::string> {
                co_return co_await session_of({.task_queue = "hosts", .execution_timeout = 0s});
              },
              "session::Options: execution_timeout is not above zero"},
        Wrong{"heartbeat",
              [](Probe*) -> Task<std::string> {
                co_return co_await session_of({.task_queue = "hosts", .heartbeat_timeout = -1s});
              },
              "session::Options: heartbeat_timeout is not above zero"}),
    [](const auto& p) { return p.param.field; });

}  // namespace
}  // namespace temporal::testing
