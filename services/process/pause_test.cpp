#include "process/pause.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>

namespace ordering::process {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Paused {
  bool over = false;
  Clock::duration took = {};
};

Paused pause_for(std::chrono::milliseconds time, std::stop_source stop, bool stop_amid) {
  boost::asio::io_context io;
  const auto before = Clock::now();
  std::optional<bool> over;
  boost::asio::co_spawn(io, pause(time, stop.get_token()),
                        [&over](const std::exception_ptr&, bool ended) { over = ended; });
  if (stop_amid) boost::asio::post(io, [&stop] { stop.request_stop(); });
  io.run();
  return {.over = over.value(), .took = Clock::now() - before};
}

TEST(Pause, LastsItsTime) {
  const auto paused = pause_for(20ms, {}, false);
  EXPECT_TRUE(paused.over);
  EXPECT_GE(paused.took, 20ms);
}

TEST(Pause, EndsWhenAskedToStop) {
  const auto paused = pause_for(1h, {}, true);
  EXPECT_FALSE(paused.over);
  EXPECT_LT(paused.took, 30s);
}

TEST(Pause, DoesNotBeginAfterThat) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(pause_for(1h, stop, false).over);
}

}  // namespace
}  // namespace ordering::process
