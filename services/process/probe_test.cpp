#include "process/probe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <latch>
#include <stdexcept>

namespace ordering::process {
namespace {

using namespace std::chrono_literals;

http::Task<bool> asked_and_answered(Probe& probe, boost::asio::any_io_executor executor) {
  probe.ask(executor);
  co_return co_await probe.answer();
}

class ProbeTest : public testing::Test {
 protected:
  // Runs the executor until the answer has come.
  bool ask(Probe& probe) {
    auto answer = boost::asio::co_spawn(io_, asked_and_answered(probe, io_.get_executor()),
                                        boost::asio::use_future);
    io_.restart();
    while (answer.wait_for(0s) != std::future_status::ready) io_.run_one();
    return answer.get();
  }
  void run_to_the_end() {
    io_.restart();
    io_.run();
  }
  boost::asio::io_context io_{1};
  http::Pool pool_;
};

TEST_F(ProbeTest, AnswersAsTheQuestionDoes) {
  bool up = true;
  Probe probe(pool_, 1min, [&up] { return up; });
  EXPECT_TRUE(ask(probe));
  up = false;
  EXPECT_FALSE(ask(probe));
}

TEST_F(ProbeTest, WhatFailsIsANo) {
  Probe probe(pool_, 1min, []() -> bool { throw std::runtime_error("broken"); });
  EXPECT_FALSE(ask(probe));
}

TEST_F(ProbeTest, WhatTakesLongerIsANoAndIsNotAskedAgainMeanwhile) {
  std::latch gate(1);
  std::atomic<int> times = 0;
  Probe probe(pool_, 10ms, [&] {
    ++times;
    gate.wait();
    return true;
  });
  for (int n = 0; n < 5; ++n) EXPECT_FALSE(ask(probe));
  EXPECT_EQ(times, 1);
  gate.count_down();
  run_to_the_end();
  EXPECT_TRUE(ask(probe)) << "the next";
  EXPECT_EQ(times, 2);
}

}  // namespace
}  // namespace ordering::process
