// Data: what needs nothing, what is specialised, converters and codecs, the opt-in headers; failures
// and errors.
#include <gtest/gtest.h>
#include <temporal/api.h>
#include <temporal/boost_json.h>
#include <temporal/converter.h>
#include <temporal/error.h>
#include <temporal/failure.h>
#include <temporal/protobuf.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shop {

class OrderId {
 public:
  explicit OrderId(std::string s) : text_(std::move(s)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};
class Counter {
 public:
  int count() const { return count_; }

 private:
  int count_ = 3;
  TEMPORAL_JSON(Counter, count_);
};

}  // namespace shop

template <>
struct temporal::Json<shop::OrderId> {
  static void write(JsonOut out, const shop::OrderId& id) { out.string(id.text()); }
  static shop::OrderId read(const JsonIn& in) { return shop::OrderId(std::string(in.string())); }
};

namespace {

using temporal::DataConverter, temporal::Payload, temporal::Value;

enum class Stage { accepted, done };
struct Line {
  std::string item = {};
  std::optional<int> count = {};
};
struct Order {  // an aggregate: nothing is needed
  shop::OrderId id;
  Stage stage = Stage::accepted;
  std::vector<Line> lines = {};
  temporal::Bytes seal = {};
};

template <class T>
T there_and_back(T value) {
  DataConverter converter;
  return converter.to_value(converter.to_payload(Value::of(std::move(value)))).template as<T>();
}

TEST(ApiData, AggregatesEnumsAndOwnTypes) {
  struct Local {
    int n = 0;
  };
  EXPECT_EQ(there_and_back(Local{7}).n, 7);
  DataConverter converter;
  const Order order{.id = shop::OrderId("o-1"),
                    .stage = Stage::done,
                    .lines = {{.item = "shoe"}},
                    .seal = {"\x01"}};
  EXPECT_EQ(converter.to_payload(Value::of(order)).data,
            R"({"id":"o-1","stage":"done","lines":[{"item":"shoe","count":null}],"seal":"AQ=="})");
  EXPECT_EQ(there_and_back(order).id.text(), "o-1");
  EXPECT_EQ(converter.to_payload(Value::of(shop::Counter())).data, R"({"count":3})");
  EXPECT_THROW(
      converter.to_value({.metadata = {{"encoding", "json/plain"}}, .data = "{}"}).as<Line>(),
      temporal::ConversionError);
}

TEST(ApiData, WhatPassesThroughAndWhatIsNothing) {
  DataConverter converter;
  EXPECT_EQ(converter.to_payload(Value::of(temporal::Bytes{"ab"})).encoding(), "binary/plain");
  EXPECT_EQ(converter.to_payload(Value()).encoding(), "binary/null");
  EXPECT_EQ(converter.to_payload(Value::of(std::optional<int>())).encoding(), "binary/null");
  const temporal::RawValue raw{{.metadata = {{"encoding", "mine"}}, .data = "as it is"}};
  EXPECT_EQ(there_and_back(raw), raw);
}

TEST(ApiData, ProtobufMessagesAndBoostJson) {
  struct Event {
    temporal::api::common::v1::WorkflowExecution of = {};  // temporal/protobuf.h
    boost::json::value payload = {};                       // temporal/boost_json.h
  };
  temporal::api::common::v1::WorkflowExecution message;
  message.set_workflow_id("w");
  DataConverter converter;
  auto payload = converter.to_payload(Value::of(message));
  EXPECT_EQ(payload.encoding(), "json/protobuf");
  EXPECT_EQ(there_and_back(message).workflow_id(), "w");
  auto event = there_and_back(Event{.of = message, .payload = {{"k", 1}}});
  EXPECT_EQ(event.of.workflow_id(), "w");
  EXPECT_EQ(event.payload.at("k").as_int64(), 1);

  temporal::api::history::v1::History history;  // temporal/api.h
  temporal::api::from_json(R"({"events":[{"eventId":"1"}]})", history);
  EXPECT_EQ(history.events(0).event_id(), 1);
  EXPECT_NE(temporal::api::to_json(history).find("eventId"), std::string::npos);
}

// Text, shouted.
class Loud final : public temporal::EncodingConverter {
 public:
  std::string_view encoding() const override { return "mine/loud"; }
  std::optional<Payload> to_payload(const temporal::ObjectView& object,
                                    const temporal::SerializationContext&) const override {
    const auto* text = object.get_if<std::string>();
    if (!text) return {};
    return Payload{.metadata = {{"encoding", "mine/loud"}}, .data = *text + "!"};
  }
  void from_payload(const Payload& payload, temporal::ObjectSlot& slot,
                    const temporal::SerializationContext&) const override {
    if (!slot.put(payload.data.substr(0, payload.data.size() - 1)))
      throw temporal::ConversionError("text only");
  }
};
class Plain final : public temporal::PayloadCodec {
 public:
  temporal::Async<std::vector<Payload>> encode(std::vector<Payload> payloads,
                                               temporal::SerializationContext context) override {
    for (auto& p : payloads) p.metadata["for"] = context.workflow_id;
    co_return payloads;
  }
  temporal::Async<std::vector<Payload>> decode(std::vector<Payload> payloads,
                                               temporal::SerializationContext) override {
    co_return payloads;
  }
};
TEST(ApiData, OwnConvertersAndCodecs) {
  auto converters = temporal::standard_converters();
  converters.insert(converters.begin(), std::make_shared<Loud>());
  DataConverter converter(
      {.payload_converter = std::make_shared<temporal::ConverterChain>(std::move(converters)),
       .codec = std::make_shared<Plain>(),
       .encode_common_attributes = true});
  auto payload = converter.to_payload(Value::of(std::string("hi")), {.workflow_id = "w"});
  EXPECT_EQ(payload.data, "hi!");
  EXPECT_EQ(converter.to_value(payload).as<std::string>(), "hi");
  auto encoded = converter.codec()->encode({payload}, {.workflow_id = "w"}).get();
  EXPECT_EQ(encoded[0].metadata["for"], "w");
}

// --- Failures

using namespace temporal;

Failure failing(FailureInfo info) {
  return Failure({.message = "why", .info = std::move(info)});
}
template <class E, class Info>
void expect_thrown_as() {
  try {
    throw_failure(failing(Info()));
  } catch (const E& e) {
    EXPECT_EQ(e.failure().message(), "why");
    EXPECT_EQ(Failure::from(std::current_exception()).kind(), e.failure().kind());
    return;
  }
  ADD_FAILURE() << "thrown as another";
}
TEST(ApiData, EachFailureHasItsException) {
  expect_thrown_as<ApplicationFailure, ApplicationFailureInfo>();
  expect_thrown_as<CanceledFailure, CanceledFailureInfo>();
  expect_thrown_as<TimeoutFailure, TimeoutFailureInfo>();
  expect_thrown_as<TerminatedFailure, TerminatedFailureInfo>();
  expect_thrown_as<ServerFailure, ServerFailureInfo>();
  expect_thrown_as<ActivityFailure, ActivityFailureInfo>();
  expect_thrown_as<ChildWorkflowFailure, ChildWorkflowFailureInfo>();
  expect_thrown_as<NexusOperationFailure, NexusOperationFailureInfo>();
}

TEST(ApiData, AFailureIsAValueWithACause) {
  auto cause = std::make_shared<const Failure>(Failure::canceled("stop", {Value::of(1)}));
  try {
    throw ApplicationFailure("declined", {.type = "CardDeclined",
                                          .non_retryable = true,
                                          .details = {Value::of(std::string("d"))},
                                          .next_retry_delay = std::chrono::seconds(3),
                                          .category = ApplicationErrorCategory::benign,
                                          .cause = cause});
  } catch (const TemporalFailure& e) {
    const Failure& f = e.failure();
    EXPECT_EQ(f.type(), "CardDeclined");
    EXPECT_TRUE(f.non_retryable());
    EXPECT_EQ(f.detail<std::string>(), "d");
    EXPECT_EQ(f.info<ApplicationFailureInfo>()->category, ApplicationErrorCategory::benign);
    EXPECT_EQ(f.cause()->message(), "stop");
    EXPECT_EQ(f.root().detail<int>(0), 1);
    EXPECT_TRUE(f.stack_trace().empty());
  }
  const auto of_any = Failure::from(std::make_exception_ptr(std::out_of_range("far")));
  EXPECT_EQ(of_any.type(), "std::out_of_range");
}

template <class E>
const E* thrown(const std::function<void()>& act, std::exception_ptr& kept) {
  try {
    act();
  } catch (const Error&) {
    kept = std::current_exception();
  }
  try {
    std::rethrow_exception(kept);
  } catch (const E& e) {
    return &e;
  } catch (...) {
    return nullptr;
  }
}
TEST(ApiData, EachErrorOfAClient) {
  std::exception_ptr e;
  EXPECT_EQ(thrown<RpcError>([] { throw RpcError(RpcCode::unavailable, "no"); }, e)->code(),
            RpcCode::unavailable);
  EXPECT_EQ(thrown<WorkflowAlreadyStartedError>(
                [] { throw WorkflowAlreadyStartedError("w", "T", "r"); }, e)
                ->run_id(),
            "r");
  const auto why = failing(ApplicationFailureInfo{.type = "Late"});
  EXPECT_EQ(thrown<WorkflowFailedError>([&] { throw WorkflowFailedError("w", why); }, e)
                ->failure()
                .type(),
            "Late");
  EXPECT_EQ(
      thrown<UpdateFailedError>([&] { throw UpdateFailedError("u", why); }, e)->failure().type(),
      "Late");
  EXPECT_EQ(
      thrown<QueryFailedError>([&] { throw QueryFailedError("q", why); }, e)->failure().type(),
      "Late");
  EXPECT_EQ(
      thrown<QueryRejectedError>([] { throw QueryRejectedError(WorkflowStatus::completed); }, e)
          ->status(),
      WorkflowStatus::completed);
  EXPECT_EQ(thrown<WorkflowContinuedAsNewError>([] { throw WorkflowContinuedAsNewError("r2"); }, e)
                ->new_run_id(),
            "r2");
  EXPECT_NE(thrown<TimeoutError>([] { throw TimeoutError("late"); }, e), nullptr);
}

}  // namespace
