// Tells /metrics the stock: inventory_available_units and inventory_reserved_units of each item.
#pragma once
#include <chrono>
#include <stop_token>
#include <vector>

#include "http/message.h"
#include "http/pool.h"
#include "inventory/store.h"
#include "telemetry/metrics.h"

namespace ordering::inventory {

class StockWatch {
 public:
  static constexpr std::chrono::seconds kEvery{15};

  StockWatch(Store& store, http::Pool& pool, std::stop_token draining)
      : store_(store), pool_(pool), draining_(std::move(draining)) {}

  http::Task<> run();  // until `draining`; on the HTTP thread

 private:
  void tell(const std::vector<Item>& items);

  Store& store_;
  http::Pool& pool_;
  std::stop_token draining_;
  telemetry::Family<telemetry::Gauge>& available_ = telemetry::gauge(
      "inventory_available_units", "Units of an item that may be reserved.", {"item"});
  telemetry::Family<telemetry::Gauge>& reserved_ =
      telemetry::gauge("inventory_reserved_units", "Units of an item that are reserved.", {"item"});
};

}  // namespace ordering::inventory
