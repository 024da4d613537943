#include "cli/shop.h"

#include <algorithm>
#include <utility>

#include "cli/text.h"

namespace ordering::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kAskedAgain = 1s;      // a shop that has not answered
constexpr auto kWaitedAgain = 100ms;  // one that stops says at once that there is no end yet

ExitCode exit_code_of(unsigned status) {
  switch (status) {
    case 401:
    case 403:
      return ExitCode::denied;
    case 404:
      return ExitCode::not_found;
    case 409:
      return ExitCode::conflict;
    case 408:
    case 429:
      return ExitCode::unreachable;
    default:
      return status >= 400 && status < 500 ? ExitCode::usage : ExitCode::unreachable;
  }
}

}  // namespace

Failure to_failure(const Answer& answer) {
  const auto exit_code = exit_code_of(answer.status);
  try {
    const auto problem = temporal::from_json<Problem>(answer.body);
    return {exit_code, printable(problem.detail) + " (" + printable(problem.code) + ")",
            problem.code, answer.body};
  } catch (const temporal::ConversionError&) {
    return {exit_code, "The shop answers HTTP " + std::to_string(answer.status) + ".",
            "HTTP_" + std::to_string(answer.status)};
  }
}

std::string path_of(std::string_view order_id) {
  return "/orders/" + percent_encoded(order_id);
}

Task<Answer> Shop::call(Request request) {
  auto answer = co_await connection_.send(std::move(request));
  if (answer.status < 200 || answer.status >= 300) throw to_failure(answer);
  co_return answer;
}

Task<Answer> Shop::place(std::string id, std::string amount) {
  std::string body;
  try {
    body = "{\"orderId\":" + temporal::to_json(id) + ",\"amount\":" + amount + '}';
  } catch (const temporal::ConversionError&) {
    throw Failure(ExitCode::usage, "The order's id is no valid UTF-8.");
  }
  co_return co_await call({.method = "POST", .target = "/orders", .body = std::move(body)});
}

Task<Answer> Shop::order(std::string id) {
  co_return co_await call({.target = path_of(id)});
}

Task<Answer> Shop::list(Query query) {
  std::string target = "/orders";
  for (const auto& [name, value] : query)
    target.append(target.size() == 7 ? "?" : "&").append(name + '=' + percent_encoded(value));
  co_return co_await call({.target = std::move(target)});
}

Task<Answer> Shop::cancel(std::string id) {
  co_return co_await call(
      {.method = "POST", .target = path_of(id) + "/cancel", .wait = kCancelTime});
}

Task<Answer> Shop::retry(std::string id, std::string compensation, std::string body) {
  co_return co_await call(
      {.method = "POST",
       .target = path_of(id) + "/compensations/" + percent_encoded(compensation) + "/retry",
       .body = std::move(body),
       .wait = kCancelTime});
}

Task<Answer> Shop::resolve(std::string id, std::string compensation, std::string body) {
  co_return co_await call(
      {.method = "POST",
       .target = path_of(id) + "/compensations/" + percent_encoded(compensation) + "/resolve",
       .body = std::move(body),
       .wait = kCancelTime});
}

Task<Answer> Shop::audit() {
  co_return co_await call({.target = "/audit", .wait = kAuditTime});
}

Task<std::string> Shop::status(std::string id, std::chrono::seconds wait) {
  const auto query = wait > 0s ? "?wait=" + std::to_string(wait.count()) : std::string();
  const auto answer = co_await call({.target = path_of(id) + "/status" + query, .wait = wait});
  co_return read<Accepted>(answer).status;
}

Task<std::string> Shop::status_at_end(std::string id, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(deadline - Clock::now());
    std::chrono::milliseconds rest = kWaitedAgain;
    try {
      auto status =
          co_await this->status(id, std::clamp<std::chrono::seconds>(left, 0s, kLongestWait));
      if (has_ended(status) || Clock::now() >= deadline) co_return status;
    } catch (const Failure& e) {
      const bool late = Clock::now() + kAskedAgain >= deadline;
      if (e.exit_code() != ExitCode::unreachable || late) throw;
      rest = kAskedAgain;
    }
    co_await pause(rest);
  }
}

}  // namespace ordering::cli
