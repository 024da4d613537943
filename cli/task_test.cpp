#include "cli/task.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <future>
#include <stdexcept>

namespace ordering::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

void run(Task<> task) {
  asio::io_context io;
  auto result = asio::co_spawn(io, std::move(task), asio::use_future);
  io.run();
  result.get();
}

Task<> nothing() {
  co_return;
}
Task<> fail() {
  throw std::runtime_error("failed");
  co_return;
}
Task<> until_cancelled(int& cancelled) {
  try {
    co_await pause(1h);
  } catch (const boost::system::system_error&) {
    ++cancelled;
    throw;
  }
}
std::vector<Task<>> tasks(Task<> one, Task<> other) {
  std::vector<Task<>> both;
  both.push_back(std::move(one));
  both.push_back(std::move(other));
  return both;
}

TEST(WithBeside, WhatIsBesideEndsWithTheWork) {
  int cancelled = 0;
  run(with_beside(nothing(), until_cancelled(cancelled)));
  EXPECT_EQ(cancelled, 1);
}

TEST(WithBeside, AFailureOfEitherIsThrownAtOnce) {
  int cancelled = 0;
  EXPECT_THROW(run(with_beside(fail(), until_cancelled(cancelled))), std::runtime_error);
  EXPECT_THROW(run(with_beside(until_cancelled(cancelled), fail())), std::runtime_error);
  EXPECT_EQ(cancelled, 2);
}

TEST(AllOf, WaitsForAll) {
  run(all_of({}));
  run(all_of(tasks(nothing(), pause(1ms))));
}

TEST(AllOf, AFailureCancelsTheOthers) {
  int cancelled = 0;
  EXPECT_THROW(run(all_of(tasks(until_cancelled(cancelled), fail()))), std::runtime_error);
  EXPECT_EQ(cancelled, 1);
}

}  // namespace
}  // namespace ordering::cli
