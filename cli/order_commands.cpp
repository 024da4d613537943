#include "cli/order_commands.h"

#include <algorithm>
#include <iterator>

#include "cli/order_text.h"

namespace ordering::cli {

namespace {

void show_accepted(const Means& means, const Answer& answer) {
  if (means.json) return means.terminal.say(answer.body);
  const auto accepted = read<Accepted>(answer);
  means.terminal.say(printable(accepted.order_id) + "  " + printable(accepted.status) + "  " +
                     printable(accepted.message));
}

}  // namespace

Task<ExitCode> Create::run() {
  const auto answer = co_await shop_.place(options_.order_id, options_.amount);
  if (options_.watch) {
    watch_.emplace(means_, WatchOptions{.order_id = options_.order_id});
    co_return co_await watch_->run();
  }
  if (options_.wait) {
    ShowStatus status(means_, {.order_id = options_.order_id, .wait = options_.wait});
    co_return co_await status.run();
  }
  show_accepted(means_, answer);
  if (answer.replayed) means_.terminal.remark("This order had been placed before.");
  co_return ExitCode::ok;
}

void Create::interrupted() {
  if (watch_) watch_->interrupted();
}

Task<ExitCode> ShowStatus::run() {
  if (options_.wait) {
    auto sentence = "waiting for the end of " + printable(options_.order_id);
    co_await with_beside(wait_for_end(), turn_spinner(means_.terminal, std::move(sentence)));
    means_.terminal.clear_progress();
  }
  const auto answer = co_await shop_.order(options_.order_id);
  const auto order = read<Order>(answer);
  if (means_.json) {
    means_.terminal.say(answer.body);
  } else {
    for (const auto& line : in_full(order, means_.terminal)) means_.terminal.say(line);
  }
  if (has_failed(order.status)) co_return ExitCode::failed;
  co_return options_.wait && !has_ended(order.status) ? ExitCode::not_ended : ExitCode::ok;
}

Task<> ShowStatus::wait_for_end() {
  co_await shop_.status_at_end(options_.order_id, Clock::now() + *options_.wait);
}

Task<ExitCode> Cancel::run() {
  show_accepted(means_, co_await shop_.cancel(options_.order_id));
  co_return ExitCode::ok;
}

Task<ExitCode> Compensate::run() {
  std::map<std::string, std::string> fields;
  if (!options_.by.empty()) fields["by"] = options_.by;
  if (!options_.reason.empty()) fields["reason"] = options_.reason;
  const auto body = fields.empty() ? std::string() : temporal::to_json(fields);
  const auto& [resolve, id, name, by, reason] = options_;
  show_accepted(means_, resolve ? co_await shop_.resolve(id, name, body)
                                : co_await shop_.retry(id, name, body));
  co_return ExitCode::ok;
}

Task<ExitCode> List::run() {
  std::vector<ListedOrder> orders;
  std::optional<std::string> cursor;
  auto left = options_.most;
  do {
    const auto answer = co_await shop_.list(query(std::min(left, kMostOnAPage), cursor));
    auto page = read<OrderPage>(answer);
    if (means_.json) means_.terminal.say(answer.body);
    left -= std::min(left, page.items.size());
    std::ranges::move(page.items, std::back_inserter(orders));
    cursor = page.next_cursor;
  } while (cursor && left > 0);
  if (!means_.json) show(orders, cursor.has_value());
  co_return ExitCode::ok;
}

Shop::Query List::query(std::size_t limit, const std::optional<std::string>& cursor) const {
  Shop::Query query{{"limit", std::to_string(limit)}};
  const auto add = [&query](std::string name, const std::string& value) {
    if (!value.empty()) query.emplace_back(std::move(name), value);
  };
  add("status", options_.status);
  add("code", options_.code);
  add("q", options_.prefix);
  add("from", options_.from);
  add("to", options_.to);
  if (cursor) query.emplace_back("cursor", *cursor);
  return query;
}

void List::show(const std::vector<ListedOrder>& orders, bool more) const {
  auto& terminal = means_.terminal;
  Table table;
  table.add({terminal.cell(Colour::bold, "CREATED"), terminal.cell(Colour::bold, "ORDER"),
             terminal.cell(Colour::bold, "AMOUNT"), terminal.cell(Colour::bold, "STATUS"),
             terminal.cell(Colour::bold, "CODE"), terminal.cell(Colour::bold, "TOOK")});
  for (const auto& order : orders) {
    const auto status = printable(order.status) + (order.stuck ? " (stuck)" : "");
    const auto time = took(order);
    table.add({{.text = local_time(order.created_at)},
               {.text = printable(order.order_id)},
               {.text = amount_text(order.amount)},
               terminal.status_cell(order.status, status),
               {.text = printable(order.code.value_or(""))},
               {.text = time ? in_words(*time) : ""}});
  }
  for (const auto& line : table.lines()) terminal.say(line);
  if (more) terminal.remark("There are more; --limit shows them.");
  if (orders.empty()) terminal.remark("There is no such order.");
}

}  // namespace ordering::cli
