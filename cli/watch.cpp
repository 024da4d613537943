#include "cli/watch.h"

#include "cli/order_text.h"
#include "cli/text.h"

namespace ordering::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kTick = 100ms;
constexpr auto kLookedAgain = 1s;  // at the order, for what is no event: attempts, running, stuck
constexpr auto kOpenedAgain = 1s;

}  // namespace

Task<ExitCode> Watch::run() {
  co_await with_beside(follow(), show_where_it_is());
  means_.terminal.clear_progress();
  co_return co_await finish();
}

Task<> Watch::follow() {
  for (;;) {
    try {
      if (co_await follow_stream()) co_return;
      lost_ = "the stream was closed";
    } catch (const Failure& e) {
      if (!opened_ || e.exit_code() != ExitCode::unreachable || ++tries_ > kMostTries) throw;
      lost_ = e.what();
    }
    co_await pause(kOpenedAgain);
  }
}

Task<bool> Watch::follow_stream() {
  EventStream stream(means_.client);
  const auto target = is_of_one() ? path_of(options_.order_id) + "/events" : "/events";
  if (const auto answer = co_await stream.open(target, last_id_)) {
    if (answer->status == 204) co_return true;  // all has been told
    throw to_failure(*answer);
  }
  opened_ = true;
  lost_.clear();
  while (const auto event = co_await stream.next()) take(*event);
  co_return ended_;
}

void Watch::take(const ServerEvent& event) {
  tries_ = 0;
  if (!event.id.empty()) last_id_ = event.id;
  if (!is_of_one() && !is_new(event.id)) return;
  const auto told = read<OrderEvent>(event.data);
  ++events_;
  if (is_of_one()) {
    ended_ = told.type == "ended";
  } else {
    count(told);
  }
  if (means_.json) {
    // As a line of the timeline is: the event with its id before the rest.
    means_.terminal.say("{\"id\":" + temporal::to_json(event.id) + ',' + event.data.substr(1));
    return;
  }
  auto line = means_.terminal.painted(Colour::dim, local_clock(told.at)) + "  ";
  if (!is_of_one()) line += padded(printable(told.order_id), 20) + "  ";
  means_.terminal.say(line + in_words(told, means_.terminal));
}

bool Watch::is_new(const std::string& event_id) {
  if (event_id.empty()) return true;
  if (!ids_.insert(event_id).second) return false;
  ids_in_order_.push_back(event_id);
  if (ids_in_order_.size() > kMostRemembered) {
    ids_.erase(ids_in_order_.front());
    ids_in_order_.pop_front();
  }
  return true;
}

void Watch::count(const OrderEvent& event) {
  if (event.type == "ended") {
    under_way_.erase(event.order_id);
    ++ends_[printable(event.status + (event.code ? ' ' + *event.code : ""))];
  } else if (under_way_.size() < kMostRemembered) {
    under_way_.insert(event.order_id);
  }
}

// Attempts and what runs are no events: the order tells them, looked at now and then.
Task<> Watch::show_where_it_is() {
  auto& terminal = means_.terminal;
  Shop shop(means_.client);
  std::string where;
  const auto began = Clock::now();
  auto looked_at = began - kLookedAgain;
  for (std::size_t tick = 0;; ++tick) {
    co_await pause(terminal.shows_progress() ? kTick : std::chrono::milliseconds(1h));
    if (!opened_) continue;
    if (is_of_one() && Clock::now() - looked_at >= kLookedAgain) {
      looked_at = Clock::now();
      try {
        where = where_it_is(read<Order>(co_await shop.order(options_.order_id)));
      } catch (const Failure&) {
        where = "…";  // the stream says what is the matter
      }
    }
    auto line = is_of_one() ? where : counted();
    if (!lost_.empty()) line = lost_ + " Trying again.";
    const auto time = whole_seconds(Clock::now() - began);
    std::string shown(spinner(tick));
    terminal.progress(shown.append(" ").append(line).append("  ").append(time));
  }
}

// The stream has told all; the order says why it ended so, in the language of whoever asks.
Task<ExitCode> Watch::finish() {
  const auto answer = co_await shop_.order(options_.order_id);
  const auto order = read<Order>(answer);
  if (!means_.json) means_.terminal.say(headline(order, means_.terminal));
  co_return has_failed(order.status) ? ExitCode::failed : ExitCode::ok;
}

void Watch::interrupted() {
  means_.terminal.clear_progress();
  if (is_of_one()) {
    means_.terminal.remark("Stopped watching; the order goes on.");
  } else {
    means_.terminal.remark(counted() + '.');
  }
}

std::string Watch::counted() const {
  auto text = std::to_string(events_) + " events; " + std::to_string(under_way_.size()) +
              " orders under way, ended";
  std::string ends;
  for (const auto& [end, times] : ends_)
    ends += (ends.empty() ? " " : ", ") + std::to_string(times) + ' ' + end;
  return text + (ends.empty() ? " 0" : ends);
}

}  // namespace ordering::cli
