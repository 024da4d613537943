#include "order/retention.h"

#include <temporal/asio.h>

#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

http::Task<> Retention::run() {
  do {
    try {
      const auto found = co_await temporal::use_asio(client_.describe_namespace(
          client_.name_space(), {.timeout = kCallTime, .stop = draining_}));
      co_return judge(found.retention);
    } catch (const temporal::Error& e) {
      telemetry::debug("the namespace's retention is not known yet", {{"error", e.what()}});
    }
  } while (co_await process::pause(kAgain, draining_));
}

void Retention::judge(std::chrono::seconds retention) {
  if (retention >= kWanted) return;
  const auto hours = std::chrono::floor<std::chrono::hours>(retention).count();
  warnings_ = {"The namespace " + client_.name_space() + " keeps an ended order for " +
               std::to_string(hours) +
               " hours only, and then it is unknown; set its retention to " +
               std::to_string(kWanted.count()) + " days."};
  telemetry::warn(warnings_.front());
}

}  // namespace ordering::order
