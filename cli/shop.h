// The calls of the shop (docs/orders.md, 5), one at a time.
//
//   Shop shop(client);
//   co_await shop.place("order-12345", "100");
//   const auto order = read<Order>(co_await shop.order("order-12345"));
//
// Each answer is a 2xx; a problem is thrown as a Failure, as is no answer at all.
#pragma once
#include <temporal/json.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/answers.h"
#include "cli/exit_code.h"
#include "cli/http_client.h"
#include "cli/task.h"

namespace ordering::cli {

// What a problem is to whoever called. Other statuses than those of an error: unreachable.
Failure to_failure(const Answer& problem);

template <class T>
T read(std::string_view json) {
  try {
    return temporal::from_json<T>(json);
  } catch (const temporal::ConversionError& e) {
    throw Failure(ExitCode::unreachable, std::string("This is no answer of a shop: ") + e.what());
  }
}
template <class T>
T read(const Answer& answer) {
  return read<T>(answer.body);
}

class Shop {
 public:
  static constexpr std::chrono::seconds kLongestWait{30};  // of one status call
  static constexpr std::chrono::seconds kAuditTime{100};   // that the shop may take for one
  static constexpr std::chrono::seconds kCancelTime{10};   // until a cancel is decided

  using Query = std::vector<std::pair<std::string, std::string>>;

  explicit Shop(Client& client) : connection_(client) {}

  Task<Answer> place(std::string id, std::string amount);  // a JSON number's text
  Task<Answer> order(std::string id);
  Task<Answer> list(Query query);
  Task<Answer> cancel(std::string id);
  Task<Answer> retry(std::string id, std::string compensation, std::string body);
  Task<Answer> resolve(std::string id, std::string compensation, std::string body);
  Task<Answer> audit();
  // The status at its end, or at the deadline. A shop that does not answer meanwhile is asked again
  // until then.
  Task<std::string> status_at_end(std::string id, Clock::time_point deadline);

 private:
  Task<Answer> call(Request request);
  Task<std::string> status(std::string id, std::chrono::seconds wait);

  Connection connection_;
};

std::string path_of(std::string_view order_id);  // "/orders/order-12345", encoded

}  // namespace ordering::cli
