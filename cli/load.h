// `orders load`: orders at a rate, how quickly each is taken and ends, and what becomes of them.
//
// Each order has its moment, and is placed then whatever the shop has still to do. At most `most`
// requests are open: where that is not enough, orders are placed late, and that is said. How an order
// ended, and when, the shop's list tells afterwards: who waited for each order meanwhile would be a
// load of another kind.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/fresh_ids.h"
#include "cli/latencies.h"
#include "cli/shop.h"

namespace ordering::cli {

// What an order of a load is to meet.
struct LoadKind {
  std::string_view name = {};
  std::string_view ends = {};  // the characters that its id may end in
  std::string_view amount = "100";
  bool cancelled = false;
  std::string_view meaning = {};
};
const std::vector<LoadKind>& load_kinds();

struct MixPart {
  LoadKind kind = {};
  unsigned weight = 1;
};
// "ok=8,no-area=1,cancel=1"; the error is a sentence.
std::expected<std::vector<MixPart>, std::string> parse_mix(std::string_view text);

struct LoadOptions {
  double rate = 10;                        // orders a second
  std::chrono::milliseconds time{10'000};  // for which orders are placed
  std::vector<MixPart> mix = {};
  std::size_t most = 200;                   // requests open at a time
  std::chrono::milliseconds wait{180'000};  // for the orders' ends, after the last was placed
};

class Load : public Command {
 public:
  static constexpr std::size_t kMostOrders = 1'000'000;
  static constexpr std::size_t kMostOpen = 1'000;  // a shop takes 1,024 connections

  Load(Means means, LoadOptions options);
  Task<ExitCode> run() override;
  void interrupted() override;

 private:
  Task<> run_all();
  Task<> place_orders();  // one of the many that do
  Task<> place(Shop& shop, const LoadKind& kind);
  Task<> wait_for_ends();
  Task<std::size_t> count_under_way();
  Task<> read_ends();
  Task<> read_list(std::string status, std::move_only_function<void(const ListedOrder&)> each);
  const LoadKind& any_kind();
  Task<> show_progress();
  void show_progress_line() const;
  std::size_t not_ended() const { return accepted_.size() - end_times_.count(); }
  void show(bool whole) const;
  void show_json(bool whole) const;

  Means means_;
  LoadOptions options_;
  std::size_t total_;
  FreshIds ids_{"load"};
  std::string placed_since_;  // in the shop's words
  std::mt19937 random_;
  std::discrete_distribution<std::size_t> weighted_;

  Clock::time_point began_ = {};
  std::size_t next_ = 0;  // the orders before it have been taken by somebody
  std::size_t late_ = 0;  // their moment came when all requests were open
  std::set<std::string, std::less<>> accepted_;
  Latencies post_times_;  // of those
  Clock::time_point last_accepted_ = {};
  std::size_t under_way_ = 0;  // when the shop was last asked
  Latencies end_times_;        // of those that were accepted, from their creation to their end
  std::map<std::string, std::size_t> refused_;  // by the problem's code
  std::map<std::string, std::size_t> ends_;     // by "FAILED I003"
};

}  // namespace ordering::cli
