#include "temporal/converter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/api/common/v1/message.pb.h>
#include <temporal/api/namespace/v1/message.pb.h>

using namespace temporal;
using Metadata = std::map<std::string, std::string>;
using testing::HasSubstr;
using testing::ThrowsMessage;

namespace {

struct Charged {
  std::string payment_id;
  std::int64_t amount = 0;
  bool operator==(const Charged&) const = default;
};

Payload json(std::string text) {
  return {{{"encoding", "json/plain"}}, std::move(text)};
}
Payload null() {
  return {{{"encoding", "binary/null"}}, ""};
}

template <class T>
Payload sent(T value) {
  return DataConverter().to_payload(Value::of(std::move(value)));
}
template <class T>
T received(Payload payload) {
  return DataConverter().to_value(std::move(payload)).as<T>();
}

}  // namespace

TEST(StandardChain, WritesWhatOtherSdksWrite) {
  EXPECT_EQ(DataConverter().to_payload(Value()), null());
  EXPECT_EQ(sent(std::optional<int>()), null());
  EXPECT_EQ(sent(std::optional<int>(3)), json("3"));
  EXPECT_EQ(sent(std::string("hi")), json("\"hi\""));
  EXPECT_EQ(sent("literal"), json("\"literal\""));
  EXPECT_EQ(sent(std::string_view("view")), json("\"view\""));
  EXPECT_EQ(sent(Charged{"p", 5}), json(R"({"payment_id":"p","amount":5})"));
  EXPECT_EQ(sent(Bytes{std::string("\0\1", 2)}),
            (Payload{{{"encoding", "binary/plain"}}, std::string("\0\1", 2)}));
  EXPECT_EQ(sent(std::vector<int>{1}), json("[1]"));
}

// The bytes are those that the Go, Python and TypeScript SDKs write for these values.
TEST(StandardChain, ReadsWhatOtherSdksWrite) {
  EXPECT_EQ(received<Charged>(json(R"({"amount":5,"payment_id":"p","currency":"EUR"})")),
            (Charged{"p", 5}));
  EXPECT_EQ(received<Charged>(json(R"({"payment_id": "p", "amount": 5})")), (Charged{"p", 5}));
  EXPECT_EQ(received<std::string>(json(R"("\u003ca\u003e")")), "<a>");  // Go escapes HTML
  EXPECT_EQ(received<double>(json("1.0")), 1.0);                        // Python
  EXPECT_EQ(received<std::optional<Charged>>(null()), std::nullopt);
  EXPECT_EQ(received<std::optional<Charged>>(json("null")), std::nullopt);
  EXPECT_EQ(received<std::optional<int>>(json("3")), 3);
  received<void>(null());
  EXPECT_EQ(received<Bytes>({{{"encoding", "binary/plain"}}, "raw"}).data, "raw");
  EXPECT_EQ(received<std::optional<Bytes>>({{{"encoding", "binary/plain"}}, "raw"})->data, "raw");
}

TEST(StandardChain, ProtobufMessages) {
  api::common::v1::WorkflowExecution message;
  message.set_workflow_id("w");
  message.set_run_id("r");
  const auto payload = sent(message);
  EXPECT_EQ(payload.metadata,
            (Metadata{{"encoding", "json/protobuf"},
                      {"messageType", "temporal.api.common.v1.WorkflowExecution"}}));
  EXPECT_EQ(payload.data, R"({"workflowId":"w","runId":"r"})");
  using Message = api::common::v1::WorkflowExecution;
  EXPECT_EQ(received<Message>(payload).run_id(), "r");
  EXPECT_EQ(received<std::optional<Message>>(payload)->run_id(), "r");
  EXPECT_EQ(
      received<Message>({{{"encoding", "json/protobuf"}}, R"({"workflow_id": "w", "other": 1})"})
          .workflow_id(),
      "w");
  EXPECT_EQ(received<Message>({{{"encoding", "binary/protobuf"}}, message.SerializeAsString()})
                .workflow_id(),
            "w");
  EXPECT_THROW(received<Message>({{{"encoding", "binary/protobuf"}}, "\xff"}), ConversionError);
  EXPECT_THROW(received<Message>({{{"encoding", "json/protobuf"}}, "{"}), ConversionError);
  EXPECT_THROW(received<Message>(json("{}")), ConversionError);
  EXPECT_THROW(received<int>(payload), ConversionError);
}

TEST(StandardChain, RenamedPackagesHaveTheirOwnNamesOnTheWire) {
  EXPECT_EQ(sent(api::namespace_::v1::NamespaceInfo()).metadata.at("messageType"),
            "temporal.api.namespace.v1.NamespaceInfo");
}

TEST(StandardChain, RawValuesPassThrough) {
  const Payload odd{{{"encoding", "odd"}, {"x", "y"}}, "data"};
  EXPECT_EQ(sent(RawValue{odd}), odd);
  EXPECT_EQ(received<RawValue>(odd).payload, odd);
}

TEST(StandardChain, ErrorsSayWhatIsMissing) {
  const auto read_int = [](Payload p) { return [p] { (void)received<int>(p); }; };
  EXPECT_THAT(read_int({}), ThrowsMessage<ConversionError>(HasSubstr("no metadata \"encoding\"")));
  EXPECT_THAT(read_int({{{"encoding", "binary/encrypted"}}, ""}),
              ThrowsMessage<ConversionError>(HasSubstr("\"binary/encrypted\"; is it a codec's?")));
  EXPECT_THAT(read_int(null()), ThrowsMessage<ConversionError>(HasSubstr("nothing (binary/null)")));
  EXPECT_THAT(read_int(json("\"x\"")), ThrowsMessage<ConversionError>("$ is no whole number"));
  EXPECT_THAT(read_int({{{"encoding", "binary/plain"}}, "1"}),
              ThrowsMessage<ConversionError>(HasSubstr("ask for temporal::Bytes")));
}

TEST(Value, KeepsTheObjectOrThePayload) {
  const auto object = Value::of(Charged{"p", 1});
  EXPECT_EQ(object.as<Charged>(), (Charged{"p", 1}));
  EXPECT_EQ(object.undecoded(), nullptr);
  EXPECT_THROW(object.as<int>(), ConversionError);
  const Value payload(json("7"));
  EXPECT_EQ(*payload.undecoded(), json("7"));
  EXPECT_EQ(payload.as<int>(), 7);
  EXPECT_EQ(DataConverter().to_payload(payload), json("7"));  // as it came
  EXPECT_THROW(payload.object<int>(), ConversionError);
  EXPECT_EQ(Value::decoded<int>(payload).object<int>(), 7);
  EXPECT_TRUE(Value().is_nothing());
  EXPECT_THROW(Value().as<int>(), ConversionError);
  EXPECT_EQ(Value().as<std::optional<int>>(), std::nullopt);
}

TEST(Value, LocalsNeedNoJsonAndHaveNoPayload) {
  auto local = Value::local(std::make_unique<int>(3));
  EXPECT_THROW(DataConverter().to_payload(local), std::logic_error);
  EXPECT_EQ(*std::move(local).object<std::unique_ptr<int>>(), 3);
}

TEST(Value, MovesOutOnlyWhatNobodyShares) {
  auto one = Value::of(std::string(100, 'x'));
  auto other = one;
  EXPECT_EQ(std::move(one).object<std::string>().size(), 100U);
  EXPECT_EQ(other.as<std::string>().size(), 100U);
}

namespace {

class Reversed final : public EncodingConverter {  // text the other way round, per namespace
 public:
  std::string_view encoding() const override { return "test/reversed"; }
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext& context) const override {
    const auto* text = object.get_if<std::string>();
    if (!text) return {};
    return Payload{{{"encoding", "test/reversed"}, {"of", context.workflow_namespace}},
                   {text->rbegin(), text->rend()}};
  }
  void from_payload(const Payload& payload, ObjectSlot& slot,
                    const SerializationContext& context) const override {
    seen_namespace = context.workflow_namespace;
    if (!slot.put(std::string(payload.data.rbegin(), payload.data.rend())))
      throw ConversionError("text only");
  }
  mutable std::string seen_namespace;
};

}  // namespace

TEST(DataConverter, TakesOnesOwnConverterAndContext) {
  const auto reversed = std::make_shared<Reversed>();
  auto converters = standard_converters();
  converters.insert(converters.begin(), reversed);
  const DataConverter converter(
      {.payload_converter = std::make_shared<ConverterChain>(std::move(converters))});
  const SerializationContext context{.workflow_namespace = "shop"};

  const auto payload = converter.to_payload(Value::of(std::string("abc")), context);
  EXPECT_EQ(payload, (Payload{{{"encoding", "test/reversed"}, {"of", "shop"}}, "cba"}));
  const auto value = converter.to_value(payload, context);
  EXPECT_EQ(value.as<std::string>(), "abc");
  EXPECT_EQ(value.as<std::optional<std::string>>(), "abc");
  EXPECT_EQ(reversed->seen_namespace, "shop");
  EXPECT_THROW(value.as<int>(), ConversionError);
  EXPECT_EQ(converter.to_payload(Value::of(3), context), json("3"));
}

TEST(DataConverter, RefusesTwoConvertersOfOneEncoding) {
  auto converters = standard_converters();
  converters.push_back(converters.front());
  EXPECT_THROW(ConverterChain(std::move(converters)), std::invalid_argument);
}
