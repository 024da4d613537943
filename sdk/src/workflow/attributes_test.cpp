// What a run knows of itself and may change: info, time, random numbers, log, memo, search
// attributes, patches, continue-as-new.
#include "summing_meter.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Job patched(const std::string& id) {
  Job j;
  j.mutable_notify_has_patch()->set_patch_id(id);
  return j;
}
Task<std::string> patching(Probe*) {
  std::string path = workflow::patched("p") ? "new" : "old";
  co_await call(path);
  path += workflow::patched("p") ? " new" : " old";
  co_return path;
}

TEST(Patches, TrueWhereTheCodeRunsForTheFirstTime) {
  Play p(&patching);
  EXPECT_EQ(p(init()), R"(Patch:p ScheduleActivity1("new"))");
  EXPECT_EQ(p(ok(1, "")), R"(Complete("new new"))");
}
TEST(Patches, FalseInAReplayOfAnOldHistoryAndEverAfter) {
  Play p(&patching);
  EXPECT_EQ(p.replay(init()), R"(ScheduleActivity1("old"))");
  EXPECT_EQ(p(ok(1, "")), R"(Complete("old old"))");
}
TEST(Patches, TrueInAReplayOfAPatchedHistory) {
  Play p(&patching);
  EXPECT_EQ(p.replay(init(), patched("p")), R"(Patch:p ScheduleActivity1("new"))");
}
TEST(Patches, ADeprecatedOneIsMarkedSo) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::deprecate_patch("p");
    co_return workflow::patched("p") ? "new" : "old";
  });
  EXPECT_EQ(p(init()), R"(DeprecatePatch:p Complete("new"))");
}

// --- A worker that has a say in it

struct Staged {
  std::vector<std::string> asked = {};
  bool answer = false;
  InstanceOptions options() {
    return {.patch_activation_callback = [this](const workflow::PatchActivationInput& in) {
      asked.push_back(in.info.workflow_id + " " + in.patch_id);
      return answer;
    }};
  }
};
TEST(PatchActivation, NoWritesNoMarkerAndHoldsForTheRun) {
  Staged staged;
  Play p(&patching, staged.options());
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("old"))");
  staged.answer = true;
  EXPECT_EQ(p(ok(1, "")), R"(Complete("old old"))");
  EXPECT_EQ(staged.asked, std::vector<std::string>{"probe-1 p"});
}
TEST(PatchActivation, YesIsAsWithoutIt) {
  Staged staged{.answer = true};
  Play p(&patching, staged.options());
  EXPECT_EQ(p(init()), R"(Patch:p ScheduleActivity1("new"))");
}
TEST(PatchActivation, IsNotAskedForWhatTheHistoryKnows) {
  Staged staged;
  {
    Play p(&patching, staged.options());
    EXPECT_EQ(p.replay(init()), R"(ScheduleActivity1("old"))");
  }
  {
    Play p(&patching, staged.options());
    EXPECT_EQ(p.replay(init(), patched("p")), R"(Patch:p ScheduleActivity1("new"))");
  }
  {
    Play p(&patching, staged.options());
    EXPECT_EQ(p(init(), patched("p")), R"(Patch:p ScheduleActivity1("new"))");
  }
  EXPECT_TRUE(staged.asked.empty());
}
TEST(PatchActivation, IsNotAskedForADeprecatedPatch) {
  Staged staged;
  Play p(
      [](Probe*) -> Task<std::string> {
        workflow::deprecate_patch("p");
        co_return workflow::patched("p") ? "new" : "old";
      },
      staged.options());
  EXPECT_EQ(p(init()), R"(DeprecatePatch:p Complete("new"))");
  EXPECT_TRUE(staged.asked.empty());
}
TEST(PatchActivation, MakesNoCommand) {
  Play p(&patching, {.patch_activation_callback = [](const workflow::PatchActivationInput&) {
    return workflow::random()() == 0;
  }});
  EXPECT_TRUE(p(init()).starts_with("task failed: workflow::random:"));
}

struct Built {
  static auto definition() { return workflow_definition(probe_type, &Built::run); }
  bool fresh = workflow::patched("p");
  Task<std::string> run(std::string) {
    co_await call(fresh ? "new" : "old");
    co_return workflow::patched("p") ? "new" : "old";
  }
};
TEST(Patches, AreKnownToTheConstructor) {
  Play first(Built::definition()), patched_history(Built::definition()), old(Built::definition());
  EXPECT_EQ(first(init()), R"(Patch:p ScheduleActivity1("new"))");
  EXPECT_EQ(patched_history.replay(init(), patched("p")), R"(Patch:p ScheduleActivity1("new"))");
  EXPECT_EQ(old.replay(init()), R"(ScheduleActivity1("old"))");
  EXPECT_EQ(old(ok(1, "")), R"(Complete("old"))");
}

Task<std::string> draws(Probe*) {
  auto& random = workflow::random();
  std::string t =
      std::to_string(random.uniform(1, 6)) + " " + std::to_string(random.uniform(-5, 5));
  std::vector<int> v = {1, 2, 3, 4, 5};
  random.shuffle(v);
  for (int i : v) t += " " + std::to_string(i);
  t += " " + workflow::uuid4();
  co_await call(t);
  co_return std::to_string(random());
}
// These numbers stand in histories: they must never change.
TEST(Random, IsTheSameInEveryBuild) {
  workflow::Random r(42);
  EXPECT_EQ(r(), 13930160852258120406U);  // std::mt19937_64's own first
  Play p(&draws);
  EXPECT_EQ(p(init()),
            R"(ScheduleActivity1("1 -5 2 5 4 3 1 93170a19-65d4-4420-9f75-917a3eb7b900"))");
}
TEST(Random, IsReseededByAReset) {
  Play p([](Probe*) -> Task<std::string> {
    co_await call("x");
    co_return std::to_string(workflow::random()());
  });
  p(init());
  Job reseed;
  reseed.mutable_update_random_seed()->set_randomness_seed(7);
  EXPECT_EQ(p(ok(1, ""), reseed), "Complete(\"" + std::to_string(workflow::Random(7)()) + "\")");
}
Task<std::string> streams(Probe* self) {
  auto& jitter = workflow::random("jitter");
  std::string t = std::to_string(jitter());
  if (self->open)
    t += " " + std::to_string(workflow::random()());  // a draw more, of another stream
  t += " " + std::to_string(workflow::random("jitter")()) + " " + workflow::random("ids").uuid4();
  co_await call(t);
  co_return std::to_string(jitter()) + " " + std::to_string(workflow::random("new")());
}
TEST(Random, ANamedStreamIsItsOwn) {
  workflow::Random jitter(workflow::stream_seed(42, "jitter"));
  workflow::Random ids(workflow::stream_seed(42, "ids"));
  const auto one = std::to_string(jitter()), two = std::to_string(jitter()), id = ids.uuid4();
  Play p(&streams), more(&streams);
  EXPECT_EQ(p(init()), "ScheduleActivity1(\"" + one + " " + two + " " + id + "\")");
  const auto of_run = std::to_string(workflow::Random(42)());
  EXPECT_EQ(more(init(), noted("open")),
            "ScheduleActivity1(\"" + one + " " + of_run + " " + two + " " + id + "\")");
}
TEST(Random, ANamedStreamIsReseededByAResetInPlace) {
  Play p(&streams);
  p(init());
  Job reseed;
  reseed.mutable_update_random_seed()->set_randomness_seed(7);
  workflow::Random jitter(workflow::stream_seed(7, "jitter")),
      fresh(workflow::stream_seed(7, "new"));
  EXPECT_EQ(p(ok(1, ""), reseed),
            "Complete(\"" + std::to_string(jitter()) + " " + std::to_string(fresh()) + "\")");
}
// These numbers stand in histories: they must never change.
TEST(Random, TheSeedsOfStreamsAreTheSameInEveryBuild) {
  static_assert(workflow::stream_seed(42, "jitter") != workflow::stream_seed(42, "ids"));
  static_assert(workflow::stream_seed(42, "") != 42);
  EXPECT_EQ(workflow::stream_seed(0, ""), 9313164154874788883U);
  EXPECT_EQ(workflow::stream_seed(42, "jitter"), 1567936709573500606U);
}
TEST(Random, CoversItsRangeAndNoMore) {
  workflow::Random r(1);
  std::map<std::int64_t, int> count;
  for (int i = 0; i < 6000; ++i) ++count[r.uniform(-1, 1)];
  ASSERT_EQ(count.size(), 3U);
  for (auto [value, n] : count) EXPECT_NEAR(n, 2000, 200) << value;
  EXPECT_EQ(r.uniform(5, 5), 5);
  EXPECT_THROW(r.uniform(2, 1), std::invalid_argument);
  (void)r.uniform(std::numeric_limits<std::int64_t>::min(),
                  std::numeric_limits<std::int64_t>::max());
  for (int i = 0; i < 1000; ++i) {
    auto x = r.real();
    EXPECT_TRUE(x >= 0 && x < 1);
  }
}

TEST(Info, ComesFromTheStartAndTheTask) {
  Play p([](Probe*) -> Task<std::string> {
    const auto& i = workflow::info();
    auto at = std::chrono::system_clock::to_time_t(workflow::now());
    co_return i.name_space + " " + i.workflow_id + " " + i.run_id + " " + i.workflow_type + " " +
        i.task_queue + " " + i.parent->workflow_id + " " + i.root->workflow_id + " " +
        std::to_string(i.attempt) + " " + i.cron_schedule + " " + i.continued_run_id + " " +
        std::to_string(i.run_timeout.count()) + " " +
        std::to_string(i.retry_policy->maximum_attempts) + " " + std::to_string(i.history_length) +
        " " + std::to_string(i.history_size) + " " + (i.continue_as_new_suggested ? "yes" : "no") +
        " " + std::to_string(at) + (workflow::unsafe::is_replaying() ? " replay" : " live");
  });
  auto job = init();
  auto& i = *job.mutable_initialize_workflow();
  i.mutable_parent_workflow_info()->set_workflow_id("parent");
  i.mutable_root_workflow()->set_workflow_id("root");
  i.set_attempt(3);
  i.set_cron_schedule("@daily");
  i.set_continued_from_execution_run_id("before");
  i.mutable_workflow_run_timeout()->set_seconds(60);
  i.mutable_retry_policy()->set_maximum_attempts(5);
  auto a = activation({job});
  a.set_history_length(12);
  a.set_history_size_bytes(3456);
  a.set_continue_as_new_suggested(true);
  EXPECT_EQ(
      text(p.instance.activate(a)),
      R"(Complete("default probe-1 run-1 probe probes parent root 3 @daily before 60000 5 12 )"
      R"(3456 yes 1700000000 live"))");
}

TEST(Info, WhyToContinueAsNewAndOfWhichVersionTheTaskWas) {
  Play p([](Probe* self) -> Task<std::string> {
    const auto& i = workflow::info();
    std::string before = i.deployment_version ? "some" : "none";
    if (i.continue_as_new_suggested || !i.continue_as_new_reasons.empty()) before += " early";
    co_await workflow::wait_until([self] { return self->open; });
    std::string reasons;
    for (auto reason : i.continue_as_new_reasons)
      reasons += std::to_string(static_cast<int>(reason));
    co_return before + " " + i.deployment_version->deployment_name + " " +
        i.deployment_version->build_id + " " + reasons +
        (i.target_worker_deployment_version_changed ? " changed" : " same");
  });
  p(init());
  auto a = activation({noted("open")});
  a.add_suggest_continue_as_new_reasons(
      api::enums::v1::SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_HISTORY_EVENTS);
  a.add_suggest_continue_as_new_reasons(
      api::enums::v1::SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_UPDATES);
  a.set_target_worker_deployment_version_changed(true);
  a.mutable_deployment_version_for_current_task()->set_deployment_name("shop");
  a.mutable_deployment_version_for_current_task()->set_build_id("1.1");
  EXPECT_EQ(text(p.instance.activate(a)), R"(Complete("none shop 1.1 23 changed"))");
}

Task<std::string> before(Probe*) {
  auto result = workflow::last_completion_result<int>();
  auto failure = workflow::last_failure();
  co_return (result ? std::to_string(*result) : "none") + " " +
      (failure ? failure->message() : "none");
}
TEST(Info, WhatTheRunBeforeGave) {
  EXPECT_EQ(Play(&before)(init()), R"(Complete("none none"))");
  auto job = init();
  auto& i = *job.mutable_initialize_workflow();
  auto& result = *i.mutable_last_completion_result()->add_payloads();
  (*result.mutable_metadata())["encoding"] = "json/plain";
  result.set_data("7");
  i.mutable_continued_failure()->set_message("broke");
  i.mutable_continued_failure()->mutable_application_failure_info();
  EXPECT_EQ(Play(&before)(job), R"(Complete("7 broke"))");
}

struct Sink : LogSink {
  std::vector<LogRecord> lines;
  void write(const LogRecord& r) override { lines.push_back(r); }
};
TEST(Log, IsSilentWhileAHistoryIsReplayed) {
  auto sink = std::make_shared<Sink>();
  Play p(
      [](Probe*) -> Task<std::string> {
        auto log = workflow::logger();
        log.info("first");
        co_await call("x");
        log.info("second", {{"k", "v"}});
        co_return "";
      },
      {.log_sink = sink});
  p.replay(init());
  p(ok(1, ""));
  ASSERT_EQ(sink->lines.size(), 1U);
  EXPECT_EQ(sink->lines[0].message, "second");
  EXPECT_EQ(sink->lines[0].target, "workflow");
  EXPECT_TRUE(std::ranges::count(sink->lines[0].fields, LogField{"workflow_id", "probe-1"}) == 1);
}

Task<std::string> measured(Probe*) {
  auto& meter = workflow::metric_meter();
  auto kept = meter.counter({.name = "kept"}, {{"task_queue", "mine"}});
  kept->add(1);
  meter.histogram({.name = "first"}, {})->record(5);
  co_await call("x");
  kept->add(10);
  workflow::metric_meter().gauge({.name = "second"}, {{"k", "v"}})->set(7);
  meter.up_down_counter({.name = "third"}, {})->add(-2);
  co_return "";
}
TEST(Meter, IsSilentWhileAHistoryIsReplayed) {
  auto meter = std::make_shared<tests::SummingMeter>();
  Play p(&measured, {.meter = meter});
  p.replay(init());
  p(ok(1, ""));
  const std::string run = " namespace=default task_queue=probes workflow_type=probe";
  EXPECT_EQ(meter->sum("kept task_queue=mine namespace=default workflow_type=probe"), 10);
  EXPECT_EQ(meter->sum("first" + run), 0);
  EXPECT_EQ(meter->sum("second k=v" + run), 7);
  EXPECT_EQ(meter->sum("third" + run), -2);
}
TEST(Meter, MayBeAbsent) {
  Play p(&measured);
  p(init());
  EXPECT_EQ(p(ok(1, "")), R"(Complete(""))");
}

inline constexpr KeywordKey kCode{"Code"};
inline constexpr IntKey kCount{"Count"};
TEST(SearchAttributes, AreReadAndUpserted) {
  Play p([](Probe*) -> Task<std::string> {
    auto before = workflow::search_attributes().get(kCode);
    workflow::upsert_search_attributes({kCode.unset(), kCount.is(7)});
    const auto& now = workflow::search_attributes();
    co_return *before + (now.get(kCode) ? "" : " gone ") + std::to_string(*now.get(kCount));
  });
  auto job = init();
  auto& code = (*job.mutable_initialize_workflow()
                     ->mutable_search_attributes()
                     ->mutable_indexed_fields())["Code"];
  (*code.mutable_metadata())["encoding"] = "json/plain";
  (*code.mutable_metadata())["type"] = "Keyword";
  code.set_data(R"("A1")");
  auto c = p.feed({job});
  EXPECT_EQ(c.successful().commands(1).complete_workflow_execution().result().data(),
            R"("A1 gone 7")");
  const auto& fields = c.successful()
                           .commands(0)
                           .upsert_workflow_search_attributes()
                           .search_attributes()
                           .indexed_fields();
  EXPECT_EQ(fields.at("Count").data(), "7");
  EXPECT_EQ(fields.at("Code").metadata().at("encoding"), "binary/null");
}

TEST(Memo, IsReadUpsertedAndCarriedOn) {
  Play p([](Probe*) -> Task<std::string> {
    auto given = workflow::memo<int>("given");
    workflow::upsert_memo({{"given", std::nullopt}, {"mine", Value::of(std::string("x"))}});
    seen.push_back(std::to_string(*given) + (workflow::memo<int>("given") ? "kept" : "gone") +
                   *workflow::memo<std::string>("mine"));
    workflow::continue_as_new(probe_type, {}, "next");
    co_return "";
  });
  auto job = init();
  auto& given = (*job.mutable_initialize_workflow()->mutable_memo()->mutable_fields())["given"];
  (*given.mutable_metadata())["encoding"] = "json/plain";
  given.set_data("5");
  auto c = p.feed({job}).successful();
  EXPECT_EQ(seen.back(), "5gonex");
  const auto& fields = c.commands(0).modify_workflow_properties().upserted_memo().fields();
  EXPECT_EQ(fields.at("mine").data(), R"("x")");
  EXPECT_EQ(fields.at("given").metadata().at("encoding"), "binary/null");
  const auto& next = c.commands(1).continue_as_new_workflow_execution();
  EXPECT_EQ(next.memo().size(), 1U);
  EXPECT_EQ(next.memo().at("mine").data(), R"("x")");
  EXPECT_FALSE(next.has_search_attributes() || next.has_retry_policy());
}

TEST(ContinueAsNew, KeepsTheTimeoutsUnlessToldOtherwise) {
  Play p([](Probe* self) -> Task<std::string> {
    co_await workflow::wait_until([self] { return self->open; });
    workflow::continue_as_new(probe_type, {.task_queue = "other", .run_timeout = 5s}, "next");
  });
  auto job = init();
  job.mutable_initialize_workflow()->mutable_workflow_run_timeout()->set_seconds(60);
  job.mutable_initialize_workflow()->mutable_workflow_task_timeout()->set_seconds(9);
  p(job);
  auto c = p.feed({noted("open")}).successful();
  const auto& next = c.commands(0).continue_as_new_workflow_execution();
  EXPECT_EQ(next.task_queue(), "other");
  EXPECT_EQ(next.workflow_run_timeout().seconds(), 5);
  EXPECT_EQ(next.workflow_task_timeout().seconds(), 9);
}

TEST(ContinueAsNew, AfterADelayAndOnAnotherVersion) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::continue_as_new(
        probe_type,
        {.retry_policy = RetryPolicy{.maximum_attempts = 2},
         .memo = {{{"who", Value::of(std::string("me"))}}},
         .search_attributes = SearchAttributes{kCode.is("A1")},
         .backoff_start_interval = 90s,
         .versioning_intent = workflow::VersioningIntent::use_default,
         .initial_versioning_behavior = workflow::ContinueAsNewVersioning::use_ramping_version},
        "next");
    co_return "";
  });
  auto c = p.feed({init()}).successful();
  const auto& next = c.commands(0).continue_as_new_workflow_execution();
  EXPECT_EQ(next.backoff_start_interval().seconds(), 90);
  EXPECT_EQ(next.initial_versioning_behavior(),
            api::enums::v1::CONTINUE_AS_NEW_VERSIONING_BEHAVIOR_USE_RAMPING_VERSION);
  EXPECT_EQ(next.versioning_intent(), coresdk::common::DEFAULT);
  EXPECT_EQ(next.retry_policy().maximum_attempts(), 2);
  EXPECT_EQ(next.memo().at("who").data(), R"("me")");
  EXPECT_EQ(next.search_attributes().indexed_fields().at("Code").data(), R"("A1")");
}

struct Curious {
  static constexpr QueryType<int(int)> ask{"ask"};
  static auto definition() {
    return workflow_definition(probe_type, &Curious::run).query(ask, &Curious::on_ask);
  }
  Task<std::string> run(std::string) {
    co_await workflow::wait_until([] { return false; });
    co_return "";
  }
  int on_ask(int which) const {
    if (which == 0) return static_cast<int>(workflow::random()());
    if (which == 1) return workflow::patched("p");
    if (which == 2) workflow::upsert_memo({});
    if (which == 3) workflow::Scope().cancel();
    if (which == 4) workflow::continue_as_new(probe_type, {}, "");
    if (which == 5) return static_cast<int>(workflow::random("mine")());
    if (which == 6) return workflow::event_group("mine").canceled();
    auto spawned = workflow::spawn([]() -> Task<> { co_return; });
    return 0;
  }
};
TEST(Queries, DrawNoRandomNumbersAndMarkNoPatch) {
  Play p(Curious::definition());
  p(init());
  for (int which = 0; which <= 7; ++which) {
    auto q = queried("q", "ask");
    auto& arg = *q.mutable_query_workflow()->add_arguments();
    (*arg.mutable_metadata())["encoding"] = "json/plain";
    arg.set_data(std::to_string(which));
    auto answer = p(q);
    EXPECT_TRUE(answer.starts_with("QueryFailed:q(") &&
                answer.ends_with("a query, validator or condition makes no command)"))
        << answer;
  }
}

struct WithArgs {  // a constructor with run's parameters gets them
  explicit WithArgs(std::string s) : which(std::move(s)) {}
  std::string which;
  Task<std::string> run(std::string) { co_return which; }
};
struct Aggregate {  // an aggregate does not, whatever its first member is
  std::string which = "mine";
  Task<std::string> run(std::string) { co_return which; }
};
TEST(Definitions, AConstructorThatTakesRunsParametersGetsThem) {
  EXPECT_EQ(Play(workflow_definition(probe_type, &WithArgs::run))(init(R"("given")")),
            R"(Complete("given"))");
  EXPECT_EQ(Play(workflow_definition(probe_type, &Aggregate::run))(init(R"("given")")),
            R"(Complete("mine"))");
}

}  // namespace
}  // namespace temporal::testing
