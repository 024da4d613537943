// What the requests that start a workflow have in common, of a client's options or of a workflow's.
#pragma once
#include <chrono>

#include "data/proto.h"

namespace temporal::detail {

template <class Request, class Options>
void fill_start_request(const Options& o, const std::string& workflow_type, const Values& args,
                        const std::map<std::string, Payload>& headers,
                        const DataConverter& converter, const SerializationContext& context,
                        Request& r) {
  auto duration = [&r]<auto Field>(std::chrono::milliseconds value) {
    if (value != value.zero()) *(r.*Field)() = to_proto(value);
  };
  r.set_workflow_id(o.id);
  r.mutable_workflow_type()->set_name(workflow_type);
  r.mutable_task_queue()->set_name(o.task_queue);
  to_proto(args, converter, context, r.mutable_input()->mutable_payloads());
  duration.template operator()<&Request::mutable_workflow_execution_timeout>(o.execution_timeout);
  duration.template operator()<&Request::mutable_workflow_run_timeout>(o.run_timeout);
  duration.template operator()<&Request::mutable_workflow_task_timeout>(o.task_timeout);
  duration.template operator()<&Request::mutable_workflow_start_delay>(o.start_delay);
  r.set_workflow_id_reuse_policy(to_proto(o.id_reuse_policy));
  r.set_workflow_id_conflict_policy(to_proto(o.id_conflict_policy));
  if (o.retry_policy) *r.mutable_retry_policy() = to_proto(*o.retry_policy);
  r.set_cron_schedule(o.cron_schedule);
  if (!o.memo.empty()) to_proto(o.memo, converter, context, r.mutable_memo()->mutable_fields());
  if (!o.search_attributes.empty()) *r.mutable_search_attributes() = to_proto(o.search_attributes);
  if (!headers.empty()) to_proto(headers, r.mutable_header()->mutable_fields());
  auto& metadata = *r.mutable_user_metadata();
  if (!o.static_summary.empty())
    to_proto(Value::of(o.static_summary), converter, context, metadata.mutable_summary());
  if (!o.static_details.empty())
    to_proto(Value::of(o.static_details), converter, context, metadata.mutable_details());
  if (!metadata.has_summary() && !metadata.has_details()) r.clear_user_metadata();
  if (o.versioning_override) *r.mutable_versioning_override() = to_proto(*o.versioning_override);
  if (o.priority != Priority{}) *r.mutable_priority() = to_proto(o.priority);
}

}  // namespace temporal::detail
