#include "cli/order_text.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "cli/text.h"
#include "contract/timestamp.h"

namespace ordering::cli {

namespace {

std::string attempts_text(int attempts) {
  if (attempts == 0) return {};
  return std::to_string(attempts) + (attempts == 1 ? " attempt" : " attempts");
}

std::string time_between(const std::optional<std::string>& from,
                         const std::optional<std::string>& to) {
  const auto began = parse_rfc3339(from.value_or(""));
  const auto ended = parse_rfc3339(to.value_or(""));
  return began && ended ? in_words(*ended - *began) : std::string();
}

void add_step(Table& table, const Step& step, const Terminal& terminal) {
  const auto outcome = step.code.value_or(step.result.value_or(""));
  table.add({{.text = "  " + printable(step.name)},
             terminal.status_cell(step.state, printable(step.state)),
             {.text = printable(outcome)},
             {.text = attempts_text(step.attempts)},
             {.text = time_between(step.started_at, step.ended_at)}});
}

}  // namespace

std::string headline(const Order& order, const Terminal& terminal) {
  const auto status = terminal.status_cell(order.status, printable(order.status));
  auto line = terminal.painted(Colour::bold, printable(order.order_id)) + "  " +
              amount_text(order.amount) + ' ' + printable(order.currency) + "  " + status.before +
              status.text + status.after;
  if (order.failure)
    line += ' ' + printable(order.failure->code) + ": " + printable(order.failure->message);
  if (order.stuck) line += "  " + terminal.painted(Colour::red, "STUCK");
  if (order.repaired.value_or(false)) line += "  repaired";
  return line;
}

std::vector<std::string> in_full(const Order& order, const Terminal& terminal) {
  std::vector<std::string> lines{headline(order, terminal)};
  Table table;
  for (const auto& step : order.steps) add_step(table, step, terminal);
  for (const auto& step : order.compensations) add_step(table, step, terminal);
  std::ranges::move(table.lines(), std::back_inserter(lines));
  auto when = "  created " + local_time(order.created_at);
  if (order.closed_at) {
    when += ", closed " + local_time(*order.closed_at) + ", after " +
            time_between(order.created_at, order.closed_at);
  }
  lines.push_back(terminal.painted(Colour::dim, when));
  lines.push_back(terminal.painted(Colour::dim, "  " + printable(order.links.temporal_ui)));
  return lines;
}

std::string in_words(const OrderEvent& event, const Terminal& terminal) {
  std::string line = printable(event.type);
  if (event.step) line += ' ' + printable(*event.step);
  const auto told = event.type == "ended" ? event.status : event.state.value_or("");
  const auto state = terminal.status_cell(told, printable(told));
  if (!told.empty()) line += ' ' + state.before + state.text + state.after;
  if (event.code) line += ' ' + printable(*event.code);
  return line;
}

std::optional<std::chrono::milliseconds> took(const ListedOrder& order) {
  const auto created = parse_rfc3339(order.created_at);
  const auto closed = parse_rfc3339(order.closed_at.value_or(""));
  return created && closed ? std::optional(*closed - *created) : std::nullopt;
}

std::string where_it_is(const Order& order) {
  const auto busy = [](const Step& step) {
    return step.state == "RUNNING" || step.state == "SCHEDULED";
  };
  // The compensations come after the steps.
  for (const auto* steps : {&order.compensations, &order.steps}) {
    const auto at = std::ranges::find_if(*steps, busy);
    if (at == steps->end()) continue;
    auto text = printable(at->name) + ' ' + printable(at->state);
    if (at->attempts > 1) text += ", attempt " + std::to_string(at->attempts);
    return order.stuck ? text + ", STUCK" : text;
  }
  return printable(order.stage);
}

}  // namespace ordering::cli
