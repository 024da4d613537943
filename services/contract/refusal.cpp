#include "contract/refusal.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ordering {
namespace {

constexpr std::string_view kPayment = "payment";
constexpr std::string_view kInventory = "inventory";
constexpr std::string_view kDelivery = "delivery";
constexpr std::string_view kOrder = "order";

constexpr std::array kCodes{
    CodeEntry{Code::limit_exceeded, "P001", "LIMIT_EXCEEDED", kPayment, false, 422,
              "The amount is over the limit of 1,000,000.00 for one payment.",
              "결제 금액이 1회 한도 1,000,000.00을 넘습니다."},
    CodeEntry{Code::invalid_amount, "P001", "INVALID_AMOUNT", kPayment, false, 422,
              "Another amount has been decided for this order's payment.",
              "이 주문의 결제는 다른 금액으로 이미 처리되었습니다."},
    CodeEntry{Code::payment_system_error, "P002", "SYSTEM_ERROR", kPayment, false, 503,
              "The payment system failed.", "결제 시스템 오류가 발생했습니다."},
    CodeEntry{Code::item_not_found, "I001", "ITEM_NOT_FOUND", kInventory, false, 404,
              "There is no such item.", "존재하지 않는 상품입니다."},
    CodeEntry{Code::item_discontinued, "I002", "ITEM_DISCONTINUED", kInventory, false, 422,
              "The item has been discontinued.", "단종된 상품입니다."},
    CodeEntry{Code::out_of_stock, "I003", "OUT_OF_STOCK", kInventory, false, 409,
              "The item is out of stock.", "상품의 재고가 없습니다."},
    CodeEntry{Code::warehouse_unavailable, "I004", "WAREHOUSE_UNAVAILABLE", kInventory, false, 503,
              "All warehouses of the item are closed.", "상품을 보관한 모든 창고가 닫혀 있습니다."},
    CodeEntry{Code::reservation_failed, "I005", "RESERVATION_FAILED", kInventory, false, 503,
              "The item could not be reserved.", "재고를 예약하지 못했습니다."},
    // Retried all the same: a compensation has no end but success (rule R4).
    CodeEntry{Code::restock_failed, "I006", "RESTOCK_FAILED", kInventory, true, 503,
              "The item could not be put back into stock.", "재고를 되돌리지 못했습니다."},
    CodeEntry{Code::invalid_address, "D001", "INVALID_ADDRESS", kDelivery, false, 422,
              "The delivery address is not valid.", "배송지 주소가 올바르지 않습니다."},
    CodeEntry{Code::area_not_supported, "D002", "AREA_NOT_SUPPORTED", kDelivery, false, 422,
              "There is no delivery to this area.", "배송할 수 없는 지역입니다."},
    CodeEntry{Code::no_available_courier, "D003", "NO_AVAILABLE_COURIER", kDelivery, false, 503,
              "No courier is available.", "배송 가능한 기사가 없습니다."},
    CodeEntry{Code::already_started, "D005", "ALREADY_STARTED", kDelivery, false, 409,
              "The courier has departed; the order can no longer be cancelled.",
              "배송이 이미 출발하여 주문을 취소할 수 없습니다."},
    CodeEntry{Code::start_failed, "ORD001", "START_FAILED", kOrder, false, 503,
              "The order could not be started now; repeating the call is safe.",
              "지금은 주문을 시작할 수 없습니다. 다시 시도해도 안전합니다."},
    CodeEntry{Code::unavailable, "ORD002", "UNAVAILABLE", kOrder, false, 503,
              "The order service cannot answer now; try again later.",
              "지금은 주문 서비스가 응답할 수 없습니다. 잠시 후 다시 시도해 주세요."},
    CodeEntry{Code::repaired, "ORD003", "REPAIRED", kOrder, false, 409,
              "The order was ended from outside and has been undone.",
              "주문이 외부에서 종료되어 모두 되돌렸습니다."},
    CodeEntry{Code::cancelled, "ORD004", "CANCELLED", kOrder, false, 409,
              "The order was cancelled.", "주문이 취소되었습니다."},
    CodeEntry{Code::already_ended, "ORD005", "ALREADY_ENDED", kOrder, false, 409,
              "It is too late to cancel the order.", "주문을 취소하기에는 너무 늦었습니다."},
    CodeEntry{Code::amount_mismatch, "ORD006", "AMOUNT_MISMATCH", kOrder, false, 409,
              "An order with this orderId has another amount.",
              "같은 주문 번호가 다른 금액으로 이미 접수되었습니다."},
    CodeEntry{Code::not_stuck, "ORD007", "NOT_STUCK", kOrder, false, 409,
              "This compensation of the order is not stuck.",
              "이 주문의 해당 보상 처리는 멈춰 있지 않습니다."},
    // Never shown: a step that came after its compensation. The order ends ORD003 if it still
    // cares.
    CodeEntry{Code::fenced, "FENCED", "FENCED", kOrder, false, 409,
              "The step came after its compensation and may no longer happen.",
              "보상 처리가 끝난 단계라서 더 이상 실행할 수 없습니다."},
};

constexpr bool in_the_order_of_code() {
  for (std::size_t i = 0; i < kCodes.size(); ++i)
    if (kCodes[i].id != static_cast<Code>(i)) return false;
  return kCodes.size() == static_cast<std::size_t>(Code::fenced) + 1;
}
static_assert(in_the_order_of_code());

template <class Wanted>
std::optional<Code> first(Wanted wanted) {
  const auto* entry = std::ranges::find_if(kCodes, wanted);
  if (entry == kCodes.end()) return std::nullopt;
  return entry->id;
}

}  // namespace

std::span<const CodeEntry> all_codes() {
  return kCodes;
}

const CodeEntry& explain(Code id) {
  return kCodes.at(static_cast<std::size_t>(id));
}

std::optional<Code> find_code(std::string_view code) {
  return first([&](const CodeEntry& e) { return e.code == code; });
}

std::optional<Code> find_code(std::string_view code, std::string_view english) {
  const auto both =
      first([&](const CodeEntry& e) { return e.code == code && e.english == english; });
  return both ? both : find_code(code);
}

std::optional<Code> find_name(std::string_view name) {
  return first([&](const CodeEntry& e) { return e.name == name; });
}

}  // namespace ordering
