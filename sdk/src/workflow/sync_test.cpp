// Mutex, Semaphore and Channel: who goes on, in which order, and what a cancellation, a dropped Future
// and an eviction leave behind.
#include <memory>

#include "temporal/workflow_sync.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

using workflow::Channel, workflow::Mutex, workflow::Permit, workflow::Semaphore;

Task<> locked_call(Mutex* mutex, std::string name) {
  auto lock = co_await mutex->lock();
  seen.push_back(name);
  co_await call(name);
}

TEST(Mutexes, AreHeldByOneAtATimeInTheOrderOfTheCalls) {
  Play p([](Probe*) -> Task<std::string> {
    Mutex mutex;
    auto a = workflow::spawn(locked_call(&mutex, "a")),
         b = workflow::spawn(locked_call(&mutex, "b")),
         c = workflow::spawn(locked_call(&mutex, "c"));
    seen.push_back(mutex.locked() && !mutex.try_lock() ? "locked" : "free");
    co_await workflow::all(a, b, c);
    co_return mutex.locked() ? "locked" : "free";
  });
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("a"))");
  EXPECT_EQ(p(ok(1, "")), R"(ScheduleActivity2("b"))");
  EXPECT_EQ(p(bad(2, "boom")), R"(ScheduleActivity3("c"))");  // a failure gives it back too
  EXPECT_EQ(p(ok(3, "")), "Fail(boom)");
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "locked", "b", "c"}));
}

TEST(Mutexes, NobodyOvertakesWhoWasGivenTheLock) {
  Play p([](Probe*) -> Task<std::string> {
    Mutex mutex;
    auto mine = mutex.try_lock();
    auto other = workflow::spawn(locked_call(&mutex, "other"));
    mine->release();  // to the other, which has yet to go on
    mine->release();
    bool overtook = mutex.try_lock().has_value();
    auto again = co_await mutex.lock();
    co_await other;
    co_return overtook ? "overtook" : "waited";
  });
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("other"))");
  EXPECT_EQ(p(ok(1, "")), R"(Complete("waited"))");
}

TEST(Mutexes, ACancelledScopesWaiterFailsAndLeavesTheLine) {
  Play p([](Probe*) -> Task<std::string> {
    Mutex mutex;
    workflow::Scope hasty;
    auto first = workflow::spawn(locked_call(&mutex, "first"));
    auto second = workflow::spawn(workflow::in_scope(hasty, locked_call(&mutex, "second")));
    auto third = workflow::spawn(locked_call(&mutex, "third"));
    hasty.cancel("no time");
    auto why = co_await second.settled();
    seen.push_back(why.error().kind() == FailureKind::canceled ? why.error().message() : "other");
    co_await workflow::all(first, third);
    co_return "";
  });
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("first"))");
  EXPECT_EQ(seen, (std::vector<std::string>{"first", "no time"}));
  EXPECT_EQ(p(ok(1, "")), R"(ScheduleActivity2("third"))");
}

TEST(Mutexes, InACancelledScopeEvenAFreeOneIsNotLocked) {
  Play p([](Probe*) -> Task<std::string> {
    Mutex mutex;
    co_await workflow::sleep(1h).settled();
    auto refused = co_await workflow::spawn(locked_call(&mutex, "never")).settled();
    co_await workflow::shielded(locked_call(&mutex, "tidy"));
    co_return refused ? "locked" : "refused";
  });
  p(init());
  EXPECT_EQ(p(cancel("stop")), R"(CancelTimer1 ScheduleActivity1("tidy"))");
  EXPECT_EQ(p(ok(1, "")), R"(Complete("refused"))");
}

TEST(Mutexes, ADroppedFutureLeavesTheLineOrGivesTheLockBack) {
  Play p([](Probe*) -> Task<std::string> {
    Mutex mutex;
    {
      auto granted = mutex.lock();
      auto in_line = mutex.lock();
    }
    if (mutex.locked()) co_return "lost";
    auto mine = mutex.try_lock();
    auto lock = mutex.lock();
    auto patience = workflow::sleep(1s);
    co_return co_await workflow::select(lock, patience) == 1 ? "gave up" : "locked";
  });
  p(init());
  EXPECT_EQ(p(fired(1)), R"(Complete("gave up"))");
}

Task<> with_permits(Semaphore* semaphore, std::size_t count, std::string name) {
  auto held = co_await semaphore->acquire(count);
  co_await call(name);
}

TEST(Semaphores, GiveManyAtOnceAndInOrder) {
  Play p([](Probe*) -> Task<std::string> {
    Semaphore three(3);
    auto a = workflow::spawn(with_permits(&three, 2, "a"));
    auto b = workflow::spawn(with_permits(&three, 3, "b"));  // waits for all of them
    auto c = workflow::spawn(with_permits(&three, 1, "c"));  // there is one, but b is first
    auto d = workflow::spawn(with_permits(&three, 1, "d"));
    seen.push_back(std::to_string(three.available()) + " " + std::to_string(three.waiting()));
    co_await workflow::all(a, b, c, d);
    co_return std::to_string(three.available());
  });
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("a"))");
  EXPECT_EQ(seen, (std::vector<std::string>{"1 3"}));
  EXPECT_EQ(p(ok(1, "")), R"(ScheduleActivity2("b"))");
  EXPECT_EQ(p(ok(2, "")), R"(ScheduleActivity3("c") ScheduleActivity4("d"))");
  EXPECT_EQ(p(ok(4, ""), ok(3, "")), R"(Complete("3"))");
}

TEST(Semaphores, WhenTheFirstInLineLeavesTheNextMayGoOn) {
  Play p([](Probe*) -> Task<std::string> {
    Semaphore two(2);
    auto held = two.try_acquire();
    workflow::Scope scope;
    auto big = workflow::spawn(workflow::in_scope(scope, with_permits(&two, 2, "big")));
    auto small = workflow::spawn(with_permits(&two, 1, "small"));
    scope.cancel();
    co_await small;
    co_return "";
  });
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("small"))");
}

TEST(Semaphores, MorePermitsThanThereAreIsAMistake) {
  Play p([](Probe*) -> Task<std::string> {
    Semaphore two(2);
    auto never = co_await two.acquire(3);
    co_return "";
  });
  EXPECT_EQ(p(init()), "task failed: Semaphore::acquire: 3 of 2 permits would never come");
}

Task<> produce(Channel<std::string> channel, std::string name, int count) {
  for (int i = 1; i <= count; ++i) {
    bool taken = co_await channel.send(name + std::to_string(i));
    seen.push_back((taken ? "sent " : "refused ") + name + std::to_string(i));
  }
}

TEST(Channels, ABoundedOneMakesItsSendersWait) {
  Play p([](Probe*) -> Task<std::string> {
    Channel<std::string> channel(2);
    auto a = workflow::spawn(produce(channel, "a", 3)),
         b = workflow::spawn(produce(channel, "b", 1));
    seen.push_back(std::to_string(channel.size()) + (channel.try_send("x") ? " room" : " full"));
    std::string got;
    for (int i = 0; i < 4; ++i) got += *co_await channel.receive();
    co_await workflow::all(a, b);
    co_return got;
  });
  EXPECT_EQ(p(init()), R"(Complete("a1a2a3b1"))");
  EXPECT_EQ(seen, (std::vector<std::string>{"sent a1", "sent a2", "2 full", "sent a3", "sent b1"}));
}

TEST(Channels, OneWithoutRoomHandsOver) {
  Play p([](Probe*) -> Task<std::string> {
    Channel<std::string> channel(0);
    std::string got = channel.try_send("nobody waits") ? "sent " : "";
    auto receiving = channel.receive();
    got += channel.try_send("x") ? "handed " : "";
    auto sending = channel.send("y");
    got += sending.ready() ? "early " : "";
    got += *co_await receiving + *co_await channel.receive();
    co_return got + (co_await sending ? " taken" : "");
  });
  EXPECT_EQ(p(init()), R"(Complete("handed xy taken"))");
}

TEST(Channels, FromASignalHandlerToRunUntilItIsClosed) {
  Play p([](Probe* self) -> Task<std::string> {
    Channel<std::string> notes;
    auto pump = workflow::spawn([](Probe* from, Channel<std::string> to) -> Task<> {
      for (std::size_t n = 0;; ++n) {
        co_await workflow::wait_until([from, n] { return from->notes.size() > n; });
        if (from->notes[n] == "end") break;
        to.try_send(from->notes[n]);
      }
      to.close();
      if (to.try_send("late")) seen.push_back("sent on a closed channel");
    }(self, notes));
    std::string got;
    while (auto note = co_await notes.receive()) got += *note;
    co_return got + (notes.closed() ? "." : "?");
  });
  p(init());
  EXPECT_EQ(p(noted("a"), noted("b")), "");
  EXPECT_EQ(p(noted("c"), noted("end")), R"(Complete("abc."))");
  EXPECT_TRUE(seen.empty());
}

TEST(Channels, AClosedOneGivesWhatIsLeftAndRefusesTheRest) {
  Play p([](Probe*) -> Task<std::string> {
    Channel<std::unique_ptr<int>> channel(1);  // neither data nor copyable
    bool first = co_await channel.send(std::make_unique<int>(7));
    auto waiting = channel.send(std::make_unique<int>(8));
    channel.close();
    channel.close();
    bool second = co_await waiting, third = co_await channel.send(nullptr);
    auto left = co_await channel.receive();
    auto none = co_await channel.receive();
    co_return std::to_string(first) + std::to_string(second) + std::to_string(third) +
        std::to_string(**left) + (none || channel.try_receive() ? "more" : "end");
  });
  EXPECT_EQ(p(init()), R"(Complete("1007end"))");
}

TEST(Channels, SelectKeepsTheLoserForTheNextRound) {
  Play p([](Probe*) -> Task<std::string> {
    Channel<std::string> left, right;
    auto a = left.receive(), b = right.receive();
    left.try_send("l1");
    right.try_send("r1");
    left.try_send("l2");
    std::string got;
    for (int i = 0; i < 3; ++i) {
      auto& from = co_await workflow::select(a, b) == 0 ? a : b;
      got += *co_await std::move(from);
      from = (&from == &a ? left : right).receive();
    }
    co_return got;
  });
  EXPECT_EQ(p(init()), R"(Complete("l1l2r1"))");
}

TEST(Channels, ACancellationLosesNothing) {
  Play p([](Probe*) -> Task<std::string> {
    Channel<std::string> channel(1);
    workflow::Scope scope;
    auto receiving = [](Channel<std::string> from) -> Task<std::string> {
      co_return *co_await from.receive();
    };
    auto a = workflow::spawn(workflow::in_scope(scope, receiving(channel)));
    auto b = workflow::spawn(receiving(channel));
    scope.cancel();
    bool kept = channel.try_send("x");  // to b: a has left the line
    auto sending = workflow::spawn(workflow::in_scope(scope, produce(channel, "never", 1)));
    auto first = co_await a.settled();
    co_return std::string(first ? "received " : "canceled ") + co_await b + (kept ? "" : "lost") +
        std::to_string(channel.size()) + (co_await sending.settled() ? "sent" : "");
  });
  EXPECT_EQ(p(init()), R"(Complete("canceled x0"))");
}

struct Tells {
  std::string name;
  ~Tells() {
    if (!name.empty()) seen.push_back("~" + name);
  }
  explicit Tells(std::string n) : name(std::move(n)) {}
  Tells(Tells&& o) noexcept : name(std::exchange(o.name, {})) {}
  Tells& operator=(Tells&&) = delete;
};
Task<> waits_for_lock(Mutex mutex, Tells) {
  auto lock = co_await mutex.lock();
  seen.push_back("went on");
}
Task<> waits_to_send(Channel<Tells> channel, Tells value) {
  co_await channel.send(std::move(value));
  seen.push_back("went on");
}
struct WithMembers {
  static auto definition() { return workflow_definition(probe_type, &WithMembers::run); }
  Mutex mutex;
  Channel<Tells> channel{1};
  Task<std::string> run(std::string) {
    auto lock = co_await mutex.lock();
    auto held = mutex.lock();  // of a Future alone
    channel.try_send(Tells("in the channel"));
    auto a = workflow::spawn(waits_for_lock(mutex, Tells("locker")));
    auto b = workflow::spawn(waits_to_send(channel, Tells("with its sender")));
    co_await call("x");
    co_return "";
  }
};
TEST(Sync, AnEvictionWakesNobody) {
  Play p(WithMembers::definition());
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("x"))");
  EXPECT_EQ(p(evicted()), "");
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector<std::string>{"~in the channel", "~locker", "~with its sender"}));
}

struct Asked {
  static constexpr QueryType<int(int)> ask{"ask"};
  static auto definition() {
    return workflow_definition(probe_type, &Asked::run).query(ask, &Asked::on_ask);
  }
  std::shared_ptr<Mutex> mutex = std::make_shared<Mutex>();
  std::shared_ptr<Channel<int>> channel = std::make_shared<Channel<int>>();
  Task<std::string> run(std::string) {
    co_await workflow::wait_until([] { return false; });
    co_return "";
  }
  int on_ask(int which) const {
    if (which == 0) return !mutex->locked() && channel->size() == 0 && !channel->closed();
    if (which == 1) return mutex->lock().ready();
    if (which == 2) return mutex->try_lock().has_value();
    if (which == 3) return channel->try_send(1);
    if (which == 4) return channel->try_receive().has_value();
    if (which == 5) return channel->receive().ready();
    channel->close();
    return 0;
  }
};
TEST(Sync, AQueryMayLookAndNoMore) {
  Play p(Asked::definition());
  p(init());
  for (int which = 0; which <= 6; ++which) {
    auto q = queried("q", "ask");
    auto& arg = *q.mutable_query_workflow()->add_arguments();
    (*arg.mutable_metadata())["encoding"] = "json/plain";
    arg.set_data(std::to_string(which));
    auto answer = p(q);
    EXPECT_EQ(answer.starts_with(which == 0 ? "QuerySucceeded:q(1)" : "QueryFailed:q("), true)
        << answer;
  }
}

}  // namespace
}  // namespace temporal::testing
