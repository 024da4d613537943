// Who may call what a replay cannot repeat (temporal/determinism.h), and where in the user's code a run
// is.
#include <algorithm>

#include "workflow/run.h"

namespace temporal::detail {

namespace {

// The type is in the failure that the server keeps.
struct NondeterministicCall : std::logic_error {
  using std::logic_error::logic_error;
};

// The SDK awaits the user's coroutines too, in its headers and sources, which says nothing to the user.
bool of_the_user(const std::source_location& at) {
  constexpr std::string_view kThis = __FILE__;
  constexpr auto kSources =
      kThis.substr(0, kThis.size() - std::string_view("workflow/determinism.cpp").size());
  const std::string_view file = at.file_name();
  const auto folder = file.substr(0, std::min(file.rfind('/'), file.size()));
  const bool header = file.ends_with(".h") && folder.ends_with("/temporal");
  const bool source = file.starts_with(kSources) && !file.ends_with("_test.cpp");
  return at.line() > 0 && !header && !source;
}

std::string text(const std::source_location& at) {
  return std::string(at.file_name()) + ":" + std::to_string(at.line());
}

// What a state says of the command it waits for.
CommandId id_of(const commands::WorkflowCommand& c) {
  using enum CommandId::Kind;
  switch (c.variant_case()) {
    case commands::WorkflowCommand::kStartTimer:
      return {timer, c.start_timer().seq()};
    case commands::WorkflowCommand::kScheduleActivity:
      return {activity, c.schedule_activity().seq()};
    case commands::WorkflowCommand::kScheduleLocalActivity:
      return {local_activity, c.schedule_local_activity().seq()};
    case commands::WorkflowCommand::kStartChildWorkflowExecution:
      return {child, c.start_child_workflow_execution().seq()};
    case commands::WorkflowCommand::kSignalExternalWorkflowExecution:
      return {signal, c.signal_external_workflow_execution().seq()};
    case commands::WorkflowCommand::kRequestCancelExternalWorkflowExecution:
      return {cancel_external, c.request_cancel_external_workflow_execution().seq()};
    case commands::WorkflowCommand::kScheduleNexusOperation:
      return {nexus_operation, c.schedule_nexus_operation().seq()};
    default:
      return {};
  }
}

bool same(CommandId a, CommandId b) {
  if (a.kind == CommandId::Kind::condition) a.kind = CommandId::Kind::timer;  // its timeout's
  return a.seq == b.seq && a.kind == b.kind && a.kind != CommandId::Kind::none;
}

}  // namespace

Allowed::Allowed() : run_(workflow_is_running() ? &current_run() : nullptr) {
  if (run_) ++run_->allowed;
}
Allowed::~Allowed() {
  if (run_) --run_->allowed;
}

// No throw: what it stands in for is noexcept, and the workflow's code might catch it.
void forbid(const char* call, const char* instead) noexcept {
  if (!workflow_is_running()) return;
  auto& run = current_run();
  if (run.allowed || run.dead || run.task_failure) return;
  Allowed looking_away;
  run.task_failure = std::make_exception_ptr(NondeterministicCall(
      "workflow code called " + std::string(call) + ", which a replay cannot repeat: " + instead +
      ". It was called " + place(run.running ? run.running->at : std::source_location()) + "."));
}

std::string place(const std::source_location& last_at) {
  if (!of_the_user(last_at)) return "before the first co_await";
  return "after the co_await at " + text(last_at);
}

void Run::keep_places() {
  places.clear();
  for (int i = 0; i < made->commands_size(); ++i) {
    const auto id = id_of(made->commands(i));
    auto waits = std::ranges::find_if(awaited, [&](auto& a) { return same(a.first, id); });
    if (waits != awaited.end() && of_the_user(waits->second))
      places.push_back("at " + text(waits->second));
    else
      places.push_back(place(made_after[static_cast<std::size_t>(i)]));
  }
}

}  // namespace temporal::detail
