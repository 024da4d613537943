#include "worker/thread_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace temporal::detail {

// Out of the unnamed namespace, to have a name in the program's dynamic symbols.
struct Door {
  std::mutex mutex;
  std::condition_variable changed;
  bool reached = false;
  bool open = false;
};
[[gnu::noinline]] void waits_at_the_door(Door& door) {
  std::unique_lock lock(door.mutex);
  door.reached = true;
  door.changed.notify_all();
  door.changed.wait(lock, [&] { return door.open; });
  lock.unlock();
}

namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Waiting {
 public:
  explicit Waiting(bool deaf)
      : thread_([this, deaf] {
          sigset_t signals;
          sigemptyset(&signals);
          sigaddset(&signals, SIGRTMIN + 4);
          if (deaf) pthread_sigmask(SIG_BLOCK, &signals, nullptr);
          waits_at_the_door(door_);
          pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // then it comes, too late
        }) {
    std::unique_lock lock(door_.mutex);
    door_.changed.wait(lock, [this] { return door_.reached; });
  }
  ~Waiting() {
    {
      std::lock_guard lock(door_.mutex);
      door_.open = true;
    }
    door_.changed.notify_all();
    thread_.join();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  pthread_t handle() { return thread_.native_handle(); }

 private:
  Door door_;
  std::thread thread_;
};

TEST(ThreadStack, NamesWhatTheThreadIsIn) {
  take_stack_signal(SIGRTMIN + 4);
  take_stack_signal(SIGRTMIN + 4);  // by another worker
  Waiting waiting(false);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(
        stack_of(waiting.handle(), SIGRTMIN + 4, 10s),
        Contains(StartsWith("temporal::detail::waits_at_the_door(temporal::detail::Door&) (")));
}

TEST(ThreadStack, AThreadThatDoesNotAnswerIsNotWaitedFor) {
  take_stack_signal(SIGRTMIN + 4);
  Waiting open(false);
  {
    Waiting deaf(true);
    EXPECT_THAT(stack_of(deaf.handle(), SIGRTMIN + 4, 20ms), IsEmpty());
  }
  EXPECT_THAT(stack_of(open.handle(), SIGRTMIN + 4, 10s), Not(IsEmpty()));
}

TEST(ThreadStack, OtherSignalsAreRefused) {
  EXPECT_THROW(take_stack_signal(SIGUSR1), std::invalid_argument);
  EXPECT_THROW(take_stack_signal(SIGRTMAX + 1), std::invalid_argument);
  struct sigaction handled = {};
  handled.sa_handler = [](int) {};
  ASSERT_EQ(sigaction(SIGRTMIN + 5, &handled, nullptr), 0);
  EXPECT_THROW(take_stack_signal(SIGRTMIN + 5), std::invalid_argument);
}

}  // namespace
}  // namespace temporal::detail
