#include "workflow/test_play.h"

namespace temporal::testing {

namespace {

using Command = coresdk::workflow_commands::WorkflowCommand;
using ProtoPayload = api::common::v1::Payload;
using ProtoFailure = api::failure::v1::Failure;

void set_json(const std::string& json, ProtoPayload* out) {
  (*out->mutable_metadata())["encoding"] = "json/plain";
  out->set_data(json);
}
std::string quoted(const std::string& s) {
  return "\"" + s + "\"";
}
std::string data(const auto& payloads) {
  std::string t;
  for (const auto& p : payloads) t += p.data();
  return "(" + t + ")";
}
const ProtoFailure& root(const ProtoFailure& f) {
  return f.has_cause() ? root(f.cause()) : f;
}
std::string numbered(const char* kind, std::uint32_t seq) {
  return kind + std::to_string(seq);
}
std::string millis(const google::protobuf::Duration& d) {
  return "(" + std::to_string(d.seconds() * 1000 + d.nanos() / 1'000'000) + ")";
}

std::string text(const coresdk::workflow_commands::UpdateResponse& r) {
  if (r.has_accepted()) return "UpdateAccepted:" + r.protocol_instance_id();
  if (r.has_rejected())
    return "UpdateRejected:" + r.protocol_instance_id() + "(" + r.rejected().message() + ")";
  return "UpdateCompleted:" + r.protocol_instance_id() + "(" + r.completed().data() + ")";
}
std::string text(const coresdk::workflow_commands::QueryResult& r) {
  if (r.has_failed()) return "QueryFailed:" + r.query_id() + "(" + r.failed().message() + ")";
  return "QuerySucceeded:" + r.query_id() + "(" + r.succeeded().response().data() + ")";
}

std::string text(const Command& c) {
  switch (c.variant_case()) {
    case Command::kStartTimer:
      return numbered("StartTimer", c.start_timer().seq()) +
             millis(c.start_timer().start_to_fire_timeout());
    case Command::kCancelTimer:
      return numbered("CancelTimer", c.cancel_timer().seq());
    case Command::kScheduleActivity:
      return numbered("ScheduleActivity", c.schedule_activity().seq()) +
             data(c.schedule_activity().arguments());
    case Command::kRequestCancelActivity:
      return numbered("RequestCancelActivity", c.request_cancel_activity().seq());
    case Command::kScheduleLocalActivity:
      return numbered("ScheduleLocalActivity", c.schedule_local_activity().seq()) +
             data(c.schedule_local_activity().arguments());
    case Command::kRequestCancelLocalActivity:
      return numbered("RequestCancelLocalActivity", c.request_cancel_local_activity().seq());
    case Command::kUpdateResponse:
      return text(c.update_response());
    case Command::kRespondToQuery:
      return text(c.respond_to_query());
    case Command::kCompleteWorkflowExecution:
      return "Complete(" + c.complete_workflow_execution().result().data() + ")";
    case Command::kFailWorkflowExecution:
      return "Fail(" + root(c.fail_workflow_execution().failure()).message() + ")";
    case Command::kCancelWorkflowExecution:
      return "Cancel" + data(c.cancel_workflow_execution().details().payloads());
    case Command::kContinueAsNewWorkflowExecution:
      return "ContinueAsNew" + data(c.continue_as_new_workflow_execution().arguments());
    case Command::kSetPatchMarker:
      return (c.set_patch_marker().deprecated() ? "DeprecatePatch:" : "Patch:") +
             c.set_patch_marker().patch_id();
    case Command::kStartChildWorkflowExecution:
      return numbered("StartChild", c.start_child_workflow_execution().seq()) +
             data(c.start_child_workflow_execution().input());
    case Command::kCancelChildWorkflowExecution:
      return numbered("CancelChild", c.cancel_child_workflow_execution().child_workflow_seq()) +
             "(" + c.cancel_child_workflow_execution().reason() + ")";
    case Command::kSignalExternalWorkflowExecution:
      return numbered("Signal", c.signal_external_workflow_execution().seq()) +
             data(c.signal_external_workflow_execution().args());
    case Command::kCancelSignalWorkflow:
      return numbered("CancelSignal", c.cancel_signal_workflow().seq());
    case Command::kRequestCancelExternalWorkflowExecution:
      return numbered("CancelExternal", c.request_cancel_external_workflow_execution().seq()) +
             "(" + c.request_cancel_external_workflow_execution().reason() + ")";
    default:
      return c.ShortDebugString();
  }
}

}  // namespace

std::vector<std::string> seen;

Future<std::string> call(std::string s) {
  return workflow::execute_activity(echo, {.task_queue = "Q", .start_to_close_timeout = 10s},
                                    std::move(s));
}

Task<std::string> Probe::run(std::string) {
  co_return co_await body(this);
}
Task<int> Probe::on_add(int n) {
  if (n == 13) throw std::runtime_error("a bug");
  if (n == 11) throw workflow::EndCanceled{"by a handler"};
  if (n == 12) throw ApplicationFailure("refused");
  if (n > 5) co_await workflow::sleep(1s);
  co_return sum += n;
}
void Probe::check_add(int n) const {
  if (n < 0) throw ApplicationFailure("negative");
}
void Probe::on_note(std::string n) {
  notes.push_back(n);
  open = n == "open";
}
Task<std::string> Probe::twice(std::string s) {
  co_await call(s + "1");
  co_return co_await call(s + "2");
}

WorkflowDefinition probe(Probe::Body body, workflow::DefinitionOptions options) {
  WorkflowDefinition d = workflow_definition(probe_type, &Probe::run, std::move(options))
                             .update(add, &Probe::on_add, &Probe::check_add)
                             .signal(note, &Probe::on_note)
                             .query(total, &Probe::on_total)
                             .query(naughty, &Probe::on_naughty);
  d.create = [body](Values&) { return std::make_shared<Probe>(body); };
  return d;
}

Job init(const std::string& json) {
  Job j;
  auto& i = *j.mutable_initialize_workflow();
  i.set_workflow_type("probe");
  i.set_workflow_id("probe-1");
  i.set_randomness_seed(42);
  i.set_attempt(1);
  set_json(json, i.add_arguments());
  return j;
}
Job ok(unsigned seq, const std::string& s) {
  Job j;
  j.mutable_resolve_activity()->set_seq(seq);
  set_json(quoted(s),
           j.mutable_resolve_activity()->mutable_result()->mutable_completed()->mutable_result());
  return j;
}
Job bad(unsigned seq, const std::string& s) {
  Job j;
  j.mutable_resolve_activity()->set_seq(seq);
  auto& f = *j.mutable_resolve_activity()->mutable_result()->mutable_failed()->mutable_failure();
  f.set_message("activity failed");
  f.mutable_activity_failure_info()->set_activity_id(std::to_string(seq));
  f.mutable_cause()->set_message(s);
  f.mutable_cause()->mutable_application_failure_info();
  return j;
}
Job gone(unsigned seq) {
  Job j;
  j.mutable_resolve_activity()->set_seq(seq);
  auto& f = *j.mutable_resolve_activity()->mutable_result()->mutable_cancelled()->mutable_failure();
  f.set_message("activity canceled");
  f.mutable_activity_failure_info();
  f.mutable_cause()->set_message("by request");
  f.mutable_cause()->mutable_canceled_failure_info();
  return j;
}
Job fired(unsigned seq) {
  Job j;
  j.mutable_fire_timer()->set_seq(seq);
  return j;
}
Job noted(const std::string& s) {
  return signaled("note", {quoted(s)});
}
Job signaled(const std::string& name, std::initializer_list<std::string> json) {
  Job j;
  j.mutable_signal_workflow()->set_signal_name(name);
  for (const auto& one : json) set_json(one, j.mutable_signal_workflow()->add_input());
  return j;
}
Job added(const std::string& id, int n) {
  return updated(id, "add", {std::to_string(n)});
}
Job updated(const std::string& id, const std::string& name, std::initializer_list<std::string> json,
            bool run_validator) {
  Job j;
  auto& u = *j.mutable_do_update();
  u.set_id(id);
  u.set_protocol_instance_id(id);
  u.set_name(name);
  u.set_run_validator(run_validator);
  for (const auto& one : json) set_json(one, u.add_input());
  return j;
}
Job queried(const std::string& id, const std::string& name) {
  Job j;
  j.mutable_query_workflow()->set_query_id(id);
  j.mutable_query_workflow()->set_query_type(name);
  return j;
}
Job cancel(const std::string& reason) {
  Job j;
  j.mutable_cancel_workflow()->set_reason(reason);
  return j;
}
Job evicted() {
  Job j;
  j.mutable_remove_from_cache()->set_message("cache full");
  return j;
}

WorkflowActivation activation(std::vector<Job> jobs, bool replaying) {
  WorkflowActivation a;
  a.set_run_id("run-1");
  a.set_is_replaying(replaying);
  a.mutable_timestamp()->set_seconds(1'700'000'000);
  for (auto& j : jobs) *a.add_jobs() = std::move(j);
  return a;
}

std::string text(const WorkflowActivationCompletion& c) {
  EXPECT_EQ(c.run_id(), "run-1");
  if (c.has_failed()) return "task failed: " + c.failed().failure().message();
  std::string t;
  for (const auto& command : c.successful().commands()) t += (t.empty() ? "" : " ") + text(command);
  return t;
}

}  // namespace temporal::testing
