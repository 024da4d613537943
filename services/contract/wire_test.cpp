// The payloads as they stand in histories: a change here is a change to every running order.
#include <gtest/gtest.h>

#include "contract/activities.h"
#include "contract/compensation.h"
#include "contract/order_repair.h"
#include "contract/order_workflow.h"

namespace ordering {
namespace {

using temporal::from_json;
using temporal::to_json;

const OrderId kId = OrderId::parse("order-1").value();

TEST(Wire, NamesAreTheOriginals) {
  const auto amount = Money::from_minor(10'000);
  EXPECT_EQ(to_json(ChargeInput{kId, amount}), R"({"orderId":"order-1","amountMinor":10000})");
  EXPECT_EQ(to_json(Charged{kId, amount}), R"({"orderId":"order-1","amountMinor":10000})");
  EXPECT_EQ(to_json(OrderInput{kId, amount}),
            R"({"orderId":"order-1","amountMinor":10000,)"
            R"("stepDeadlineMs":600000,"deliveryTimeMs":5000,"indexCode":null})");
  EXPECT_EQ(to_json(StepInput{kId}), R"({"orderId":"order-1"})");
  EXPECT_EQ(to_json(Delivered{kId}), R"({"orderId":"order-1"})");
  EXPECT_EQ(to_json(Completed{kId}), R"({"orderId":"order-1"})");
  EXPECT_EQ(to_json(Reserved{kId, "ITEM_1"}), R"({"orderId":"order-1","itemId":"ITEM_1"})");
  EXPECT_EQ(to_json(Undone{kId, UndoResult::undone}), R"({"orderId":"order-1","result":"UNDONE"})");
  EXPECT_EQ(to_json(Undone{kId, UndoResult::nothing}),
            R"({"orderId":"order-1","result":"NOTHING"})");
  EXPECT_EQ(to_json(CancelAnswer{.code = "D005"}), R"({"accepted":false,"code":"D005"})");
  EXPECT_EQ(to_json(RepairInput{kId}), R"({"orderId":"order-1","deliveryTimeMs":5000})");
  EXPECT_EQ(to_json(Repaired{kId, RepairResult::undone}),
            R"({"orderId":"order-1","result":"UNDONE"})");
  EXPECT_EQ(to_json(Repaired{kId, RepairResult::delivered}),
            R"({"orderId":"order-1","result":"DELIVERED"})");
  EXPECT_EQ(to_json(CompensationRequest{"refundPayment", "kim", "paid by hand", 7}),
            R"({"name":"refundPayment","by":"kim","reason":"paid by hand","attempts":7})");
}

TEST(Wire, ReadsWhatItWrote) {
  const auto in = from_json<ChargeInput>(R"({"amountMinor":1,"later":{},"orderId":"order-1"})");
  EXPECT_EQ(in.order_id, kId);
  EXPECT_EQ(in.amount, Money::from_minor(1));
  EXPECT_EQ(from_json<Undone>(R"({"orderId":"order-1","result":"NOTHING"})").result,
            UndoResult::nothing);
  EXPECT_EQ(from_json<CancelAnswer>(R"({"accepted":false,"code":"ORD005"})").code, "ORD005");
  EXPECT_FALSE(from_json<CancelRequest>("{}").by);
  EXPECT_FALSE(from_json<CompensationRequest>(R"({"name":"refundPayment"})").by);
  EXPECT_EQ(from_json<Repaired>(R"({"orderId":"order-1","result":"DELIVERED"})").result,
            RepairResult::delivered);
}

TEST(Wire, RefusesWhatLacksAMemberOrHasABadOne) {
  EXPECT_THROW(from_json<ChargeInput>(R"({"orderId":"order-1"})"), temporal::ConversionError);
  EXPECT_THROW(from_json<StepInput>(R"({"orderId":"-"})"), temporal::ConversionError);
  EXPECT_THROW(from_json<StepInput>("[]"), temporal::ConversionError);
  EXPECT_THROW(from_json<Undone>(R"({"orderId":"order-1","result":"MAYBE"})"),
               temporal::ConversionError);
}

}  // namespace
}  // namespace ordering
