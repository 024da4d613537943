#include "cli/scenario.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "cli/fresh_ids.h"
#include "cli/text.h"

namespace ordering::cli {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kAmount = "100";
constexpr std::string_view kOverLimit = "1000000.01";

// What the README says. Payment's 20 % goes by the whole id, so that fresh ones are chosen for it.
enum class Payment { passes, fails, any };
struct Scenario {
  std::string_view name;  // its end is that of the fresh id
  std::string_view end;
  std::string_view amount = kAmount;
  std::string_view status = "COMPLETED";
  std::string_view code = {};
  std::vector<std::string> compensations = {};
  Payment payment = Payment::passes;
};

std::vector<Scenario> readme() {
  const std::vector<std::string> no_stock{"restock (nothing)", "refund"};
  const std::vector<std::string> no_money{"refund (nothing)"};
  return {
      {.name = "order-1", .end = "1"},
      {"order-2", "2", kAmount, "FAILED", "I003", no_stock},
      {"order-3", "3", kAmount, "FAILED", "I002", no_stock},
      {.name = "order-4", .end = "4"},
      {.name = "order-5", .end = "5"},
      {.name = "order-6", .end = "6"},
      {.name = "order-7", .end = "7"},
      {.name = "order-8", .end = "8"},
      {"order-9", "9", kAmount, "FAILED", "D002", {"cancel (nothing)", "restock", "refund"}},
      {"order-10", "10", kAmount, "FAILED", "I001", no_stock},
      {"over the limit", "1", kOverLimit, "FAILED", "P001", no_money, Payment::any},
      {"order-16", "16", kAmount, "FAILED", "P002", no_money, Payment::fails},
  };
}

std::string short_name(const std::string& compensation) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNames{
      {{"cancelDelivery", "cancel"}, {"restockInventory", "restock"}, {"refundPayment", "refund"}}};
  for (const auto& [name, shorter] : kNames)
    if (compensation == name) return std::string(shorter);
  return compensation;
}

std::vector<ScenarioRow> rows_for(const ScenarioOptions& options) {
  const FailureRule rule(options.failure_rate, options.failure_seed);
  FreshIds ids("order");
  std::vector<ScenarioRow> rows;
  for (const auto& scenario : readme()) {
    ScenarioRow row{.name = std::string(scenario.name), .amount = std::string(scenario.amount)};
    row.expected = {.status = std::string(scenario.status),
                    .compensations = scenario.compensations};
    if (!scenario.code.empty()) row.expected.code = scenario.code;
    const auto id = scenario.payment == Payment::any
                        ? ids.next(scenario.end)
                        : ids.next(scenario.end, rule, scenario.payment == Payment::fails);
    row.order_id = id.value_or("");
    if (!id) {
      row.error = scenario.payment == Payment::fails ? "payment fails no order here"
                                                     : "payment fails every order here";
      row.ok = true;  // it cannot be had, which is not the shop's mistake
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Outcome outcome_of(const Order& order) {
  Outcome outcome{.status = order.status};
  if (order.failure) outcome.code = order.failure->code;
  for (const auto& undo : order.compensations) {
    auto text = short_name(undo.name);
    if (undo.result != "UNDONE") {
      auto result = undo.result.value_or(undo.state);
      std::ranges::transform(result, result.begin(),
                             [](unsigned char c) { return std::tolower(c); });
      text += " (" + result + ')';
    }
    outcome.compensations.push_back(std::move(text));
  }
  return outcome;
}

std::string in_words(const Outcome& outcome) {
  auto text = printable(outcome.status);
  if (outcome.code) text += ' ' + printable(*outcome.code);
  std::string undone;
  for (const auto& undo : outcome.compensations)
    undone += (undone.empty() ? ": " : ", ") + printable(undo);
  return text + undone;
}

RunScenarios::RunScenarios(Means means, ScenarioOptions options)
    : means_(means), options_(options), rows_(rows_for(options)) {}

Task<ExitCode> RunScenarios::run() {
  Shop shop(means_.client);
  co_await shop.list({{"limit", "1"}});  // a shop that is not there is said once
  deadline_ = Clock::now() + options_.wait;
  co_await with_beside(run_all(), show_progress());
  means_.terminal.clear_progress();
  const bool ok = std::ranges::all_of(rows_, &ScenarioRow::ok);
  if (means_.json) {
    means_.terminal.say(std::string("{\"ok\":") + (ok ? "true" : "false") +
                        ",\"scenarios\":" + temporal::to_json(rows_) + '}');
  } else {
    show();
  }
  co_return ok ? ExitCode::ok : ExitCode::failed;
}

Task<> RunScenarios::run_all() {
  std::vector<Task<>> tasks;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (!rows_[i].error) tasks.push_back(run_row(i));
  co_await all_of(std::move(tasks));
}

Task<> RunScenarios::run_row(std::size_t index) {
  auto& row = rows_[index];  // rows_ does not grow
  Shop shop(means_.client);
  try {
    co_await shop.place(row.order_id, row.amount);
    const auto status = co_await shop.status_at_end(row.order_id, deadline_);
    if (has_ended(status)) {
      row.actual = outcome_of(read<Order>(co_await shop.order(row.order_id)));
      row.ok = *row.actual == row.expected;
    } else {
      row.error = "not ended after " + in_words(options_.wait);
    }
  } catch (const Failure& e) {
    row.error = e.what();
  }
  ++ended_;
}

Task<> RunScenarios::show_progress() {
  for (std::size_t tick = 0;; ++tick) {
    means_.terminal.progress(std::string(spinner(tick)) + ' ' + so_far());
    co_await pause(means_.terminal.shows_progress() ? 100ms : 1h);
  }
}

std::string RunScenarios::so_far() const {
  return std::to_string(ended_) + " of " + std::to_string(rows_.size()) + " orders have ended";
}

void RunScenarios::interrupted() {
  means_.terminal.clear_progress();
  means_.terminal.remark("Stopped: " + so_far() + "; the others go on.");
}

void RunScenarios::show() const {
  const auto& terminal = means_.terminal;
  Table table;
  table.add({{},
             terminal.cell(Colour::bold, "AS"),
             terminal.cell(Colour::bold, "ORDER"),
             terminal.cell(Colour::bold, "EXPECTED"),
             terminal.cell(Colour::bold, "ACTUAL")});
  for (const auto& row : rows_) {
    const auto mark = row.order_id.empty() ? terminal.cell(Colour::dim, "-")
                      : row.ok             ? terminal.cell(Colour::green, "ok")
                                           : terminal.cell(Colour::red, "DIFFERS");
    const auto actual = row.actual ? in_words(*row.actual) : printable(row.error.value_or(""));
    table.add({mark,
               {.text = row.name},
               {.text = row.order_id},
               {.text = in_words(row.expected)},
               {.text = actual}});
  }
  for (const auto& line : table.lines()) means_.terminal.say(line);
  for (const auto& row : rows_) {
    if (!row.actual || row.actual->code != "I003" || row.expected.code) continue;
    means_.terminal.remark(row.order_id + " ended I003: its item is sold out here. " +
                           "POST /inventory/items/{itemId}/adjust puts more into stock.");
  }
}

}  // namespace ordering::cli
