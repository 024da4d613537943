#include "inventory/stock_watch.h"

#include "db/error.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::inventory {

http::Task<> StockWatch::run() {
  do {
    try {
      tell(co_await http::on_pool(pool_, [this] { return store_.items(); }));
    } catch (const db::Error& e) {  // the store is away: what was known stays
      telemetry::debug("the stock cannot be read", {{"error", e.what()}});
    } catch (const http::Problem&) {  // NOLINT(bugprone-empty-catch): too much waits; the next time
    }
  } while (co_await process::pause(kEvery, draining_));
}

void StockWatch::tell(const std::vector<Item>& items) {
  for (const auto& item : items) {
    available_.with({item.id.text()}).set(static_cast<double>(item.available));
    reserved_.with({item.id.text()}).set(static_cast<double>(item.reserved));
  }
}

}  // namespace ordering::inventory
