// The task queues on which the services meet, and nowhere else.
#pragma once
#include <string_view>

namespace ordering {

inline constexpr std::string_view kOrderTaskQueue = "OrderTaskQueue";
inline constexpr std::string_view kPaymentTaskQueue = "PaymentTaskQueue";
inline constexpr std::string_view kInventoryTaskQueue = "InventoryTaskQueue";
inline constexpr std::string_view kDeliveryTaskQueue = "DeliveryTaskQueue";

}  // namespace ordering
