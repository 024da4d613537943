// Between the SDK's schedules and Temporal's messages.
#pragma once
#include <temporal/api/schedule/v1/message.pb.h>

#include "client/messages.h"

namespace temporal::detail {

namespace schedule_api = temporal::api::schedule::v1;

// std::invalid_argument for an action that cannot be right.
schedule_api::Schedule to_proto(const Schedule& schedule, const Core& core);
schedule_api::BackfillRequest to_proto(const ScheduleBackfill& backfill);
temporal::api::enums::v1::ScheduleOverlapPolicy to_proto(ScheduleOverlapPolicy policy);

ScheduleDescription description(std::string id, const service::DescribeScheduleResponse& response,
                                const Core& core);
ScheduleListEntry list_entry(const schedule_api::ScheduleListEntry& entry, const Core& core);

}  // namespace temporal::detail
