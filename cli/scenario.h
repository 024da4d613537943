// `orders scenario`: the orders of the README, under fresh ids, and whether each ends as it should.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/answers.h"
#include "cli/command.h"
#include "cli/shop.h"
#include "contract/failure_rule.h"

namespace ordering::cli {

struct ScenarioOptions {
  double failure_rate = FailureRule::kDefaultRate;        // the shop's own: PAYMENT_FAILURE_RATE
  std::int64_t failure_seed = FailureRule::kDefaultSeed;  // PAYMENT_FAILURE_SEED
  std::chrono::milliseconds wait{120'000};                // for the end of all
};

// How an order ends.
struct Outcome {
  std::string status = {};
  std::optional<std::string> code = {};
  std::vector<std::string> compensations = {};  // in their order: "restock (nothing)"
  friend bool operator==(const Outcome&, const Outcome&) = default;
};
Outcome outcome_of(const Order& order);
std::string in_words(const Outcome& outcome);

struct ScenarioRow {
  std::string name = {};  // of the README: "order-1"
  std::string order_id = {};
  std::string amount = {};
  Outcome expected = {};
  std::optional<Outcome> actual = {};
  std::optional<std::string> error = {};  // why there is no outcome
  bool ok = false;
};

class RunScenarios : public Command {
 public:
  RunScenarios(Means means, ScenarioOptions options);
  Task<ExitCode> run() override;
  void interrupted() override;

 private:
  Task<> run_all();
  Task<> run_row(std::size_t index);
  Task<> show_progress();
  void show() const;
  std::string so_far() const;

  Means means_;
  ScenarioOptions options_;
  Clock::time_point deadline_ = {};
  std::vector<ScenarioRow> rows_;
  std::size_t ended_ = 0;
};

}  // namespace ordering::cli

template <>
struct temporal::Json<ordering::cli::ScenarioRow>
    : ordering::wire::Members<
          ordering::cli::ScenarioRow,
          ordering::wire::Field<"name", &ordering::cli::ScenarioRow::name>,
          ordering::wire::Field<"orderId", &ordering::cli::ScenarioRow::order_id>,
          ordering::wire::Field<"amount", &ordering::cli::ScenarioRow::amount>,
          ordering::wire::Field<"expected", &ordering::cli::ScenarioRow::expected>,
          ordering::wire::Field<"actual", &ordering::cli::ScenarioRow::actual>,
          ordering::wire::Field<"error", &ordering::cli::ScenarioRow::error>,
          ordering::wire::Field<"ok", &ordering::cli::ScenarioRow::ok>> {};
