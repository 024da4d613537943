// The opt-in headers: protobuf messages and Boost.JSON values inside other types.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "temporal/api.h"
#include "temporal/boost_json.h"
#include "temporal/converter.h"
#include "temporal/protobuf.h"

using namespace temporal;

namespace {

struct Event {
  std::string name;
  boost::json::value body;
};
struct Shipment {
  std::string order;
  api::common::v1::RetryPolicy policy;
  std::vector<api::common::v1::WorkflowType> types;
};

}  // namespace

TEST(BoostJson, AnyShapeComesBack) {
  const std::string text =
      R"({"name":"n","body":{"a":[1,-1,18446744073709551615,1.5,"x\n",true,null,{}],"b":[]}})";
  const auto event = from_json<Event>(text);
  EXPECT_EQ(event.body, boost::json::parse(
                            R"({"a":[1,-1,18446744073709551615,1.5,"x\n",true,null,{}],"b":[]})"));
  EXPECT_EQ(to_json(event), text);
}

TEST(Protobuf, MessagesAsMembers) {
  Shipment shipment{.order = "o"};
  shipment.policy.set_maximum_attempts(3);
  shipment.policy.mutable_initial_interval()->set_seconds(2);
  shipment.types.emplace_back().set_name("T");
  const auto text = to_json(shipment);
  EXPECT_EQ(text, R"({"order":"o","policy":{"initialInterval":"2s","maximumAttempts":3},)"
                  R"("types":[{"name":"T"}]})");
  const auto back = from_json<Shipment>(text);
  EXPECT_EQ(back.policy.maximum_attempts(), 3);
  EXPECT_EQ(back.types.at(0).name(), "T");
  try {
    from_json<Shipment>(R"({"order":"o","policy":{"maximumAttempts":"x"},"types":[]})");
    ADD_FAILURE() << "a policy was read from no policy";
  } catch (const ConversionError& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with(
        "$.policy no JSON of temporal.api.common.v1.RetryPolicy: "))
        << e.what();
  }
}

TEST(Api, JsonOfAMessage) {
  api::namespace_::v1::NamespaceInfo info;
  info.set_name("shop");
  EXPECT_EQ(api::to_json(info), R"({"name":"shop"})");
  api::namespace_::v1::NamespaceInfo back;
  api::from_json(R"({"name":"shop","unknown":1})", back);
  EXPECT_EQ(back.name(), "shop");
  EXPECT_THROW(api::from_json("[]", back), ConversionError);
}
