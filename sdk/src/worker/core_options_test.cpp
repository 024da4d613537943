#include "worker/core_options.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace temporal::detail {
namespace {

using namespace std::chrono_literals;

struct Plain {
  static auto definition() {
    return workflow_definition(WorkflowType<void()>{"plain"}, &Plain::run);
  }
  workflow::Task<> run() { co_return; }
};
struct Pinned {
  static auto definition() {
    return workflow_definition(WorkflowType<void()>{"pinned"}, &Pinned::run,
                               {.versioning_behavior = VersioningBehavior::pinned});
  }
  workflow::Task<> run() { co_return; }
};
struct Any {
  static auto definition() { return dynamic_workflow_definition(&Any::run); }
  workflow::Task<> run(RawArgs) { co_return; }
};

WorkerOptions right() {
  WorkerOptions options{.task_queue = "queue"};
  options.registry.workflow<Pinned>();
  return options;
}

// What is wrong with the right options once they are changed.
std::string refusal(const std::function<void(WorkerOptions&)>& change) {
  auto options = right();
  change(options);
  try {
    check(options);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(WorkerOptions, AreRefusedByTheFieldsName) {
  EXPECT_EQ(refusal([](auto&) {}), "");
  EXPECT_EQ(refusal([](auto& o) { o.task_queue = ""; }), "WorkerOptions::task_queue is empty");
  EXPECT_EQ(refusal([](auto& o) { o.max_concurrent_activities = kMaxSlots + 1; }),
            "WorkerOptions::max_concurrent_activities is more than 1000000");
  EXPECT_EQ(refusal([](auto& o) { o.tuner.activities = FixedSlots{kMaxSlots + 1}; }),
            "WorkerOptions::tuner.activities.count is more than 1000000");
  EXPECT_EQ(refusal([](auto& o) { o.sticky_schedule_to_start_timeout = 0s; }),
            "WorkerOptions::sticky_schedule_to_start_timeout is not above zero");
  EXPECT_EQ(refusal([](auto& o) { o.max_heartbeat_throttle_interval = 0s; }),
            "WorkerOptions::max_heartbeat_throttle_interval is not above zero");
  EXPECT_EQ(refusal([](auto& o) { o.default_heartbeat_throttle_interval = 0s; }),
            "WorkerOptions::default_heartbeat_throttle_interval is not above zero");
  EXPECT_EQ(refusal([](auto& o) { o.graceful_shutdown_timeout = -1s; }),
            "WorkerOptions::graceful_shutdown_timeout is negative");
  EXPECT_EQ(refusal([](auto& o) {
              o.registry = {};
              o.registry.activity(ActivityType<void()>{"act"}, [] {});
              o.local_activities_only = true;
            }),
            "WorkerOptions::local_activities_only leaves nothing to do: the registry has no "
            "workflows");
}

TEST(WorkerOptions, AVersionedWorkersWorkflowsSayTheirBehavior) {
  const WorkerDeploymentVersion version{.deployment_name = "shop", .build_id = "1"};
  EXPECT_EQ(refusal([&](auto& o) { o.deployment = {.version = version}; }), "");
  EXPECT_EQ(refusal([&](auto& o) {
              o.registry.template workflow<Plain>();
              o.deployment = {.version = version};
            }),
            "WorkerOptions::deployment.default_versioning_behavior is unspecified, and so is the "
            "versioning_behavior of workflow \"plain\"");
  EXPECT_EQ(refusal([&](auto& o) {
              o.registry.template workflow<Any>();
              o.deployment = {.version = version};
            }),
            "WorkerOptions::deployment.default_versioning_behavior is unspecified, and so is the "
            "versioning_behavior of the dynamic workflow");
  const auto with = [&](bool versioned) {
    return refusal([&](auto& o) {
      o.registry.template workflow<Plain>().template workflow<Any>();
      o.deployment = {.version = version,
                      .use_worker_versioning = versioned,
                      .default_versioning_behavior = VersioningBehavior::auto_upgrade};
    });
  };
  EXPECT_EQ(with(true), "");
  EXPECT_EQ(with(false),
            "WorkerOptions::deployment.default_versioning_behavior is set without "
            "use_worker_versioning");
}

TEST(WorkerOptions, LocalActivitiesOnlyPollsForNoOthers) {
  auto options = right();
  options.registry.activity(ActivityType<void()>{"act"}, [] {});
  const auto polled = [&] { return CoreOptions("default", options).get().task_types; };
  EXPECT_EQ(polled(), TB_TASK_WORKFLOW | TB_TASK_LOCAL_ACTIVITY | TB_TASK_ACTIVITY);
  options.local_activities_only = true;
  EXPECT_EQ(polled(), TB_TASK_WORKFLOW | TB_TASK_LOCAL_ACTIVITY);
}

}  // namespace
}  // namespace temporal::detail
