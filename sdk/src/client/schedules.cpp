// Calls for schedules.
#include "client/schedule_proto.h"
#include "temporal/client.h"

namespace temporal {

namespace detail {

namespace {

Async<void> create(Core core, CreateScheduleInput input) {
  service::CreateScheduleRequest request;
  request.set_namespace_(core->name_space());
  request.set_schedule_id(input.id);
  *request.mutable_schedule() = to_proto(input.schedule, core);
  request.set_identity(core->identity());
  const auto& o = input.options;
  request.set_request_id(o.request_id.empty() ? new_uuid() : o.request_id);
  // What the trigger does where others run is the schedule's own policy.
  if (o.trigger_immediately) request.mutable_initial_patch()->mutable_trigger_immediately();
  for (const auto& span : o.backfill)
    *request.mutable_initial_patch()->add_backfill_request() = to_proto(span);
  if (!o.memo.empty())
    to_proto(o.memo, core->converter(), {}, request.mutable_memo()->mutable_fields());
  if (!o.search_attributes.empty())
    *request.mutable_search_attributes() = to_proto(o.search_attributes);
  co_await rpc<service::CreateScheduleResponse>(core, std::move(request), o.rpc);
}

Async<ScheduleDescription> describe(Core core, DescribeScheduleInput input) {
  service::DescribeScheduleRequest request;
  request.set_namespace_(core->name_space());
  request.set_schedule_id(input.id);
  auto response =
      co_await rpc<service::DescribeScheduleResponse>(core, std::move(request), input.rpc);
  co_return description(std::move(input.id), response, core);
}

Async<void> patch(Core core, PatchScheduleInput input) {
  service::PatchScheduleRequest request;
  request.set_namespace_(core->name_space());
  request.set_schedule_id(input.id);
  auto& patch = *request.mutable_patch();
  if (input.trigger)
    patch.mutable_trigger_immediately()->set_overlap_policy(to_proto(*input.trigger));
  for (const auto& span : input.backfill) *patch.add_backfill_request() = to_proto(span);
  patch.set_pause(input.pause.value_or(""));
  patch.set_unpause(input.unpause.value_or(""));
  request.set_identity(core->identity());
  request.set_request_id(new_uuid());
  co_await rpc<service::PatchScheduleResponse>(core, std::move(request), input.rpc);
}

Async<void> update(Core core, UpdateScheduleInput input) {
  service::UpdateScheduleRequest request;
  request.set_namespace_(core->name_space());
  request.set_schedule_id(input.id);
  *request.mutable_schedule() = to_proto(input.schedule, core);
  request.set_conflict_token(input.conflict_token);
  request.set_identity(core->identity());
  request.set_request_id(new_uuid());
  co_await rpc<service::UpdateScheduleResponse>(core, std::move(request), input.rpc);
}

Async<void> remove(Core core, DeleteScheduleInput input) {
  service::DeleteScheduleRequest request;
  request.set_namespace_(core->name_space());
  request.set_schedule_id(input.id);
  request.set_identity(core->identity());
  co_await rpc<service::DeleteScheduleResponse>(core, std::move(request), input.rpc);
}

Async<SchedulePage> list(Core core, ScheduleListOptions options) {
  service::ListSchedulesRequest request;
  request.set_namespace_(core->name_space());
  request.set_maximum_page_size(options.page_size);
  request.set_next_page_token(options.next_page_token);
  request.set_query(options.query);
  auto response =
      co_await rpc<service::ListSchedulesResponse>(core, std::move(request), options.rpc);
  SchedulePage page{.next_page_token = response.next_page_token()};
  for (const auto& entry : response.schedules()) page.schedules.push_back(list_entry(entry, core));
  co_return page;
}

Async<ScheduleHandle> created(Core core, std::string id, Async<void> create) {
  co_await std::move(create);
  co_return ScheduleHandle(std::move(core), std::move(id));
}

}  // namespace

Async<void> update_schedule(std::shared_ptr<ClientCore> core, std::string id, ScheduleChange change,
                            RpcOptions options) {
  const Deadline deadline(options);
  auto& first = outermost(core);
  auto known = co_await first.describe_schedule({id, deadline.next(options)});
  auto changed = change(known);
  if (!changed) co_return;
  co_await first.update_schedule({.id = std::move(id),
                                  .schedule = *std::move(changed),
                                  .conflict_token = std::move(known.conflict_token),
                                  .rpc = deadline.next(options)});
}

Async<void> ClientCore::create_schedule(CreateScheduleInput input) {
  return create(shared_from_this(), std::move(input));
}
Async<ScheduleDescription> ClientCore::describe_schedule(DescribeScheduleInput input) {
  return describe(shared_from_this(), std::move(input));
}
Async<void> ClientCore::patch_schedule(PatchScheduleInput input) {
  return patch(shared_from_this(), std::move(input));
}
Async<void> ClientCore::update_schedule(UpdateScheduleInput input) {
  return update(shared_from_this(), std::move(input));
}
Async<void> ClientCore::delete_schedule(DeleteScheduleInput input) {
  return remove(shared_from_this(), std::move(input));
}
Async<SchedulePage> ClientCore::list_schedules(ScheduleListOptions options) {
  return list(shared_from_this(), std::move(options));
}

}  // namespace detail

Async<ScheduleHandle> Client::create_schedule(std::string id, Schedule schedule,
                                              ScheduleOptions options) const {
  auto create = first().create_schedule({id, std::move(schedule), std::move(options)});
  return detail::created(core_, std::move(id), std::move(create));
}
ScheduleHandle Client::schedule_handle(std::string id) const {
  return {core_, std::move(id)};
}
Async<SchedulePage> Client::list_schedules(ScheduleListOptions options) const {
  return detail::keeping(core_, first().list_schedules(std::move(options)));
}

}  // namespace temporal
