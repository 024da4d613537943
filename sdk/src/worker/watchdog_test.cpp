#include "worker/watchdog.h"

#include <gtest/gtest.h>

#include <latch>

namespace temporal::detail {
namespace {

using namespace std::chrono_literals;

TEST(Watchdog, TellsOfWhatTakesTooLong) {
  Watchdog dog(5ms);
  std::latch late(2);
  Watchdog::Watch one(dog, [&] { late.count_down(); });
  Watchdog::Watch two(dog, [&] { late.count_down(); });
  late.wait();
}

TEST(Watchdog, SaysNothingOfWhatEndedInTime) {
  Watchdog dog(20ms);
  bool told = false;
  for (int i = 0; i < 100; ++i) Watchdog::Watch quick(dog, [&] { told = true; });
  std::latch late(1);
  Watchdog::Watch slow(dog, [&] { late.count_down(); });
  late.wait();  // later than every quick one was due
  EXPECT_FALSE(told);
}

TEST(Watchdog, WakesAgainAfterItFellAsleep) {
  Watchdog dog(1ms);
  for (int i = 0; i < 20; ++i) {
    std::latch late(1);
    Watchdog::Watch watch(dog, [&] { late.count_down(); });
    late.wait();
  }
}

TEST(Watchdog, WhileItTellsOfOneOthersBeginAndEnd) {
  Watchdog dog(1ms);
  std::latch telling(1), ended(1);
  {
    Watchdog::Watch late(dog, [&] {
      telling.count_down();
      ended.wait();
    });
    telling.wait();
    {
      Watchdog::Watch other(dog, [] {});
    }
    ended.count_down();
  }  // waits for what it tells
}

TEST(Watchdog, ALimitOfZeroIsNone) {
  Watchdog none(0ms), dog(10ms);
  bool told = false;
  std::latch late(1);
  Watchdog::Watch unwatched(none, [&] { told = true; });
  Watchdog::Watch watched(dog, [&] { late.count_down(); });
  late.wait();
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace temporal::detail
