#include "cli/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "cli/text.h"

namespace ordering::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kLate = 100ms;
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

// Nothing where the shop refuses or does not answer.
Task<std::optional<Answer>> if_answered(Task<Answer> call) {
  try {
    co_return co_await std::move(call);
  } catch (const Failure&) {
    co_return std::nullopt;
  }
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
  co_await with_beside(run_all(), show_progress());
  means_.terminal.clear_progress();
  show(true);
  co_return refused_.empty() && not_ended_ == 0 ? ExitCode::ok : ExitCode::failed;
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
  most_seen_ = std::max(most_seen_, under_way());
  // Whether it was too late the order's end tells.
  if (kind.cancelled) co_await if_answered(shop.cancel(id));
  const auto end = co_await end_of(shop, id, began);
  if (end.empty())
    ++not_ended_;
  else
    ++ends_[end];
}

// "FAILED I003"; empty where there is no end in time.
Task<std::string> Load::end_of(Shop& shop, std::string id, Clock::time_point began) {
  std::string status;
  try {
    status = co_await shop.status_at_end(id, began + options_.wait);
    if (!has_ended(status)) co_return "";
  } catch (const Failure&) {
    co_return "";
  }
  end_times_.add(Clock::now() - began);
  if (status != "FAILED") co_return status;
  if (const auto answer = co_await if_answered(shop.order(id))) {
    const auto order = read<Order>(*answer);
    if (order.failure) status += ' ' + order.failure->code;
  }
  co_return status;
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

void Load::show_progress_line() const {
  std::size_t refused = 0;
  for (const auto& [code, count] : refused_) refused += count;
  const auto done = refused + end_times_.count() + not_ended_;
  const auto share = static_cast<double>(done) / static_cast<double>(total_);
  auto line = fmt::format("{} {:3.0f} %  {} of {} placed, {} under way, {} ended",
                          bar(share, kBarWidth), share * 100, post_times_.count() + refused, total_,
                          under_way(), end_times_.count());
  if (refused > 0) line += fmt::format(", {} refused", refused);
  means_.terminal.progress(line);
}

void Load::show(bool whole) const {
  if (means_.json) return show_json(whole);
  auto& terminal = means_.terminal;
  const auto took = std::chrono::duration<double>(last_accepted_ - began_).count();
  const auto rate = post_times_.count() > 1 ? static_cast<double>(post_times_.count()) / took : 0.0;
  terminal.say(fmt::format("{} of {} orders accepted, {:.1f} a second; at most {} under way",
                           post_times_.count(), total_, rate, most_seen_));
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
  if (not_ended_ > 0)
    terminal.say(terminal.painted(Colour::red, "not ended: ") + std::to_string(not_ended_) +
                 ", after " + in_words(options_.wait));
  if (!whole)
    terminal.say("Stopped; " + std::to_string(under_way()) + " orders were under way and go on.");
  if (late_ > 0)
    terminal.remark(std::to_string(late_) + " orders were placed late: --most " +
                    std::to_string(options_.most) + " were under way.");
}

void Load::show_json(bool whole) const {
  const auto took = std::chrono::duration<double>(last_accepted_ - began_).count();
  const auto rate = post_times_.count() > 1 ? static_cast<double>(post_times_.count()) / took : 0.0;
  means_.terminal.say(fmt::format(
      R"({{"whole":{},"orders":{},"accepted":{},"acceptedPerSecond":{:.2f},"late":{},"post":{},"end":{},)"
      R"("ended":{},"notAccepted":{},"notEnded":{},"underWay":{}}})",
      whole, total_, post_times_.count(), rate, late_, to_json(post_times_), to_json(end_times_),
      temporal::to_json(ends_), temporal::to_json(refused_), not_ended_, under_way()));
}

}  // namespace ordering::cli
