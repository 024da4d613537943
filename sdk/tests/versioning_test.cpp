// New code under running workflows: patches, checked by replay, and the server's Worker Versioning.
#include <temporal/activity.h>
#include <temporal/api.h>
#include <temporal/replayer.h>

#include "fixture.h"

namespace temporal::tests {
namespace {

namespace service = api::workflowservice::v1;
using workflow::Task;

// --- Patches: one workflow through its four versions

constexpr ActivityType<void()> reserve{"reserve"};
constexpr ActivityType<void()> charge{"charge"};
constexpr WorkflowType<void()> order_type{"Order"};

Task<> step(ActivityType<void()> type) {
  co_await workflow::execute_activity(type, {.start_to_close_timeout = 10s});
}
struct Original {
  static auto definition() { return workflow_definition(order_type, &Original::run); }
  Task<> run() { co_await step(charge); }
};
struct Patched {
  static auto definition() { return workflow_definition(order_type, &Patched::run); }
  Task<> run() {
    if (workflow::patched("reserve-first")) co_await step(reserve);
    co_await step(charge);
  }
};
struct Deprecated {
  static auto definition() { return workflow_definition(order_type, &Deprecated::run); }
  Task<> run() {
    workflow::deprecate_patch("reserve-first");
    co_await step(reserve);
    co_await step(charge);
  }
};
struct Clean {
  static auto definition() { return workflow_definition(order_type, &Clean::run); }
  Task<> run() {
    co_await step(reserve);
    co_await step(charge);
  }
};

class Versioning : public ServerTest {
 protected:
  static constexpr const char* kDeployment = "shop";

  template <class C>
  History recorded() {
    Registry registry;
    registry.activity(reserve, [] {}).activity(charge, [] {});
    auto& worker = work_on<C>(registry);
    auto handle = start(order_type);
    result(handle);
    worker.shutdown();
    return handle.fetch_history().get();
  }
  template <class C>
  static bool replays(const History& history) {
    Registry registry;
    registry.workflow<C>();
    auto result = Replayer({.registry = registry}).replay(history);
    EXPECT_EQ(result.ok(), !result.nondeterministic) << result.failure;
    return result.ok();
  }

  // Calls until the server accepts: it learns of pollers within seconds.
  void make_current(const std::string& build_id) {
    service::SetWorkerDeploymentCurrentVersionRequest request;
    request.set_namespace_("default");
    request.set_deployment_name(kDeployment);
    request.set_build_id(build_id);
    eventually(
        [&] {
          try {
            client
                .call(RpcService::workflow, "SetWorkerDeploymentCurrentVersion",
                      request.SerializeAsString())
                .get();
            return true;
          } catch (const RpcError&) {
            return false;
          }
        },
        "the current version " + build_id);
  }
  template <class... C>
  void work_as(const std::string& build_id) {
    work_on<C...>(
        {}, {.deployment = {{.version = {kDeployment, build_id},
                             .default_versioning_behavior = VersioningBehavior::auto_upgrade}}});
  }
  // Of legacy versioning: a set of its own, which new runs go to.
  void make_default(const std::string& build_id) {
    service::UpdateWorkerBuildIdCompatibilityRequest request;
    request.set_namespace_("default");
    request.set_task_queue(queue);
    request.set_add_new_build_id_in_new_default_set(build_id);
    client
        .call(RpcService::workflow, "UpdateWorkerBuildIdCompatibility", request.SerializeAsString())
        .get();
  }
  VersioningOverride pinned_to(const std::string& build_id) const {
    return {.kind = VersioningOverride::Kind::pinned, .version = {kDeployment, build_id}};
  }
};

TEST_F(Versioning, APatchIsAddedDeprecatedAndRemoved) {
  auto original = recorded<Original>();
  EXPECT_TRUE(replays<Patched>(original));
  EXPECT_FALSE(replays<Clean>(original));
  auto patched = recorded<Patched>();
  EXPECT_TRUE(replays<Patched>(patched));
  EXPECT_TRUE(replays<Deprecated>(patched));
  EXPECT_FALSE(replays<Original>(patched));
  EXPECT_FALSE(replays<Clean>(patched));  // too early: the mark says that both ways exist
  auto deprecated = recorded<Deprecated>();
  EXPECT_TRUE(replays<Deprecated>(deprecated));
  EXPECT_TRUE(replays<Patched>(deprecated));
  EXPECT_TRUE(replays<Clean>(deprecated));
  EXPECT_FALSE(replays<Deprecated>(original));
}

// --- Worker Versioning

constexpr SignalType<void()> go{"go"};
constexpr WorkflowType<std::string(std::string)> pinned_type{"Pinned"};
constexpr WorkflowType<std::string(std::string)> upgrading_type{"Upgrading"};
constexpr WorkflowType<std::string(std::optional<VersioningOverride>)> asking_type{"Asking"};

std::string build_id() {
  const auto& version = workflow::info().deployment_version;
  return version ? version->build_id : "none";
}

// Says by which builds its first task and the one after the signal were done.
struct Waiting {
  Task<std::string> wait() {
    auto before = build_id();
    co_await workflow::wait_until([this] { return open_; });
    co_return before + " then " + build_id() +
        (workflow::info().target_worker_deployment_version_changed ? ", outdated" : "");
  }
  void on_go() { open_ = true; }
  bool open_ = false;
};
struct Pinned : Waiting {
  static auto definition() {
    return workflow_definition(pinned_type, &Pinned::run,
                               {.versioning_behavior = VersioningBehavior::pinned})
        .signal(go, &Pinned::on_go);
  }
  void on_go() { Waiting::on_go(); }
  Task<std::string> run(std::string before) {
    if (!before.empty()) co_return before + ", next " + build_id();
    auto builds = co_await wait();
    workflow::continue_as_new(
        pinned_type,
        {.initial_versioning_behavior = workflow::ContinueAsNewVersioning::auto_upgrade}, builds);
  }
};
struct Upgrading : Waiting {  // the worker's default
  static auto definition() {
    return workflow_definition(upgrading_type, &Upgrading::run).signal(go, &Upgrading::on_go);
  }
  void on_go() { Waiting::on_go(); }
  Task<std::string> run(std::string) { co_return co_await wait(); }
};
struct Told {
  static constexpr WorkflowType<std::string()> type{"Told"};
  static auto definition() { return workflow_definition(type, &Told::run); }
  Task<std::string> run() { co_return build_id(); }
};
struct Asking {
  static auto definition() { return workflow_definition(asking_type, &Asking::run); }
  Task<std::string> run(std::optional<VersioningOverride> versioning) {
    auto child = workflow::execute_child_workflow(Told::type, {.versioning_override = versioning});
    auto own = build_id();
    co_return own + ", child " + co_await child;
  }
};

TEST_F(Versioning, APinnedRunStaysAndOthersGoOnWithTheCurrentVersion) {
  work_as<Pinned, Upgrading, Asking, Told>("1.0");
  make_current("1.0");
  auto pinned = start(pinned_type, "");
  auto upgrading = start(upgrading_type, "");
  auto waits = [](const auto& handle) {  // its first task is done
    return handle.describe().get().history_length >= 4;
  };
  eventually([&] { return waits(pinned) && waits(upgrading); }, "their first tasks");

  work_as<Pinned, Upgrading, Asking, Told>("2.0");
  make_current("2.0");
  // What hands out tasks learns of it a little later.
  eventually([&] { return run(Told::type) == "2.0"; }, "a new run on the current version");
  pinned.signal(go).get();
  upgrading.signal(go).get();
  EXPECT_EQ(result(pinned), "1.0 then 1.0, outdated, next 2.0");
  EXPECT_EQ(result(upgrading), "1.0 then 2.0");
  EXPECT_EQ(run(asking_type, std::nullopt), "2.0, child 2.0");
  EXPECT_EQ(run(asking_type, pinned_to("1.0")), "2.0, child 1.0");
}

// --- Before deployments

constexpr WorkflowType<std::string()> built_type{"Built"};

struct FirstBuild {
  static auto definition() {
    return workflow_definition(built_type, &FirstBuild::run).signal(go, &FirstBuild::on_go);
  }
  Task<std::string> run() {
    co_await workflow::wait_until([this] { return gone_; });
    co_return "first";
  }
  void on_go() { gone_ = true; }
  bool gone_ = false;
};
struct SecondBuild {
  static auto definition() { return workflow_definition(built_type, &SecondBuild::run); }
  Task<std::string> run() { co_return "second"; }
};

TEST_F(Versioning, ARunStaysWithTheLegacyBuildIdsOfItsSet) {
  EXPECT_THROW(work_on<FirstBuild>({}, {.legacy_build_id_versioning = true}),
               std::invalid_argument);
  make_default("1.0");
  work_on<FirstBuild>({}, {.build_id = "1.0", .legacy_build_id_versioning = true});
  auto before = start(built_type);
  constexpr int kFirstTaskDone = 4;  // events
  eventually([&] { return before.describe().get().history_length >= kFirstTaskDone; },
             "the first run's first task");
  make_default("2.0");
  Registry second;
  second.workflow<SecondBuild>();
  Worker other(connect(), {.task_queue = queue,
                           .registry = second,
                           .build_id = "2.0",
                           .legacy_build_id_versioning = true});
  other.start();
  EXPECT_EQ(run(built_type), "second");
  before.signal(go).get();
  EXPECT_EQ(result(before), "first");
}

}  // namespace
}  // namespace temporal::tests
