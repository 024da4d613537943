#include "order/event_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <limits>
#include <set>
#include <stdexcept>

#include "http/server.h"
#include "order/test_runs.h"

namespace ordering::order {
namespace {

using namespace std::chrono_literals;
using temporal::WorkflowStatus;
using testing::ElementsAre;

constexpr auto kPatience = 30s;

// What a client has been sent; it goes after so many pieces.
class Written final : public http::Stream {
 public:
  http::Task<> write(std::string piece) override {
    if (pieces++ == most) throw std::runtime_error("the client has gone");
    if (piece.starts_with("id: ")) events.push_back(std::move(piece));
    co_return;
  }
  bool has(std::string_view word) const {
    return std::ranges::any_of(events, [word](const auto& e) { return e.contains(word); });
  }

  std::size_t most = std::numeric_limits<std::size_t>::max();
  std::size_t pieces = 0;
  std::vector<std::string> events = {};
};

class Streams : public testing::Test {
 protected:
  ~Streams() override {
    draining.request_stop();
    io.run_for(kPatience);
  }

  void follow(std::shared_ptr<http::StreamedBody> body, Written& to) {
    auto& stream = *body;
    co_spawn(io, stream.write_to(to), [this, body](const std::exception_ptr&) { ended = true; });
  }
  void follow_all(std::optional<Time> since, Written& to) {
    follow(std::make_shared<FeedFollower>(feed, since), to);
  }
  template <class Predicate>
  bool comes(Predicate predicate) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!predicate() && std::chrono::steady_clock::now() < deadline) io.run_one_for(100ms);
    return predicate();
  }
  // Each under way since an hour.
  void put_orders(int number) {
    for (int n = 0; n < number; ++n)
      runs->put({.workflow_id = "order-workflow-order-" + std::to_string(n),
                 .run_id = "run-" + std::to_string(n),
                 .events = {accepted(1, begun - 1h)}});
  }
  void ask_cancel(int order, Time at) {
    auto& events = runs->run("run-" + std::to_string(order)).events;
    events.push_back(cancel_requested(std::ssize(events) + 1, at));
  }

  const Time begun = now();
  boost::asio::io_context io{1};
  std::stop_source draining;
  std::shared_ptr<Runs> runs = std::make_shared<Runs>(io.get_executor());
  temporal::Client client = runs->client();
  OrderFeed feed{io.get_executor(), client, draining.get_token()};
  Written written;
  std::vector<Written> clients;
  bool ended = false;
};

class Feed : public Streams {
 protected:
  Feed() { co_spawn(io, feed.run(), http::rethrow); }
};

constexpr int kMoreThanAPage = 1'100;

TEST_F(Feed, GoesOnAmongMoreOrdersThanAPageHolds) {
  put_orders(kMoreThanAPage);
  for (int n = 0; n < kMoreThanAPage; ++n) ask_cancel(n, begun - 60s + n * 25ms);
  follow_all(begun - 90s, written);
  EXPECT_TRUE(comes([&] { return written.events.size() >= kMoreThanAPage; }));
  EXPECT_EQ(std::set(written.events.begin(), written.events.end()).size(), kMoreThanAPage);
  EXPECT_TRUE(std::ranges::is_sorted(written.events));  // they begin with their time
}

TEST_F(Feed, SeesThatAClientHasGoneWhileItReadsThePast) {
  put_orders(kMoreThanAPage);
  written.most = 2;
  follow_all(begun - 90s, written);
  EXPECT_TRUE(comes([&] { return ended; }));
}

TEST_F(Feed, LetsSoManyReadThePastAtOnce) {
  constexpr int kOrders = 10;
  put_orders(kOrders);
  for (int n = 0; n < kOrders; ++n) ask_cancel(n, begun - 60s);
  std::size_t most = 0;
  runs->reads = [&](const Runs::Run&) { most = std::max(most, feed.catching_up()); };
  clients.resize(3 * OrderFeed::kCatchingUp);
  for (auto& client : clients) follow_all(begun - 90s, client);
  EXPECT_TRUE(comes([&] {
    return std::ranges::all_of(clients, [](const auto& c) { return c.events.size() == kOrders; });
  }));
  EXPECT_EQ(most, OrderFeed::kCatchingUp);
  EXPECT_TRUE(comes([&] { return feed.catching_up() == 0; }));
}

TEST_F(Feed, ReadsALongPastInSpansThatItCanHold) {
  for (int n = 0; n < 5'000; ++n) {
    const auto id = std::to_string(n);
    const auto at = begun - 30min + n * 1ms;
    runs->put({.workflow_id = "order-workflow-order-" + id,
               .run_id = "run-" + id,
               .events = {accepted(1, at), completed(2, at + 1s)},
               .status = WorkflowStatus::completed});
  }
  follow_all(begun - 24h, written);
  EXPECT_TRUE(comes([&] { return written.events.size() >= 10'000; }));
  EXPECT_EQ(std::set(written.events.begin(), written.events.end()).size(), 10'000U);
}

// A look takes its time. What happened while it did is told by the next, else an event could be told
// before one that is older by more than kLateness, and who comes back behind it would miss that.
TEST_F(Feed, TellsNothingYoungerThanItsLook) {
  put_orders(kMoreThanAPage);
  const auto last = "run-" + std::to_string(kMoreThanAPage - 1);
  runs->reads = [&](const Runs::Run& run) {
    if (run.run_id != last || run.events.size() > 1) return;
    ask_cancel(kMoreThanAPage - 1, now() + 1h);  // the look takes an hour
    ask_cancel(0, now());                        // which was read at its beginning
  };
  follow_all(std::nullopt, written);
  EXPECT_TRUE(comes([&] { return written.has("\"order-0\""); }));
  EXPECT_EQ(written.events.size(), 1U);
}

TEST_F(Feed, GoesOnWhereAReadingFailed) {
  put_orders(kMoreThanAPage);
  bool failed = false;
  runs->reads = [&](const Runs::Run& run) {
    if (run.run_id == "run-7") throw temporal::RpcError(temporal::RpcCode::not_found, "deleted");
    if (run.run_id == "run-1050" && !std::exchange(failed, true))
      throw temporal::RpcError(temporal::RpcCode::unavailable, "for once");
  };
  follow_all(std::nullopt, written);
  for (const int n : {3, 1'050}) ask_cancel(n, now());
  EXPECT_TRUE(comes([&] { return written.has("\"order-3\"") && written.has("\"order-1050\""); }));
  EXPECT_EQ(written.events.size(), 2U);
}

TEST_F(Feed, TellsOnAfterMoreEventsThanItKeeps) {
  put_orders(1);
  follow_all(std::nullopt, written);
  constexpr auto kHalf = OrderFeed::kKept / 2 + 1;
  for (const auto told : {kHalf, 2 * kHalf}) {
    for (std::size_t n = 0; n < kHalf; ++n) ask_cancel(0, now());
    ASSERT_TRUE(comes([&] { return written.events.size() == told; }));
  }
  runs->put(
      {.workflow_id = "order-workflow-next-1", .run_id = "next", .events = {accepted(1, now())}});
  EXPECT_TRUE(comes([&] { return written.has("\"next-1\""); }));
}

TEST_F(Feed, TellsOfPausedOrders) {
  put_orders(1);
  ask_cancel(0, begun - 60s);
  runs->run("run-0").status = WorkflowStatus::paused;
  follow_all(begun - 90s, written);
  EXPECT_TRUE(comes([&] { return written.has("\"order-0\""); }));
  ask_cancel(0, now());
  EXPECT_TRUE(comes([&] { return written.events.size() == 2; }));
}

// Of one order: its id and what it is.
std::vector<std::string> lines(const Written& written) {
  std::vector<std::string> out;
  for (const auto& event : written.events) {
    const auto end = event.find('\n');
    const auto type = event.find("event: ") + 7;
    out.push_back(event.substr(4, end - 4) + ' ' +
                  event.substr(type, event.find('\n', type) - type));
  }
  return out;
}

class OneOrder : public Streams {
 protected:
  const Time at{1'000s};
  const OrderId id = OrderId::parse("order-1").value();
  const std::string order = workflow_id(id);
  const std::string repair = repair_id(id);

  void put_terminated_order() {
    runs->put({.workflow_id = order,
               .run_id = "order",
               .events = {accepted(1, at), terminated(2, at)},
               .status = WorkflowStatus::terminated});
  }
  std::vector<std::string> told(EventPosition after) {
    follow(std::make_shared<OrderFollower>(client, id, after, draining.get_token()), written);
    EXPECT_TRUE(comes([&] { return ended; }));
    return lines(written);
  }
};

TEST_F(OneOrder, IsFollowedOverAReset) {
  runs->put({.workflow_id = order,
             .run_id = "first",
             .events = {accepted(1, at), cancel_requested(2, at), cancel_requested(3, at),
                        terminated(4, at)},
             .status = WorkflowStatus::terminated});
  bool again = false;
  runs->reads = [&](const Runs::Run& run) {
    if (run.run_id != "first" || std::exchange(again, true)) return;
    runs->put({.workflow_id = order,
               .run_id = "second",
               .events = {accepted(1, at), reset(2, at + 5s), completed(3, at + 6s)},
               .status = WorkflowStatus::completed});
  };
  EXPECT_THAT(told({}), ElementsAre("0-1 accepted", "0-2 cancel", "0-3 cancel", "0-4 interrupted",
                                    "0.1005000-3 ended"));
}

TEST_F(OneOrder, GoesOnOverAResetWhereItBroke) {
  runs->put({.workflow_id = order,
             .run_id = "second",
             .events = {accepted(1, at), reset(2, at + 5s), cancel_requested(3, at + 6s),
                        completed(4, at + 6s)},
             .status = WorkflowStatus::completed});
  EXPECT_THAT(told(parse_position("0-17").value()),
              ElementsAre("0.1005000-3 cancel", "0.1005000-4 ended"));
}

TEST_F(OneOrder, IsFollowedOverARepairThatIsBegunAgain) {
  put_terminated_order();
  runs->put({.workflow_id = repair,
             .run_id = "first",
             .events = {accepted(1, at), terminated(5, at)},
             .status = WorkflowStatus::terminated});
  bool again = false;
  runs->reads = [&](const Runs::Run& run) {
    if (run.run_id != "first" || std::exchange(again, true)) return;
    runs->put({.workflow_id = repair,
               .run_id = "second",
               .events = {accepted(1, at), completed(4, at)},
               .status = WorkflowStatus::completed});
  };
  EXPECT_THAT(told({}), ElementsAre("0-1 accepted", "0-2 interrupted", "1-1 repair", "1-5 repair",
                                    "1-1 repair", "1-4 ended"));
}

TEST_F(OneOrder, IsToldItsEndInAnyCase) {
  put_terminated_order();
  runs->put({.workflow_id = repair,
             .run_id = "second",
             .events = {accepted(1, at), completed(4, at)},
             .status = WorkflowStatus::completed});
  EXPECT_THAT(told(parse_position("1-5").value()), ElementsAre("1-4 ended"));
}

}  // namespace
}  // namespace ordering::order
