#include "process/store.h"

#include <thread>

#include "http/problem.h"
#include "telemetry/log.h"

namespace ordering::process {

db::Pool open_store(const std::string& url, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds kPause{200};
  const auto until = std::chrono::steady_clock::now() + wait;
  for (bool told = false;; told = true) {
    try {
      return db::Pool(url);
    } catch (const db::Error& error) {
      if (!error.cannot_connect_now() || std::chrono::steady_clock::now() > until) throw;
      if (!told) telemetry::warn("waiting for the database", {{"error", error.what()}});
    }
    std::this_thread::sleep_for(kPause);
  }
}

void rethrow_for_http(const db::Error& error) {
  if (!error.transient() || error.commit_unknown()) throw;
  telemetry::warn("the database cannot be used now",
                  {{"sqlstate", error.sqlstate()}, {"error", error.what()}});
  throw http::Problem{.status = 503,
                      .message = {"The database cannot be reached; try again.",
                                  "데이터베이스에 연결할 수 없습니다. 다시 시도해 주세요."},
                      .retry_after = std::chrono::seconds(1)};
}

}  // namespace ordering::process
