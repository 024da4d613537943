// An order as a person reads it.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/answers.h"
#include "cli/terminal.h"

namespace ordering::cli {

// "order-9  100 KRW  FAILED D002: There is no delivery to this area."
std::string headline(const Order& order, const Terminal& terminal);
// The headline, each step and compensation, and where to see more.
std::vector<std::string> in_full(const Order& order, const Terminal& terminal);
// "step chargePayment COMPLETED"
std::string in_words(const OrderEvent& event, const Terminal& terminal);
// From its creation to its end, which it may not have come to.
std::optional<std::chrono::milliseconds> took(const ListedOrder& order);
// What it waits for now: "startDelivery RUNNING, attempt 2"; or its stage.
std::string where_it_is(const Order& order);

}  // namespace ordering::cli
