#include "worker/core_options.h"

#include <cmath>
#include <stdexcept>
#include <string_view>

#include "bridge/crossing.h"

namespace temporal::detail {

namespace {

using std::chrono::milliseconds;

[[noreturn]] void refuse(std::string_view field, std::string_view what) {
  throw std::invalid_argument("WorkerOptions::" + std::string(field) + " " + std::string(what));
}

void check_positive(std::string_view field, std::size_t n, std::size_t least = 1) {
  if (n < least) refuse(field, "is less than " + std::to_string(least));
}
void check_slots(std::string_view field, std::size_t n, std::size_t least = 1) {
  check_positive(field, n, least);
  if (n > kMaxSlots) refuse(field, "is more than " + std::to_string(kMaxSlots));
}
void check_duration(std::string_view field, milliseconds d) {
  if (d < milliseconds::zero()) refuse(field, "is negative");
}
void check_above_zero(std::string_view field, milliseconds d) {
  if (d <= milliseconds::zero()) refuse(field, "is not above zero");
}
void check_rate(std::string_view field, const std::optional<double>& rate) {
  if (rate && !(std::isfinite(*rate) && *rate > 0)) refuse(field, "is no positive number");
}

void check_pollers(std::string_view field, const std::optional<Pollers>& pollers,
                   std::size_t least) {
  if (!pollers) return;
  if (const auto* simple = std::get_if<SimplePollers>(&*pollers))
    return check_positive(std::string(field) + ".maximum", simple->maximum, least);
  const auto& scaling = std::get<AutoscalingPollers>(*pollers);
  check_positive(std::string(field) + ".minimum", scaling.minimum);
  if (scaling.initial < scaling.minimum || scaling.initial > scaling.maximum)
    refuse(field, "has an initial number outside minimum and maximum");
}

tb_poller_behavior behavior(const std::optional<Pollers>& pollers) {
  if (!pollers) return {};
  if (const auto* simple = std::get_if<SimplePollers>(&*pollers))
    return {.kind = TB_POLLER_SIMPLE_MAXIMUM, .maximum = simple->maximum};
  const auto& scaling = std::get<AutoscalingPollers>(*pollers);
  return {.kind = TB_POLLER_AUTOSCALING,
          .maximum = scaling.maximum,
          .minimum = scaling.minimum,
          .initial = scaling.initial};
}

std::uint64_t millis(milliseconds d) {
  return static_cast<std::uint64_t>(d.count());
}

constexpr milliseconds kRampThrottle(50);

SlotSource source(const std::optional<SlotSource>& source, std::size_t count) {
  return source ? *source : FixedSlots{count};
}

struct CheckSlots {
  std::string_view field;
  std::size_t least;
  void operator()(const FixedSlots& s) const { check_slots(name("count"), s.count, least); }
  void operator()(const ResourceSlots& s) const {
    check_positive(name("minimum"), s.minimum.value_or(least), least);
    check_slots(name("maximum"), s.maximum, s.minimum.value_or(least));
    check_duration(name("ramp_throttle"), s.ramp_throttle.value_or(milliseconds::zero()));
  }
  void operator()(const PooledSlots& s) const {
    check_positive(name("most_polling"), s.most_polling, least);
    check_positive(name("pool"), s.pool.count(), least);
  }
  void operator()(const std::shared_ptr<SlotSupplier>& s) const {
    if (!s) refuse(name("supplier"), "is null");
  }
  std::string name(std::string_view member) const {
    return "tuner." + std::string(field) + "." + std::string(member);
  }
};

struct MakeSlots {
  const SlotBroker::Places& places;
  SlotKind kind;
  tb_slot_supplier operator()(const FixedSlots& s) const {
    return {.kind = TB_SLOTS_FIXED, .of = {.fixed = {.count = s.count}}};
  }
  tb_slot_supplier operator()(const ResourceSlots& s) const {
    const bool workflows = kind == SlotKind::workflow_task;
    auto throttle = s.ramp_throttle.value_or(workflows ? milliseconds::zero() : kRampThrottle);
    return {.kind = TB_SLOTS_BY_RESOURCES,
            .of = {.by_resources = {.resources = s.controller.core()->handle(),
                                    .minimum = s.minimum.value_or(workflows ? 2 : 1),
                                    .maximum = s.maximum,
                                    .ramp_throttle_millis = millis(throttle)}}};
  }
  tb_slot_supplier operator()(const PooledSlots& s) const {
    return {.kind = TB_SLOTS_POOLED,
            .of = {.pooled = {.pool = s.pool.core()->handle(), .most_waiting = s.most_polling}}};
  }
  tb_slot_supplier operator()(const std::shared_ptr<SlotSupplier>& s) const {
    auto broker = std::make_shared<SlotBroker>(s, places);
    return {.kind = TB_SLOTS_CUSTOM, .of = {.custom = bridge::slot_callbacks(std::move(broker))}};
  }
};

tb_versioning versioning(const WorkerOptions& o) {
  if (!o.deployment)
    return {.kind = o.legacy_build_id_versioning ? TB_VERSIONING_LEGACY : TB_VERSIONING_NONE,
            .build_id = bridge::bytes(o.build_id)};
  return {.kind = TB_VERSIONING_DEPLOYMENT,
          .deployment_name = bridge::bytes(o.deployment->version.deployment_name),
          .build_id = bridge::bytes(o.deployment->version.build_id),
          .use_worker_versioning = o.deployment->use_worker_versioning,
          .default_behavior =
              static_cast<tb_versioning_behavior>(o.deployment->default_versioning_behavior)};
}

tb_task_types task_types(const WorkerOptions& o) {
  tb_task_types types = 0;
  // Core never answers a local activity that it may not hand out, so it may in any case: one that is
  // not registered fails with a sentence.
  if (o.registry.has_workflows()) types |= TB_TASK_WORKFLOW | TB_TASK_LOCAL_ACTIVITY;
  if (polls_activities(o)) types |= TB_TASK_ACTIVITY;
  return types;
}

// The server refuses the tasks of a versioned worker that say no behavior.
void check_behaviors(const WorkerOptions& o) {
  if (o.deployment->default_versioning_behavior != VersioningBehavior::unspecified) return;
  for (const auto& workflow : o.registry.workflows())
    if (workflow->options.versioning_behavior == VersioningBehavior::unspecified)
      refuse(
          "deployment.default_versioning_behavior",
          "is unspecified, and so is the versioning_behavior of " +
              (workflow->dynamic ? "the dynamic workflow" : "workflow \"" + workflow->name + '"'));
}

void check_deployment(const WorkerOptions& o) {
  const auto& version = o.deployment->version;
  if (version.deployment_name.empty()) refuse("deployment.version.deployment_name", "is empty");
  if (version.deployment_name.contains('.'))  // the server refuses each poll
    refuse("deployment.version.deployment_name", "has a '.' in it");
  if (version.build_id.empty()) refuse("deployment.version.build_id", "is empty");
  if (o.deployment->use_worker_versioning) return check_behaviors(o);
  if (o.deployment->default_versioning_behavior != VersioningBehavior::unspecified)
    refuse("deployment.default_versioning_behavior", "is set without use_worker_versioning");
}

}  // namespace

bool polls_activities(const WorkerOptions& o) {
  return o.registry.has_activities() && !o.local_activities_only;
}

SlotSource workflow_slots(const WorkerOptions& o) {
  return source(o.tuner.workflow_tasks, o.max_concurrent_workflow_tasks);
}
SlotSource activity_slots(const WorkerOptions& o) {
  return source(o.tuner.activities, o.max_concurrent_activities);
}
SlotSource local_activity_slots(const WorkerOptions& o) {
  return source(o.tuner.local_activities, o.max_concurrent_local_activities);
}

void check(const WorkerOptions& o) {
  if (o.task_queue.empty()) refuse("task_queue", "is empty");
  if (!o.registry.has_workflows() && !o.registry.has_activities())
    refuse("registry", "has neither workflows nor activities");
  if (o.local_activities_only && !o.registry.has_workflows())
    refuse("local_activities_only", "leaves nothing to do: the registry has no workflows");
  const std::size_t least = o.max_cached_workflows > 0 ? 2 : 1;
  check_slots("max_concurrent_workflow_tasks", o.max_concurrent_workflow_tasks, least);
  check_slots("max_concurrent_activities", o.max_concurrent_activities);
  check_slots("max_concurrent_local_activities", o.max_concurrent_local_activities);
  std::visit(CheckSlots{"workflow_tasks", least}, workflow_slots(o));
  std::visit(CheckSlots{"activities", 1}, activity_slots(o));
  std::visit(CheckSlots{"local_activities", 1}, local_activity_slots(o));
  check_pollers("workflow_task_pollers", o.workflow_task_pollers, least);
  check_pollers("activity_pollers", o.activity_pollers, 1);
  if (!(o.nonsticky_to_sticky_poll_ratio > 0 && o.nonsticky_to_sticky_poll_ratio <= 1))
    refuse("nonsticky_to_sticky_poll_ratio", "is not between 0 and 1");
  check_above_zero("sticky_schedule_to_start_timeout", o.sticky_schedule_to_start_timeout);
  check_above_zero("max_heartbeat_throttle_interval", o.max_heartbeat_throttle_interval);
  check_above_zero("default_heartbeat_throttle_interval", o.default_heartbeat_throttle_interval);
  check_duration("graceful_shutdown_timeout", o.graceful_shutdown_timeout);
  check_duration("deadlock_timeout", o.deadlock_timeout);
  check_rate("max_activities_per_second", o.max_activities_per_second);
  check_rate("max_task_queue_activities_per_second", o.max_task_queue_activities_per_second);
  if (o.legacy_build_id_versioning && (o.deployment || o.build_id.empty()))
    refuse("legacy_build_id_versioning", "needs a build_id and no deployment");
  if (o.deployment) check_deployment(o);
}

CoreOptions::CoreOptions(const std::string& workflow_namespace, const WorkerOptions& o,
                         const SlotBroker::Places& places) {
  for (const auto& type : o.nondeterminism_fails_workflow_types)
    types_.push_back(bridge::bytes(type));
  options_.task_queue = bridge::bytes(o.task_queue);
  options_.namespace_ = bridge::bytes(workflow_namespace);
  options_.identity_override = bridge::bytes(o.identity);
  options_.task_types = task_types(o);
  options_.versioning = versioning(o);
  options_.max_cached_workflows = o.max_cached_workflows;
  options_.workflow_pollers = behavior(o.workflow_task_pollers);
  options_.activity_pollers = behavior(o.activity_pollers);
  options_.nonsticky_to_sticky_poll_ratio = o.nonsticky_to_sticky_poll_ratio;
  options_.sticky_schedule_to_start_timeout_millis = millis(o.sticky_schedule_to_start_timeout);
  options_.max_heartbeat_throttle_interval_millis = millis(o.max_heartbeat_throttle_interval);
  options_.default_heartbeat_throttle_interval_millis =
      millis(o.default_heartbeat_throttle_interval);
  options_.max_worker_activities_per_second = o.max_activities_per_second.value_or(0);
  options_.max_task_queue_activities_per_second =
      o.max_task_queue_activities_per_second.value_or(0);
  options_.max_eager_activities_per_workflow_task = o.max_eager_activities_per_workflow_task;
  options_.graceful_shutdown_period_millis = millis(o.graceful_shutdown_timeout);
  options_.nondeterminism_fails_workflow = o.nondeterminism_fails_workflow;
  options_.nondeterminism_fails_workflow_types = types_.data();
  options_.nondeterminism_fails_workflow_type_count = types_.size();
  options_.disable_payload_error_limit = o.disable_payload_error_limit;
  // Last: from here on nothing throws, so that Core gets what it frees.
  auto make = [&](SlotKind kind, const SlotSource& s) {
    return std::visit(MakeSlots{places, kind}, s);
  };
  options_.workflow_slots = make(SlotKind::workflow_task, workflow_slots(o));
  options_.activity_slots = make(SlotKind::activity, activity_slots(o));
  options_.local_activity_slots = make(SlotKind::local_activity, local_activity_slots(o));
}

}  // namespace temporal::detail
