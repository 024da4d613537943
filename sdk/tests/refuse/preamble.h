// What the programs of this folder, and those of sdk/docs/coroutines.md, stand on.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "temporal/async.h"
#include "temporal/registry.h"
#include "temporal/saga.h"
#include "temporal/workflow.h"

using namespace std::chrono_literals;
namespace workflow = temporal::workflow;
using temporal::workflow::Future;
using temporal::workflow::Task;

struct Charged {
  std::string payment_id = {};
};
struct ChargeInput {
  std::string order_id = {};
  int amount = 0;
};
inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_payment{"chargePayment"};

temporal::Async<int> remote();
Task<int> number();
Task<> note(const std::string& text);  // a first parameter by reference: its caller keeps it alive

inline constexpr temporal::WorkflowType<int(int)> type{"type"};
inline constexpr temporal::QueryType<int()> query{"query"};
inline constexpr temporal::UpdateType<int(int, std::string)> update{"update"};
inline constexpr temporal::SignalType<void(int)> signal_type{"signal"};
