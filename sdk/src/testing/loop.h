// The simulator's thread: does one thing after another, answers calls when all that can happen at an
// instant has, and lets the time jump when calls wait and nothing else is to be done.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "client/transport.h"
#include "testing/virtual_clock.h"

namespace temporal::testing {

// What a call came to. `answer` gives nothing as long as there is none.
struct Ask {
  std::function<std::optional<Transport::Answer>()> answer = {};
  bool waits = false;  // for something to come: time may jump
  // Whom it waits for: "workflow 1 waits for …".
  std::function<std::string()> waits_for = {};
};

// What the loop drives.
class Things {
 public:
  virtual ~Things() = default;
  // Does the next thing that is to be done at this instant; false: there is none.
  virtual bool step() = 0;
  // Something runs that will be done in no time of the workflows': until then, in real time, nothing
  // else is.
  virtual std::optional<std::chrono::steady_clock::time_point> busy_until() const = 0;
  virtual bool time_may_jump() const = 0;
};

struct LoopOptions {
  std::chrono::milliseconds patience = {};
  std::uint64_t max_skips = 0;  // of the time, while one call waits
};

class Loop {
 public:
  Loop(LoopOptions options, VirtualClock& clock, Things& things);
  ~Loop() { end(); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Any thread. Work runs on the loop's, in the order it came; what comes after the end is dropped.
  void post(std::move_only_function<void()> work);
  // `begin` runs on the loop's thread; what it throws is the answer.
  void call(std::function<Ask()> begin, std::optional<std::chrono::milliseconds> timeout,
            std::stop_token stop, std::stop_token other_stop, Transport::Answered answered);
  // Answers what waits with `canceled`. May be repeated.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  struct Call {
    using Stop = std::stop_callback<std::function<void()>>;
    std::uint64_t id = 0;
    Ask ask = {};
    Clock::time_point deadline = Clock::time_point::max();
    Transport::Answered answered = {};
    std::uint64_t skips = 0;
    std::unique_ptr<Stop> stop = {}, other_stop = {};

    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      if (answered)
        answered(std::unexpected(RpcError(RpcCode::canceled, "the simulator has ended")));
    }
  };
  void work();
  std::optional<Clock::time_point> advance();
  bool answer_calls();
  bool expire_calls();
  void fail_blocked();
  void answer(std::list<Call>::iterator call, Transport::Answer answer);
  void begin(std::list<Call> call, const std::function<Ask()>& begin);
  bool any_waits() const;
  Clock::time_point first_deadline() const;

  const LoopOptions options_;
  VirtualClock& clock_;
  Things& things_;
  std::uint64_t last_call_ = 0;
  std::list<Call> calls_;
  std::optional<Clock::time_point> blocked_since_;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool ended_ = false;
  std::deque<std::move_only_function<void()>> inbox_;
  std::thread thread_;  // last
};

}  // namespace temporal::testing
