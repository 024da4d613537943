#include "workflow/side_effects.h"

#include "temporal/workflow_side_effect.h"
#include "workflow/run.h"

namespace temporal::detail {

namespace {

// Answers that are no value of the user's are told by their metadata, which a codec keeps.
constexpr const char* kMark = "side-effect";
constexpr std::string_view kNoValue = "none";    // the function was not run
constexpr std::string_view kUnchanged = "same";  // as the one before

Value marked(std::string_view what) {
  return Value(Payload{.metadata = {{"encoding", "binary/null"}, {kMark, std::string(what)}}});
}
bool is_marked(const Value& value, std::string_view what) {
  const auto* payload = value.undecoded();
  if (!payload) return false;
  const auto mark = payload->metadata.find(kMark);
  return mark != payload->metadata.end() && mark->second == what;
}

// Runs it unless the history is being replayed, which then has the answer.
std::optional<Value> evaluate(SideEffect& effect) {
  auto& run = current_run();
  if (run.replaying) return std::nullopt;
  try {
    ReadOnly guard(run);
    Allowed allowed;  // what it says goes into the history
    return effect();
  } catch (...) {  // whatever it is: it stands in no history, so the workflow must not go on by it
    if (!run.task_failure) run.task_failure = std::current_exception();
    return std::nullopt;
  }
}

// Not by the interceptors: it is no activity of the user's.
workflow::Future<Value> record(std::optional<Value> value, std::string summary) {
  workflow::LocalActivityInput in{
      .name = std::string(kSideEffectActivity),
      .options = {.start_to_close_timeout = 10s, .summary = std::move(summary)}};
  if (value) in.args.push_back(std::move(*value));
  return current_run().innermost_outbound.execute_local_activity(std::move(in));
}

workflow::Task<Value> once(SideEffect effect, std::string summary) {
  while (true) {
    auto answer = co_await record(evaluate(effect), summary);
    if (!is_marked(answer, kNoValue)) co_return answer;
  }
}

workflow::Task<Value> latest(std::string id, SideEffect effect, SameValue same,
                             std::string summary) {
  while (true) {
    const auto& known = current_run().mutable_side_effects;
    const auto found = known.find(id);
    const auto before = found == known.end() ? std::nullopt : std::optional(found->second);
    auto now = evaluate(effect);
    if (now && before && same(*before, *now)) now = marked(kUnchanged);
    auto answer = co_await record(std::move(now), summary);
    if (before && is_marked(answer, kUnchanged)) co_return *before;
    if (is_marked(answer, kNoValue)) continue;
    current_run().mutable_side_effects.insert_or_assign(id, answer);
    co_return answer;
  }
}

workflow::Future<Value> shielded(const char* what, workflow::Task<Value> task) {
  current_run().check_not_read_only(what);
  return workflow::spawn(workflow::shielded(std::move(task)));
}

}  // namespace

Value record_side_effect(Values args) {
  return args.empty() ? marked(kNoValue) : std::move(args.front());
}

workflow::Future<Value> side_effect(SideEffect effect, std::string summary) {
  return shielded("workflow::side_effect", once(std::move(effect), std::move(summary)));
}
workflow::Future<Value> mutable_side_effect(std::string id, SideEffect effect, SameValue same,
                                            std::string summary) {
  return shielded("workflow::mutable_side_effect",
                  latest(std::move(id), std::move(effect), std::move(same), std::move(summary)));
}

}  // namespace temporal::detail
