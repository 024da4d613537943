// `orders watch`: the events of one order until its end, or of all until Ctrl-C, as they happen.
//
// A line an event; on a terminal also one at the bottom that says where the order is now, or how many
// there are. A broken stream goes on where it broke.
#pragma once
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "cli/answers.h"
#include "cli/command.h"
#include "cli/http_client.h"
#include "cli/shop.h"

namespace ordering::cli {

struct WatchOptions {
  std::string order_id = {};  // empty: all orders
};

class Watch : public Command {
 public:
  static constexpr int kMostTries = 60;                   // at a lost stream, a second apart
  static constexpr std::size_t kMostRemembered = 20'000;  // ids of events; orders under way

  Watch(Means means, WatchOptions options)
      : means_(means), shop_(means.client), options_(std::move(options)) {}
  Task<ExitCode> run() override;
  void interrupted() override;

 private:
  bool is_of_one() const { return !options_.order_id.empty(); }
  Task<> follow();
  Task<bool> follow_stream();  // whether there is no more to come
  void take(const ServerEvent& event);
  bool is_new(const std::string& event_id);
  void count(const OrderEvent& event);
  Task<> show_where_it_is();
  Task<ExitCode> finish();
  std::string counted() const;

  Means means_;
  Shop shop_;
  WatchOptions options_;
  std::string last_id_;
  std::string lost_;  // why the stream is away now; empty: it is there
  int tries_ = 0;     // since the last event
  bool opened_ = false;
  bool ended_ = false;

  // Of all orders: what a stream that goes on may repeat, and the counts.
  std::deque<std::string> ids_in_order_;
  std::unordered_set<std::string> ids_;
  std::size_t events_ = 0;
  std::set<std::string> under_way_;
  std::map<std::string, std::size_t> ends_;  // by "FAILED I003"
};

}  // namespace ordering::cli
