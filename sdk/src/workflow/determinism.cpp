// Who may call what a replay cannot repeat: see temporal/determinism.h.
#include "workflow/run.h"

namespace temporal::detail {

namespace {

// The type is in the failure that the server keeps.
struct NondeterministicCall : std::logic_error {
  using std::logic_error::logic_error;
};

// The SDK's headers await the user's coroutines too, which says nothing to the user.
bool of_the_sdk(const std::source_location& at) {
  std::string_view file = at.file_name();
  auto slash = file.rfind('/');
  return slash != file.npos && file.ends_with(".h") && file.substr(0, slash).ends_with("temporal");
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
      ". It was called " + place(run.running) + "."));
}

std::string place(const PromiseBase* running) {
  if (!running || running->at.line() == 0 || of_the_sdk(running->at))
    return "before the first co_await";
  return "after the co_await at " + text(running->at);
}

std::string text(const std::source_location& at) {
  return std::string(at.file_name()) + ":" + std::to_string(at.line());
}

}  // namespace temporal::detail
