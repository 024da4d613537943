#include "order/history_events.h"

#include <temporal/error.h>

namespace ordering::order {

temporal::api::history::v1::History events_of(const temporal::History& history) {
  temporal::api::history::v1::History events;
  if (!events.ParseFromString(history.bytes()))
    throw temporal::RpcError(temporal::RpcCode::data_loss, "the history cannot be read");
  return events;
}

Timestamp time_of(const temporal::api::history::v1::HistoryEvent& event) {
  const auto& at = event.event_time();
  return Timestamp(std::chrono::milliseconds(at.seconds() * 1000 + at.nanos() / 1'000'000));
}

}  // namespace ordering::order
