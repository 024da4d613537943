#include "worker/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace temporal::detail {
namespace {

using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_completion::WorkflowActivationCompletion;

// Notes for whom it is called, and marks what it has seen.
class Marking final : public PayloadCodec {
 public:
  std::vector<std::string> calls;
  Async<std::vector<Payload>> encode(std::vector<Payload> payloads,
                                     SerializationContext context) override {
    calls.push_back("encode " + name(context));
    for (auto& p : payloads) p.data = "<" + p.data + ">";
    co_return payloads;
  }
  Async<std::vector<Payload>> decode(std::vector<Payload> payloads,
                                     SerializationContext context) override {
    calls.push_back("decode " + name(context));
    for (auto& p : payloads) p.data = p.data.substr(1, p.data.size() - 2);
    co_return payloads;
  }

 private:
  static std::string name(const SerializationContext& c) {
    return c.workflow_id + "/" + c.workflow_type + "/" + c.activity_type + "/" +
           c.activity_task_queue + (c.is_local_activity ? " local" : "");
  }
};

TEST(WorkflowCodec, AResultIsDecodedInTheContextOfItsCall) {
  auto codec = std::make_shared<Marking>();
  WorkflowCodec run(codec, "default", "queue");
  WorkflowActivation begin;
  auto& init = *begin.add_jobs()->mutable_initialize_workflow();
  init.set_workflow_id("id");
  init.set_workflow_type("Type");
  init.add_arguments()->set_data("<in>");
  run.decode(begin);
  EXPECT_EQ(init.arguments(0).data(), "in");

  WorkflowActivationCompletion done;
  auto& schedule = *done.mutable_successful()->add_commands()->mutable_schedule_activity();
  schedule.set_seq(1);
  schedule.set_activity_type("charge");
  schedule.set_task_queue("Q");
  schedule.add_arguments()->set_data("7");
  auto& local = *done.mutable_successful()->add_commands()->mutable_schedule_local_activity();
  local.set_seq(2);
  local.set_activity_type("look");
  local.add_arguments()->set_data("8");
  auto& child =
      *done.mutable_successful()->add_commands()->mutable_start_child_workflow_execution();
  child.set_seq(1);
  child.set_workflow_id("c");
  child.set_workflow_type("Child");
  child.add_input()->set_data("9");
  auto& signal =
      *done.mutable_successful()->add_commands()->mutable_signal_external_workflow_execution();
  signal.set_child_workflow_id("c");
  signal.add_args()->set_data("10");
  run.encode(done);
  EXPECT_EQ(schedule.arguments(0).data(), "<7>");

  WorkflowActivation resolved;
  auto& resolve = *resolved.add_jobs()->mutable_resolve_activity();
  resolve.set_seq(1);
  resolve.mutable_result()->mutable_completed()->mutable_result()->set_data("<ok>");
  resolved.add_jobs()->mutable_signal_workflow()->add_input()->set_data("<s>");
  auto& ended = *resolved.add_jobs()->mutable_resolve_child_workflow_execution();
  ended.set_seq(1);
  ended.mutable_result()->mutable_completed()->mutable_result()->set_data("<end>");
  run.decode(resolved);
  EXPECT_EQ(resolve.result().completed().result().data(), "ok");
  const std::vector<std::string> calls = {"decode id/Type//",
                                          "encode id/Type/charge/Q",
                                          "encode id/Type/look/queue local",
                                          "encode c/Child//",
                                          "encode c///",
                                          "decode id/Type/charge/Q",
                                          "decode id/Type//",
                                          "decode c/Child//"};
  EXPECT_EQ(codec->calls, calls);
}

TEST(WorkflowCodec, SeesWhatIsInTheEnvelopeOfASignalWithStartButNotTheEnvelope) {
  auto codec = std::make_shared<Marking>();
  WorkflowCodec run(codec, "default", "queue");
  SignalWithStartRequest request;
  request.set_workflow_id("cart");
  request.mutable_workflow_type()->set_name("Cart");
  request.mutable_input()->add_payloads()->set_data("7");
  request.mutable_signal_input()->add_payloads()->set_data("8");
  (*request.mutable_header()->mutable_fields())["trace"].set_data("t");
  WorkflowActivationCompletion done;
  auto& command = *done.mutable_successful()->add_commands();
  wrap(request, *command.mutable_schedule_nexus_operation());
  command.add_event_group_markers()->mutable_label()->mutable_label()->set_data("group");
  run.encode(done);
  const auto sent = signal_with_start_in(command);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->input().payloads(0).data(), "<7>");
  EXPECT_EQ(sent->signal_input().payloads(0).data(), "<8>");
  EXPECT_EQ(sent->header().fields().at("trace").data(), "t");
  EXPECT_EQ(command.event_group_markers(0).label().label().data(), "<group>");
  EXPECT_EQ(codec->calls, (std::vector<std::string>{"encode cart/Cart//", "encode ///"}));
}

}  // namespace
}  // namespace temporal::detail
