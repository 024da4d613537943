#include "cli/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "cli/order_text.h"
#include "cli/text.h"
#include "contract/timestamp.h"

namespace ordering::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kLate = 100ms;
// Which orders are under way is asked the later again the longer that list is: to read it is work for
// the shop that is measured.
constexpr auto kAskedAgain = 2s;
constexpr auto kAskedAgainAtMost = 20s;
constexpr auto kOfEachUnderWay = 10ms;
constexpr auto kClocksDiffer = 1min;  // the shop's and this one's, at most
constexpr auto kOnAPage = "200";
constexpr std::size_t kBarWidth = 30;
constexpr unsigned kMostWeight = 1'000;

std::string whole_milliseconds(Latencies::Time time) {
  return fmt::format("{:.1f}", std::chrono::duration<double, std::milli>(time).count());
}

std::string to_json(const Latencies& times) {
  return fmt::format(
      R"({{"count":{},"p50Ms":{},"p90Ms":{},"p99Ms":{},"maxMs":{}}})", times.count(),
      whole_milliseconds(times.percentile(0.5)), whole_milliseconds(times.percentile(0.9)),
      whole_milliseconds(times.percentile(0.99)), whole_milliseconds(times.longest()));
}

std::string counted(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + printable(name);
  return text;
}

void add_times(Table& table, std::string name, const Latencies& times) {
  table.add({{.text = std::move(name)},
             {.text = std::to_string(times.count())},
             {.text = in_words(times.percentile(0.5))},
             {.text = in_words(times.percentile(0.9))},
             {.text = in_words(times.percentile(0.99))},
             {.text = in_words(times.longest())}});
}

}  // namespace

const std::vector<LoadKind>& load_kinds() {
  static constexpr std::string_view kStocked = "145678";
  static const std::vector<LoadKind> kKinds{
      {.name = "ok", .ends = kStocked, .meaning = "is paid, taken from stock and delivered"},
      {.name = "sold-out", .ends = "2", .meaning = "fails I003"},
      {.name = "discontinued", .ends = "3", .meaning = "fails I002"},
      {.name = "no-item", .ends = "0", .meaning = "fails I001"},
      {.name = "no-area", .ends = "9", .meaning = "fails D002, all is undone"},
      {.name = "over-limit", .ends = "1", .amount = "1000000.01", .meaning = "fails P001"},
      {.name = "cancel", .ends = kStocked, .cancelled = true, .meaning = "is cancelled at once"},
  };
  return kKinds;
}

std::expected<std::vector<MixPart>, std::string> parse_mix(std::string_view text) {
  std::vector<MixPart> mix;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    const auto kind = std::ranges::find(load_kinds(), name, &LoadKind::name);
    if (kind == load_kinds().end())
      return std::unexpected("there is no kind of order called \"" + std::string(name) + '"');
    unsigned weight = 1;
    if (equals != part.npos) {
      const auto number = part.substr(equals + 1);
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), weight);
      if (error != std::errc() || end != number.data() + number.size() || weight == 0 ||
          weight > kMostWeight)
        return std::unexpected("the weight of " + std::string(name) + " is from 1 to " +
                               std::to_string(kMostWeight));
    }
    mix.push_back({.kind = *kind, .weight = weight});
  }
  if (mix.empty()) return std::unexpected("a mix has at least one kind of order");
  return mix;
}

Load::Load(Means means, LoadOptions options)
    : means_(means), options_(std::move(options)), random_(std::random_device()()) {
  const auto orders = options_.rate * std::chrono::duration<double>(options_.time).count();
  total_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(orders)));
  std::vector<double> weights;
  weights.reserve(options_.mix.size());
  for (const auto& part : options_.mix) weights.push_back(part.weight);
  weighted_ = {weights.begin(), weights.end()};
}

Task<ExitCode> Load::run() {
  Shop shop(means_.client);
  co_await shop.list({{"limit", "1"}});  // a shop that is not there is said once
  began_ = Clock::now();
  placed_since_ = to_rfc3339(now() - kClocksDiffer);
  co_await with_beside(run_all(), show_progress());
  means_.terminal.clear_progress();
  show(true);
  co_return refused_.empty() && not_ended() == 0 ? ExitCode::ok : ExitCode::failed;
}

void Load::interrupted() {
  means_.terminal.clear_progress();
  if (began_ != Clock::time_point()) show(false);
}

Task<> Load::run_all() {
  const auto at_once = std::min(options_.most, total_);
  std::vector<Task<>> tasks;
  tasks.reserve(at_once);
  while (tasks.size() < at_once) tasks.push_back(place_orders());
  co_await all_of(std::move(tasks));
  co_await wait_for_ends();
}

Task<> Load::place_orders() {
  Shop shop(means_.client);
  while (next_ < total_) {
    const std::chrono::duration<double> after(static_cast<double>(next_++) / options_.rate);
    const auto due = began_ + std::chrono::duration_cast<Clock::duration>(after);
    if (Clock::now() > due + kLate) ++late_;
    co_await sleep_until(due);
    co_await place(shop, any_kind());
  }
}

Task<> Load::place(Shop& shop, const LoadKind& kind) {
  const auto last = std::uniform_int_distribution<std::size_t>(0, kind.ends.size() - 1)(random_);
  const auto id = ids_.next(kind.ends.substr(last, 1));
  const auto began = Clock::now();
  try {
    co_await shop.place(id, std::string(kind.amount));
  } catch (const Failure& e) {
    ++refused_[e.code().empty() ? "no answer" : e.code()];
    co_return;
  }
  last_accepted_ = Clock::now();
  post_times_.add(last_accepted_ - began);
  accepted_.insert(id);
  if (!kind.cancelled) co_return;
  try {
    co_await shop.cancel(id);
  } catch (const Failure&) {  // NOLINT(bugprone-empty-catch): whether it was too late its end tells
  }
}

// The list is a little behind: it has an order when it was asked, and lacks it the first time.
Task<> Load::wait_for_ends() {
  const auto deadline = Clock::now() + options_.wait;
  under_way_ = accepted_.size();
  for (;;) {
    const bool last = Clock::now() >= deadline;
    try {
      under_way_ = co_await count_under_way();
      if (under_way_ == 0 || last) co_await read_ends();
    } catch (const Failure& e) {
      if (e.exit_code() != ExitCode::unreachable) throw;
    }
    if (last || not_ended() == 0) co_return;
    co_await pause(
        std::clamp<Latencies::Time>(under_way_ * kOfEachUnderWay, kAskedAgain, kAskedAgainAtMost));
  }
}

Task<std::size_t> Load::count_under_way() {
  std::size_t count = 0;
  co_await read_list("PROCESSING", [&count](const ListedOrder&) { ++count; });
  co_return count;
}

Task<> Load::read_ends() {
  Latencies times;
  std::map<std::string, std::size_t> ends;
  co_await read_list("", [&](const ListedOrder& order) {
    const auto time = took(order);
    // One whose POST got no answer may have been placed all the same.
    if (!time || !accepted_.contains(order.order_id)) return;
    times.add(*time);
    ++ends[order.status + (order.code ? ' ' + *order.code : std::string())];
  });
  end_times_ = std::move(times);
  ends_ = std::move(ends);
}

// Those of this load; of every status where `status` is empty.
Task<> Load::read_list(std::string status, std::move_only_function<void(const ListedOrder&)> each) {
  Shop shop(means_.client);
  std::optional<std::string> cursor;
  do {
    Shop::Query query{{"limit", kOnAPage}, {"q", ids_.beginning()}, {"from", placed_since_}};
    if (!status.empty()) query.emplace_back("status", status);
    if (cursor) query.emplace_back("cursor", *cursor);
    auto page = read<OrderPage>(co_await shop.list(std::move(query)));
    for (const auto& order : page.items) each(order);
    cursor = std::move(page.next_cursor);
  } while (cursor);
}

const LoadKind& Load::any_kind() {
  return options_.mix[weighted_(random_)].kind;
}

Task<> Load::show_progress() {
  for (;;) {
    co_await pause(means_.terminal.shows_progress() ? 200ms : std::chrono::milliseconds(1h));
    show_progress_line();
  }
}

// Placing is the first half of the bar, the orders' ends are the second.
void Load::show_progress_line() const {
  std::size_t refused = 0;
  for (const auto& [code, count] : refused_) refused += count;
  const auto accepted = post_times_.count();
  const auto placed = accepted + refused;
  auto done = placed;
  if (placed == total_) done += total_ - std::min(under_way_, accepted);
  const auto share = static_cast<double>(done) / static_cast<double>(2 * total_);
  auto line = fmt::format("{} {:3.0f} %  {} of {} placed", bar(share, kBarWidth), share * 100,
                          placed, total_);
  if (placed == total_) line += fmt::format(", {} under way", under_way_);
  if (refused > 0) line += fmt::format(", {} refused", refused);
  means_.terminal.progress(line);
}

void Load::show(bool whole) const {
  if (means_.json) return show_json(whole);
  auto& terminal = means_.terminal;
  const auto took = std::chrono::duration<double>(last_accepted_ - began_).count();
  const auto rate = post_times_.count() > 1 ? static_cast<double>(post_times_.count()) / took : 0.0;
  terminal.say(
      fmt::format("{} of {} orders accepted, {:.1f} a second", post_times_.count(), total_, rate));
  Table table;
  table.add({{},
             {.text = "count"},
             {.text = "p50"},
             {.text = "p90"},
             {.text = "p99"},
             {.text = "longest"}});
  add_times(table, "POST", post_times_);
  add_times(table, "order's end", end_times_);
  for (const auto& line : table.lines()) terminal.say(line);
  if (!ends_.empty()) terminal.say("ended: " + counted(ends_));
  if (!refused_.empty())
    terminal.say(terminal.painted(Colour::red, "not accepted: ") + counted(refused_));
  if (whole && not_ended() > 0)
    terminal.say(terminal.painted(Colour::red, "not ended: ") + std::to_string(not_ended()) + ", " +
                 in_words(options_.wait) + " after the last was placed");
  if (!whole) terminal.say("Stopped; orders that were under way go on.");
  if (late_ > 0)
    terminal.remark(std::to_string(late_) + " orders were placed late: --most " +
                    std::to_string(options_.most) + " requests were open.");
}

void Load::show_json(bool whole) const {
  const auto took = std::chrono::duration<double>(last_accepted_ - began_).count();
  const auto rate = post_times_.count() > 1 ? static_cast<double>(post_times_.count()) / took : 0.0;
  means_.terminal.say(fmt::format(
      R"({{"whole":{},"orders":{},"accepted":{},"acceptedPerSecond":{:.2f},"late":{},"post":{},"end":{},)"
      R"("ended":{},"notAccepted":{},"notEnded":{}}})",
      whole, total_, post_times_.count(), rate, late_, to_json(post_times_), to_json(end_times_),
      temporal::to_json(ends_), temporal::to_json(refused_), not_ended()));
}

}  // namespace ordering::cli
