#include "temporal/workflow_interceptor.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Task<Value> louder(Future<Value> f) {
  auto v = co_await std::move(f);
  co_return Value::of(v.as<std::string>() + "!");
}

struct Tag final
    : workflow::OutboundInterceptor {  // sees name, headers and values; may change them
  explicit Tag(std::string t) : tag(std::move(t)) {}
  std::string tag;
  Future<Value> execute_activity(workflow::ActivityInput in) override {
    in.headers["tag"].data += tag;
    in.args[0] = Value::of(in.args[0].as<std::string>() + tag);
    // Recorded at the call all the same.
    return workflow::spawn(louder(next->execute_activity(std::move(in))));
  }
  Future<void> start_timer(workflow::TimerInput in) override {
    in.duration *= 2;
    return next->start_timer(std::move(in));
  }
};

struct Watch final : workflow::InboundInterceptor {
  Task<Value> execute(workflow::ExecuteInput in) override {
    seen.push_back("run " + in.headers["trace"].data);
    auto v = co_await next->execute(std::move(in));
    seen.push_back("ran");
    co_return v;
  }
  Task<Value> handle_signal(workflow::HandlerInput in) override {
    in.args[0] = Value::of(in.args[0].as<std::string>() + "?");
    co_return co_await next->handle_signal(std::move(in));
  }
  void validate_update(const workflow::HandlerInput& in) override {
    if (in.args[0].as<int>() == 99) throw ApplicationFailure("too much");
    next->validate_update(in);
  }
  Task<Value> handle_update(workflow::HandlerInput in) override {
    in.args[0] = Value::of(in.args[0].as<int>() + 1);
    co_return co_await next->handle_update(std::move(in));
  }
  Value handle_query(workflow::HandlerInput in) override {
    if (in.name == "mine") return Value::of(std::string("answered outside"));
    return next->handle_query(std::move(in));
  }
};

struct Rename final : workflow::InboundInterceptor {
  bool validating = false;
  explicit Rename(bool v) : validating(v) {}
  Task<Value> handle_signal(workflow::HandlerInput in) override {
    in.name = "lost";
    co_return co_await next->handle_signal(std::move(in));
  }
  void validate_update(const workflow::HandlerInput& in) override {
    auto other = in;
    if (validating) other.name = "lost";
    next->validate_update(other);
  }
  [[clang::coro_wrapper]] Task<Value> handle_update(workflow::HandlerInput in) override {
    in.name = "lost";
    return next->handle_update(std::move(in));
  }
};
TEST(Interceptors, ANameWithoutAHandlerIsABug) {
  auto play = [](bool validating) {
    Play p(&Probe::one_call,
           {.interceptors = {[=] {
              return workflow::Interceptors{.inbound = std::make_unique<Rename>(validating)};
            }}});
    p(init());
    return p;
  };
  const std::string update = "an interceptor gave the update the name lost, which has no handler";
  EXPECT_EQ(play(false)(noted("x")),
            "task failed: an interceptor gave the signal the name lost, which has no handler");
  EXPECT_EQ(play(false)(added("u", 1)), "task failed: " + update);
  EXPECT_EQ(play(true)(added("u", 1)), "UpdateRejected:u(" + update + ")");
}

workflow::InterceptorFactory tag(std::string t) {
  return [t] { return workflow::Interceptors{.outbound = std::make_unique<Tag>(t)}; };
}

TEST(Interceptors, TheFirstListedIsOutermost) {
  Play p(&Probe::one_call, {.interceptors = {tag("+1"), tag("+2")}});
  auto c = p.feed({init()});
  EXPECT_EQ(text(c), R"(ScheduleActivity1("x+1+2"))");
  EXPECT_EQ(c.successful().commands(0).schedule_activity().headers().at("tag").data(), "+1+2");
  EXPECT_EQ(p(ok(1, "y")), R"(Complete("y!!"))");
}

TEST(Interceptors, SeeTimersToo) {
  Play p(
      [](Probe*) -> Task<std::string> {
        co_await workflow::sleep(1s);
        co_return "";
      },
      {.interceptors = {tag("")}});
  EXPECT_EQ(p(init()), "StartTimer1(2000)");
}

TEST(Interceptors, SeeWhatComesIn) {
  Play p(
      [](Probe* self) -> Task<std::string> {
        co_await workflow::wait_until([self] { return self->notes.size() == 1; });
        co_return self->notes[0];
      },
      {.interceptors = {
           [] { return workflow::Interceptors{.inbound = std::make_unique<Watch>()}; }}});
  auto start = init();
  (*start.mutable_initialize_workflow()->mutable_headers())["trace"].set_data("t1");
  EXPECT_EQ(p(start), "");
  EXPECT_EQ(seen.back(), "run t1");
  EXPECT_EQ(p(added("u1", 1), added("u2", 99)),
            "UpdateAccepted:u1 UpdateCompleted:u1(2) UpdateRejected:u2(too much)");
  EXPECT_EQ(p(queried("q1", "mine"), queried("q2", "total")),
            R"(QuerySucceeded:q1("answered outside") QuerySucceeded:q2(2))");
  EXPECT_EQ(p(noted("hello")), R"(Complete("hello?"))");
  EXPECT_EQ(seen.back(), "ran");
}

}  // namespace
}  // namespace temporal::testing
