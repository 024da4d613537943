#include "temporal/failure.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "data/proto.h"
#include "temporal/error.h"

using namespace temporal;
using namespace std::chrono_literals;
using Proto = temporal::api::failure::v1::Failure;

namespace {

struct Refund {
  std::string id;
  bool operator==(const Refund&) const = default;
};
struct Bug : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Proto parsed(const std::string& text) {
  Proto out;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &out));
  return out;
}
Failure read(const Proto& proto) {
  return detail::from_proto(proto, DataConverter());
}
Proto written(const Failure& failure, const DataConverter& converter = {}) {
  Proto out;
  detail::to_proto(failure, converter, {}, &out);
  return out;
}
template <class E>
Failure thrown(E error) {
  return Failure::from(std::make_exception_ptr(std::move(error)));
}

// One of each kind, as servers and the Go and Python SDKs write them.
const std::vector<std::string> kFixtures = {
    R"(message: "activity error" source: "GoSDK"
       activity_failure_info { scheduled_event_id: 5 started_event_id: 6 identity: "1@host"
         activity_type { name: "chargePayment" } activity_id: "5"
         retry_state: RETRY_STATE_NON_RETRYABLE_FAILURE }
       cause { message: "declined" source: "PythonSDK" stack_trace: "line 1\nline 2"
         application_failure_info { type: "CardDeclined" non_retryable: true
           details { payloads {
           metadata { key: "encoding" value: "json/plain" } data: "{\"id\":\"r\"}" } }
           next_retry_delay { seconds: 1 nanos: 500000000 }
           category: APPLICATION_ERROR_CATEGORY_BENIGN } })",
    R"(message: "Child Workflow execution failed" source: "Server"
       child_workflow_execution_failure_info { namespace: "default"
         workflow_execution { workflow_id: "w" run_id: "r" } workflow_type { name: "W" }
         initiated_event_id: 7 started_event_id: 8
         retry_state: RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED }
       cause { message: "terminated" terminated_failure_info { identity: "cli" } })",
    R"(message: "activity Heartbeat timeout" source: "Server"
       timeout_failure_info { timeout_type: TIMEOUT_TYPE_HEARTBEAT
         last_heartbeat_details { payloads {
           metadata { key: "encoding" value: "json/plain" } data: "42" } } })",
    R"(message: "cancelled" source: "TypeScriptSDK"
       canceled_failure_info { identity: "w@h"
         details { payloads {
           metadata { key: "encoding" value: "json/plain" } data: "\"late\"" } } })",
    R"(message: "internal" server_failure_info { non_retryable: true })",
    R"(message: "reset" reset_workflow_failure_info {
         last_heartbeat_details { payloads {
           metadata { key: "encoding" value: "json/plain" } data: "1" } } })",
    R"(message: "nexus operation completed unsuccessfully" source: "GoSDK"
       nexus_operation_execution_failure_info { scheduled_event_id: 5 endpoint: "e" service: "s"
         operation: "o" operation_token: "t" }
       cause { message: "no such order" nexus_handler_failure_info { type: "NOT_FOUND"
         retry_behavior: NEXUS_HANDLER_ERROR_RETRY_BEHAVIOR_NON_RETRYABLE } })",
};

}  // namespace

TEST(FailureProto, EveryKindComesBackAsItWas) {
  std::set<FailureKind> kinds;
  for (const auto& text : kFixtures) {
    const auto proto = parsed(text);
    const auto failure = read(proto);
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(written(failure), proto))
        << written(failure).DebugString();
    for (const auto* f = &failure; f; f = f->cause()) kinds.insert(f->kind());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<FailureInfo>);
}

TEST(FailureProto, ReadsWhatItSays) {
  const auto failure = read(parsed(kFixtures[0]));
  ASSERT_EQ(failure.kind(), FailureKind::activity);
  EXPECT_EQ(failure.info<ActivityFailureInfo>()->activity_type, "chargePayment");
  EXPECT_EQ(failure.source(), "GoSDK");
  const auto& root = failure.root();
  EXPECT_EQ(root.type(), "CardDeclined");
  EXPECT_TRUE(root.non_retryable());
  EXPECT_EQ(root.detail<Refund>(), Refund{"r"});
  EXPECT_EQ(root.detail<Refund>(1), std::nullopt);
  EXPECT_EQ(root.info<ApplicationFailureInfo>()->next_retry_delay, 1500ms);
  EXPECT_EQ(root.info<ApplicationFailureInfo>()->category, ApplicationErrorCategory::benign);
  EXPECT_EQ(root.stack_trace(), "line 1\nline 2");
  EXPECT_EQ(failure.to_string(), "activity error: CardDeclined: declined");
}

TEST(FailureProto, EncodedAttributesHideMessageAndStack) {
  const DataConverter converter({.encode_common_attributes = true});
  const Failure failure({.message = "secret", .stack_trace = "at x"});
  const auto proto = written(failure, converter);
  EXPECT_EQ(proto.message(), "Encoded failure");
  EXPECT_EQ(proto.stack_trace(), "");
  EXPECT_EQ(proto.source(), "CppSDK");
  EXPECT_EQ(proto.encoded_attributes().data(), R"({"message":"secret","stack_trace":"at x"})");
  const auto back = read(proto);
  EXPECT_EQ(back.message(), "secret");
  EXPECT_EQ(back.stack_trace(), "at x");
}

TEST(FailureProto, AttributesThatDoNotDecodeStayAsTheyAre) {
  auto proto = parsed(R"(message: "Encoded failure" encoded_attributes { data: "x" })");
  EXPECT_EQ(read(proto).message(), "Encoded failure");
}

TEST(Failure, FromExceptions) {
  const auto application = thrown(ApplicationFailure(
      "m", {.type = "T", .non_retryable = true, .details = {Value::of(Refund{"r"})}}));
  EXPECT_EQ(application.type(), "T");
  EXPECT_EQ(application.detail<Refund>()->id, "r");
  EXPECT_EQ(thrown(std::invalid_argument("bad")).type(), "std::invalid_argument");
  EXPECT_EQ(thrown(std::invalid_argument("bad")).message(), "bad");
  EXPECT_EQ(thrown(Bug("b")).type(), "(anonymous namespace)::Bug");
  EXPECT_EQ(thrown(7).type(), "int");
  EXPECT_EQ(thrown(CanceledFailure("c")).kind(), FailureKind::canceled);
  EXPECT_FALSE(thrown(Bug("b")).non_retryable());
}

TEST(Failure, FromNestedExceptions) {
  Failure failure = Failure::canceled("");
  try {
    try {
      throw ApplicationFailure("inner", {.type = "Inner"});
    } catch (...) {
      std::throw_with_nested(Bug("outer"));
    }
  } catch (...) {
    failure = Failure::from(std::current_exception());
  }
  EXPECT_EQ(failure.message(), "outer");
  ASSERT_NE(failure.cause(), nullptr);
  EXPECT_EQ(failure.root().type(), "Inner");
}

TEST(Failure, OfAClientsErrorHasItsCause) {
  const auto failure =
      thrown(WorkflowFailedError("workflow failed", Failure::canceled("by operator")));
  EXPECT_EQ(failure.type(), "temporal::WorkflowFailedError");
  EXPECT_EQ(failure.root().kind(), FailureKind::canceled);
}

TEST(Failure, IsThrownAsItsKind) {
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[0]))), ActivityFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[0])).root()), ApplicationFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[1]))), ChildWorkflowFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[1])).root()), TerminatedFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[2]))), TimeoutFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[3]))), CanceledFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[4]))), ServerFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[5]))), ServerFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[6]))), NexusOperationFailure);
  EXPECT_THROW(throw_failure(read(parsed(kFixtures[6])).root()), NexusOperationFailure);
  // NOLINTNEXTLINE(bugprone-throw-keyword-missing)
  EXPECT_THROW((void)TimeoutFailure(Failure::canceled("c")), std::logic_error);
}
