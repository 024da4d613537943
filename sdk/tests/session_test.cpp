// Sessions: activities of a workflow on one host, which may die.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <temporal/activity.h>
#include <temporal/session.h>
#include <unistd.h>

#include "fixture.h"

extern char** environ;

namespace temporal::tests {
namespace {

using workflow::Task;

constexpr ActivityType<std::string(std::string)> work_type{"work"};
constexpr SignalType<void()> go{"go"};

session::Options options_of(const std::string& hosts) {
  return {.task_queue = hosts, .heartbeat_timeout = 1s};
}

// Three activities of one session, and where they ran.
constexpr WorkflowType<std::vector<std::string>(std::string)> pinned_type{"Pinned"};
struct Pinned {
  static auto definition() { return workflow_definition(pinned_type, &Pinned::run); }
  Task<std::vector<std::string>> run(std::string hosts) {
    auto session = co_await session::create(options_of(hosts));
    std::vector<std::string> queues = {session.task_queue()};
    for (int i = 0; i < 3; ++i)
      queues.push_back(co_await session.execute_activity(work_type, {.start_to_close_timeout = 10s},
                                                         std::string()));
    session.complete();
    session.complete();
    auto again = co_await session::recreate(session.task_queue(), options_of(hosts));
    queues.push_back(again.task_queue());
    co_return queues;  // its end completes the second one
  }
};

// Works in a session until that fails, then in another.
constexpr WorkflowType<std::vector<std::string>(std::string)> stubborn_type{"Stubborn"};
struct Stubborn {
  static auto definition() { return workflow_definition(stubborn_type, &Stubborn::run); }
  Task<std::vector<std::string>> run(std::string hosts) {
    auto first = co_await session::create(options_of(hosts));
    auto stuck =
        co_await first
            .execute_activity(work_type, {.start_to_close_timeout = 60s, .heartbeat_timeout = 30s},
                              std::string("hang"))
            .settled();
    std::vector<std::string> seen = {first.task_queue(), stuck ? "done" : "canceled"};
    if (!stuck && stuck.error().root().kind() != FailureKind::canceled) seen[1] = "failed";
    seen.push_back(first.state() == session::State::failed ? "session failed" : "open");
    seen.push_back(first.failure() ? std::string(to_string(first.failure()->kind())) : "");
    auto second = co_await session::create(options_of(hosts));
    seen.push_back(co_await second.execute_activity(work_type, {.start_to_close_timeout = 10s},
                                                    std::string()));
    co_return seen;
  }
};

// What to open, and for how long.
struct Wish {
  std::string hosts = {};
  std::string host = {};  // not empty: again, on this one
  std::int64_t creation_ms = 30'000;
  std::int64_t execution_ms = 60'000;
};
// Holds a session until it is told to go on, or the session fails; ends with its failure.
constexpr WorkflowType<std::string(Wish)> holder_type{"Holder"};
struct Holder {
  static auto definition() {
    return workflow_definition(holder_type, &Holder::run).signal(go, &Holder::on_go);
  }
  Task<std::string> run(Wish wish) {
    auto options = options_of(wish.hosts);
    options.creation_timeout = std::chrono::milliseconds(wish.creation_ms);
    options.execution_timeout = std::chrono::milliseconds(wish.execution_ms);
    auto session = co_await (wish.host.empty() ? session::create(options)
                                               : session::recreate(wish.host, options));
    co_await workflow::wait_until(
        [this, session] { return go_ || session.state() != session::State::open; });
    if (session.failure()) throw_failure(*session.failure());
    session.complete();
    co_return session.task_queue();
  }
  void on_go() { go_ = true; }
  bool go_ = false;
};

class Sessions : public ServerTest {
 protected:
  Sessions() : hosts(queue + ".hosts") {}
  ~Sessions() override {
    for (auto process : processes_) end(process, SIGKILL);
  }
  session::Host host(std::size_t max_sessions = 100) {
    Registry registry;
    registry.activity(work_type, [](activity::Context context, std::string) {
      return context.info().task_queue;
    });
    session::Host host(connect(),
                       {.task_queue = hosts, .registry = registry, .max_sessions = max_sessions});
    host.start();
    return host;
  }
  WorkflowHandle<std::string> held(const session::Host& on) {  // the host's first
    auto handle = start(holder_type, {.hosts = hosts});
    eventually([&] { return on.sessions() == 1; }, "the first session");
    return handle;
  }
  pid_t host_process() {
    std::string program = SESSION_HOST, address = Server::shared().address();
    char* arguments[] = {program.data(), address.data(), hosts.data(), nullptr};
    pid_t process = -1;
    if (::posix_spawn(&process, program.c_str(), nullptr, nullptr, arguments, environ) != 0)
      throw std::runtime_error("cannot start " + program);
    processes_.push_back(process);
    return process;
  }
  template <class R>
  static void wait_for_work(const WorkflowHandle<R>& handle) {
    eventually([&] { return handle.fetch_history().get().to_json().contains("\"name\":\"work\""); },
               "an activity of the session");
  }
  void end(pid_t process, int signal) {
    if (std::erase(processes_, process) == 0) return;
    ::kill(process, signal);
    ::waitpid(process, nullptr, 0);
  }
  std::string hosts;

 private:
  std::vector<pid_t> processes_;
};

TEST_F(Sessions, PinActivitiesToOneHost) {
  work_on<Pinned>();
  auto one = host(), other = host();
  auto queues = run(pinned_type, hosts);
  ASSERT_EQ(queues.size(), 5u);
  EXPECT_THAT(queues[0], testing::AnyOf(one.task_queue(), other.task_queue()));
  EXPECT_THAT(queues, testing::Each(queues[0]));
  eventually([&] { return one.sessions() + other.sessions() == 0; }, "the end of both sessions");
}

TEST_F(Sessions, OneFailsWhenItsHostIsKilledAndAnotherHostGoesOn) {
  work_on<Stubborn>();
  auto process = host_process();
  auto handle = start(stubborn_type, hosts);
  wait_for_work(handle);
  end(process, SIGKILL);
  auto next = host();
  auto seen = result(handle);
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_NE(seen[0], next.task_queue());
  EXPECT_EQ(seen[1], "canceled");
  EXPECT_EQ(seen[2], "session failed");
  EXPECT_EQ(seen[3], "activity");
  EXPECT_EQ(seen[4], next.task_queue());
}

TEST_F(Sessions, AHostHasSoManyAndTheNextWaits) {
  work_on<Holder>();
  auto one = host(1);
  auto first = held(one);
  auto second = start(holder_type, {.hosts = hosts});
  second.signal(go).get();
  // Another one waits in vain, so the second, which came before it, has had the time to be taken.
  auto vain = failure_of(start(holder_type, {.hosts = hosts, .creation_ms = 1000}));
  EXPECT_EQ(vain.kind(), FailureKind::activity);
  EXPECT_EQ(TimeoutFailure(vain.root()).type(), TimeoutType::schedule_to_start);
  EXPECT_EQ(second.describe().get().status, WorkflowStatus::running);
  EXPECT_EQ(one.sessions(), 1u);
  first.signal(go).get();
  EXPECT_EQ(result(first), one.task_queue());
  EXPECT_EQ(result(second), one.task_queue());
}

TEST_F(Sessions, AFullHostRefusesToHaveOneAgain) {
  work_on<Holder>();
  auto one = host(1);
  auto first = held(one);
  auto again = failure_of(start(holder_type, {.hosts = hosts, .host = one.task_queue()}));
  EXPECT_EQ(again.kind(), FailureKind::activity);
  EXPECT_EQ(again.root().type(), "SessionHostFull");
  EXPECT_EQ(one.sessions(), 1u);
  first.signal(go).get();
  EXPECT_EQ(result(first), one.task_queue());
  eventually([&] { return one.sessions() == 0; }, "room");
  auto second = start(holder_type, {.hosts = hosts, .host = one.task_queue()});
  second.signal(go).get();
  EXPECT_EQ(result(second), one.task_queue());
}

TEST_F(Sessions, OneThatIsOverItsTimeFailsAndLeavesItsHost) {
  work_on<Holder>();
  auto one = host();
  auto late = failure_of(start(holder_type, {.hosts = hosts, .execution_ms = 1500}));
  EXPECT_EQ(late.kind(), FailureKind::activity);
  EXPECT_EQ(TimeoutFailure(late.root()).type(), TimeoutType::start_to_close);
  eventually([&] { return one.sessions() == 0; }, "its end on the host");
}

TEST_F(Sessions, AHostThatShutsDownFailsItsSessions) {
  work_on<Stubborn>();
  auto handle = start(stubborn_type, hosts);
  auto process = host_process();
  wait_for_work(handle);
  auto next = host();
  end(process, SIGTERM);
  auto seen = result(handle);
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen[2], "session failed");
  EXPECT_EQ(seen[4], next.task_queue());
}

}  // namespace
}  // namespace temporal::tests
