// Real clocks, real threads: the program is linked with the guard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/random.h>
#include <sys/time.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "temporal/determinism.h"
#include "temporal/workflow_side_effect.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

using ::testing::HasSubstr;

void (*naughty_call)() = nullptr;
Task<std::string> calls(Probe*) {
  naughty_call();
  co_return "done";
}
std::string task_failure(void (*call)()) {
  naughty_call = call;
  return Play(calls)(init());
}

struct Case {
  const char* named;
  void (*call)();
};
const std::vector<Case> kCalls = {
    {"std::chrono::system_clock::now()", [] { (void)std::chrono::system_clock::now(); }},
    {"std::chrono::steady_clock::now()", [] { (void)std::chrono::steady_clock::now(); }},
    {"std::chrono::steady_clock::now()",
     [] {
       std::mutex mutex;
       std::unique_lock lock(mutex);
       std::condition_variable().wait_for(lock, 1ms);
     }},
    {"std::random_device", [] { (void)std::random_device()(); }},
    {"std::thread", [] { std::thread([] {}).join(); }},
    {"std::thread", [] { std::jthread([] {}).join(); }},
    {"std::thread", [] { std::async(std::launch::async, [] {}).wait(); }},
    {"time()", [] { (void)std::time(nullptr); }},
    {"clock()", [] { (void)std::clock(); }},
    {"clock_gettime()",
     [] {
       timespec t;
       clock_gettime(CLOCK_MONOTONIC, &t);
     }},
    {"gettimeofday()",
     [] {
       timeval t;
       gettimeofday(&t, nullptr);
     }},
    {"getenv()", [] { (void)std::getenv("HOME"); }},
    {"secure_getenv()", [] { (void)secure_getenv("HOME"); }},
    {"rand()", [] { (void)std::rand(); }},
    {"srand()", [] { std::srand(1); }},
    {"random()", [] { (void)::random(); }},
    {"srandom()", [] { ::srandom(1); }},
    {"drand48()", [] { (void)::drand48(); }},
    {"lrand48()", [] { (void)::lrand48(); }},
    {"mrand48()", [] { (void)::mrand48(); }},
    {"getrandom()",
     [] {
       char c = 0;
       EXPECT_EQ(getrandom(&c, 1, 0), 1);
     }},
    {"getentropy()",
     [] {
       char c = 0;
       EXPECT_EQ(getentropy(&c, 1), 0);
     }},
    {"arc4random()", [] { (void)arc4random(); }},
    {"arc4random_uniform()", [] { (void)arc4random_uniform(6); }},
    {"arc4random_buf()",
     [] {
       char c = 0;
       arc4random_buf(&c, 1);
     }},
};

TEST(Guard, EachCallFailsTheTaskAndIsNamed) {
  for (const auto& [named, call] : kCalls)
    EXPECT_THAT(task_failure(call), HasSubstr(std::string("task failed: workflow code called ") +
                                              named + ", which a replay cannot repeat: "));
}

TEST(Guard, OutsideAWorkflowEachCallDoesWhatItDid) {
  for (const auto& [named, call] : kCalls) call();
  EXPECT_GT(std::time(nullptr), 1'600'000'000);
  EXPECT_GT(std::chrono::system_clock::now().time_since_epoch(), 1'600'000'000s);
  auto before = std::chrono::steady_clock::now();
  EXPECT_GE(std::chrono::steady_clock::now(), before);
  EXPECT_STREQ(std::getenv("A_VARIABLE_THAT_NOBODY_SETS"), nullptr);
}

TEST(Guard, TheMessageSaysWhatToUseAndWhereItWas) {
  struct Early {
    Task<std::string> run(std::string) { co_return std::to_string(std::time(nullptr)); }
  };
  EXPECT_EQ(Play(workflow_definition(probe_type, &Early::run))(init()),
            "task failed: workflow code called time(), which a replay cannot repeat: use "
            "workflow::now(). It was called before the first co_await.");
  Play play([](Probe*) -> Task<std::string> {
    co_await workflow::sleep(1s);
    co_return std::getenv("HOME");
  });
  EXPECT_EQ(play(init()), "StartTimer1(1000)");
  EXPECT_THAT(play(fired(1)), ::testing::ContainsRegex("after the co_await at .*guard_test.cpp:" +
                                                       std::to_string(__LINE__ - 5)));
}

Task<int> inner() {
  co_return std::rand();
}
TEST(Guard, ATaskThatHasNotAwaitedIsPlacedByWhoAwaitsIt) {
  Play play([](Probe*) -> Task<std::string> {
    co_await inner();  // here
    co_return "";
  });
  EXPECT_THAT(play(init()), HasSubstr("guard_test.cpp:" + std::to_string(__LINE__ - 3)));
}

TEST(Guard, TheFirstCallIsTheOneReported) {
  EXPECT_THAT(task_failure([] {
                (void)std::rand();
                (void)std::time(nullptr);
              }),
              HasSubstr("called rand()"));
}

// Calls rand() in the one place that the test names.
struct Naughty {
  static inline std::string place;
  static void at(const std::string& here) {
    if (place == here) (void)std::rand();
  }
  Naughty() { at("constructor"); }
  Task<std::string> run(std::string) {
    co_await workflow::wait_until([] { return at("condition"), false; });
    co_return "";
  }
  void on_note(std::string) { at("signal"); }
  Task<int> on_add(int n) {
    at("update");
    co_return n;
  }
  void check_add(int) const { at("validator"); }
  int on_total() const {
    at("query");
    return 7;
  }
};
TEST(Guard, HandlersValidatorsAndConditionsAreWatchedToo) {
  auto play = [](const std::string& place, auto... jobs) {
    Naughty::place = place;
    return Play(workflow_definition(probe_type, &Naughty::run)
                    .signal(note, &Naughty::on_note)
                    .update(add, &Naughty::on_add, &Naughty::check_add)
                    .query(total, &Naughty::on_total))(init(), jobs...);
  };
  for (const auto* place : {"constructor", "condition", "signal", "update", "validator"})
    EXPECT_THAT(play(place, noted("n"), added("u", 1)),
                HasSubstr("task failed: workflow code called rand()"))
        << place;
  EXPECT_EQ(play("nowhere", noted("n"), added("u", 1)), "UpdateAccepted:u UpdateCompleted:u(1)");
}

TEST(Guard, AQueryMayAskWhatItLikes) {
  Naughty::place = "query";
  Play play(workflow_definition(probe_type, &Naughty::run).query(total, &Naughty::on_total));
  EXPECT_EQ(play(init()), "");
  EXPECT_EQ(play(queried("q", "total")), "QuerySucceeded:q(7)");
}

TEST(Guard, AnEvictionsDestructorsAreLeftAlone) {
  struct Timed {
    ~Timed() { asked = std::time(nullptr); }
    std::time_t& asked;
  };
  static std::time_t asked = 0;
  Play play([](Probe*) -> Task<std::string> {
    Timed timed{asked};
    co_await workflow::sleep(1s);
    co_return "";
  });
  play(init());
  EXPECT_EQ(play(evicted()), "");
  EXPECT_GT(asked, 0);
}

TEST(Guard, WhatIsAllowedPasses) {
  Play play([](Probe*) -> Task<std::string> {
    auto began = workflow::unsafe::allowed([] { return std::chrono::steady_clock::now(); });
    int nested = workflow::unsafe::allowed(
        [] { return workflow::unsafe::allowed([] { return 1; }) + std::rand() * 0; });
    co_return began.time_since_epoch() > 0s ? std::to_string(nested) : "";
  });
  EXPECT_EQ(play(init()), "Complete(\"1\")");
  EXPECT_THAT(task_failure([] {
                try {
                  workflow::unsafe::allowed([] { throw 1; });
                } catch (int) {  // NOLINT(bugprone-empty-catch)
                }
                (void)std::rand();
              }),
              HasSubstr("called rand()"));
  EXPECT_EQ(workflow::unsafe::allowed([] { return 2; }), 2);  // outside a workflow
}

TEST(Guard, ASideEffectMayAskWhatItLikes) {
  Play play([](Probe*) -> Task<std::string> {
    co_await workflow::side_effect([] { return std::rand() * 0; });
    co_return "";
  });
  EXPECT_THAT(play(init()), ::testing::StartsWith("ScheduleLocalActivity1(0)"));
}

struct ClockedSink final : LogSink {
  void write(const LogRecord& record) override { lines.push_back(record.message); }
  LogLevel least() const override {
    return std::getenv("QUIET") ? LogLevel::error : LogLevel::info;
  }
  std::vector<std::string> lines;
};
struct ClockedConverter final : PayloadConverter {  // stamps what it writes
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext& context) const override {
    auto payload = detail::standard_chain().to_payload(object, context);
    if (payload) payload->metadata["made"] = std::to_string(std::time(nullptr));
    return payload;
  }
  void from_payload(const Payload& payload, ObjectSlot& slot,
                    const SerializationContext& context) const override {
    (void)std::time(nullptr);
    detail::standard_chain().from_payload(payload, slot, context);
  }
};
TEST(Guard, LoggersAndConvertersMayAskTheClock) {
  auto sink = std::make_shared<ClockedSink>();
  auto converter = std::make_shared<ClockedConverter>();
  Play play(
      [](Probe*) -> Task<std::string> {
        workflow::logger().info("before");
        auto answer = co_await call("x");
        workflow::metric_meter().counter({.name = "calls"}, {})->add(1);
        workflow::logger().info(answer);
        co_return workflow::uuid4().substr(0, 0) + answer;
      },
      {.converter = DataConverter({.payload_converter = converter}), .log_sink = sink});
  EXPECT_EQ(play(init()), R"(ScheduleActivity1("x"))");
  EXPECT_EQ(play(ok(1, "y")), R"(Complete("y"))");
  EXPECT_THAT(sink->lines, ::testing::ElementsAre("before", "y"));
}

}  // namespace
}  // namespace temporal::testing
