// A history as the client gives it, as its events.
#pragma once
#include <temporal/api.h>
#include <temporal/history.h>

#include "contract/timestamp.h"

namespace ordering::order {

// RpcError{data_loss} where it is no history of this version's.
temporal::api::history::v1::History events_of(const temporal::History& history);

Timestamp time_of(const temporal::api::history::v1::HistoryEvent& event);

}  // namespace ordering::order
