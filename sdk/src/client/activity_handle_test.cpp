// Activities that are completed from outside: what is asked of the server.
#include "client/test_answers.h"

namespace temporal {
namespace {

using ActivityHandleTest = ClientTest;

TEST_F(ActivityHandleTest, IsNamedByTokenOrById) {
  service::RecordActivityTaskHeartbeatByIdResponse beat;
  beat.set_cancel_requested(true);
  transport->answers = {with(service::RespondActivityTaskCompletedResponse()), with(beat),
                        with(service::RespondActivityTaskFailedByIdResponse()),
                        with(service::RespondActivityTaskCanceledResponse())};
  auto c = client();
  c.activity_handle("token").complete(Output{"ok"}).get();
  auto by_id = c.activity_handle({"order-1", "run-1"}, "activity-1");
  EXPECT_TRUE(by_id.heartbeat(50).get().cancel_requested);
  by_id.fail(Failure({.message = "lost"})).get();
  c.activity_handle("token").report_cancellation().get();
  EXPECT_EQ(transport->request<service::RespondActivityTaskCompletedRequest>(0).task_token(),
            "token");
  EXPECT_EQ(transport->request<service::RecordActivityTaskHeartbeatByIdRequest>(1).activity_id(),
            "activity-1");
  EXPECT_EQ(
      transport->request<service::RespondActivityTaskFailedByIdRequest>(2).failure().message(),
      "lost");
  EXPECT_EQ(transport->calls[3].method, "RespondActivityTaskCanceled");
}

TEST_F(ActivityHandleTest, EveryCallTakesRpcOptions) {
  transport->answers = {with(service::RespondActivityTaskCompletedResponse()),
                        with(service::RecordActivityTaskHeartbeatResponse()),
                        with(service::RespondActivityTaskFailedResponse()),
                        with(service::RespondActivityTaskCanceledResponse())};
  auto handle = client().activity_handle("token");
  const RpcOptions rpc{.metadata = {{"k", "v"}}};
  handle.complete(rpc).get();
  handle.heartbeat(rpc, 50).get();
  handle.fail(Failure({.message = "lost"}), {Value::of(60)}, rpc).get();
  handle.report_cancellation(rpc, 70).get();
  for (const auto& call : transport->calls) EXPECT_EQ(call.options.metadata.at("k"), "v");
  EXPECT_FALSE(transport->request<service::RespondActivityTaskCompletedRequest>(0).has_result());
  EXPECT_EQ(transport->request<service::RecordActivityTaskHeartbeatRequest>(1)
                .details()
                .payloads(0)
                .data(),
            "50");
  EXPECT_EQ(transport->request<service::RespondActivityTaskFailedRequest>(2)
                .last_heartbeat_details()
                .payloads(0)
                .data(),
            "60");
  EXPECT_EQ(transport->request<service::RespondActivityTaskCanceledRequest>(3)
                .details()
                .payloads(0)
                .data(),
            "70");
}

}  // namespace
}  // namespace temporal
