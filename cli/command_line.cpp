#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/completion.h"
#include "config/settings.h"
#include "contract/activities.h"
#include "contract/money.h"
#include "contract/refusal.h"

namespace ordering::cli {

using namespace std::chrono_literals;

namespace {

constexpr const char* kProgram = "orders";
constexpr const char* kDefaultUrl = "http://127.0.0.1:8081";
constexpr auto kLongestWait = 24h;

constexpr const char* kFooter = R"(environment:
  ORDER_URL        where the shop is, http:// alone (not https://); --url wins
  API_KEY          sent as a bearer token where it is set; there is no flag, which others could see
  LANG             Korean: the shop's problems come in Korean (LC_ALL, LC_MESSAGES likewise)
  NO_COLOR         set: no colour
  PAYMENT_FAILURE_RATE, PAYMENT_FAILURE_SEED    the shop's own, for `scenario`

exit status:
  0    done; the order has not failed
  1    the order failed or was cancelled; a check, a scenario or an order of a load failed
  2    typed wrong, or a value that the shop does not take
  3    the shop cannot be reached, or cannot answer now
  4    there is no such order
  5    the order is in another state: another amount, too late to cancel, not stuck
  6    API_KEY is missing or wrong
  7    the order was still under way when --wait was over
  130  ended by Ctrl-C

examples:
  orders create order-12345 100 --watch
  orders status order-12345 --wait 30s || echo "exit status $?"
  orders list --status FAILED --json | jq -r '.items[].orderId'
  source <(orders completion bash))";

constexpr const char* kCommandFooter =
    "--url, --timeout and --json are for every command: see orders --help, which has the exit\n"
    "statuses, too.";

class Usage : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string text_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The sentence is CLI11's; the name of the option stands before it.
CLI::Validator checked(std::function<std::string(const std::string&)> check) {
  return {[check = std::move(check)](std::string& text) { return check(text); }, ""};
}

std::string check_amount(const std::string& text) {
  const auto money = Money::parse(text);
  return money ? std::string() : std::string(money.error().english);
}

std::string check_duration(const std::string& text) {
  const auto time = config::parse_duration(text);
  return time && *time <= kLongestWait ? std::string() : "takes a time such as 500ms, 30s or 2m";
}

std::string check_timeout(const std::string& text) {
  const bool none = config::parse_duration(text) == 0ms;
  return none ? "takes a time above 0" : check_duration(text);
}

std::string check_id(const std::string& text) {
  return text.empty() ? "an order's id is not empty" : std::string();
}

// Of a number; its error names the range.
template <class Number>
CLI::Validator between(Number least, Number most) {
  return CLI::Range(least, most).description("");
}

std::string check_mix(const std::string& text) {
  const auto mix = parse_mix(text);
  return mix ? std::string() : mix.error();
}

// All commands, and what is typed for them.
class Model {
 public:
  explicit Model(const Environment& environment) : environment_(environment) {
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    app_.add_option("--url", url_, "where the shop is (ORDER_URL)")->type_name("URL");
    app_.add_option("--timeout", timeout_, "of one call, beyond what it waits for on purpose")
        ->type_name("TIME")
        ->check(checked(check_timeout))
        ->capture_default_str();
    app_.add_flag("--json", line_.json, "results as JSON, for scripts");
    add_create();
    add_status();
    add_watch();
    add_list();
    add_cancel();
    add_compensation("retry", "Have a stuck compensation tried now", false);
    add_compensation("resolve", "Count a stuck compensation as done by hand", true);
    command("audit", "Check that money, stock, deliveries and orders agree",
            [] { return AuditOptions{}; });
    add_scenario();
    add_load();
    add_completion();
    app_.footer(kFooter);
  }

  std::expected<CommandLine, CommandLineStop> parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
      if (app_.get_subcommands().empty()) throw Usage("No command is given.");
      if (!script_.empty()) return std::unexpected(CommandLineStop{.text = script_});
      line_.command = make_();
      line_.client = client();
      return line_;
    } catch (const CLI::CallForHelp&) {
      return std::unexpected(CommandLineStop{.text = help()});
    } catch (const CLI::ParseError& e) {
      return std::unexpected(wrong(e.what()));
    } catch (const Usage& e) {
      return std::unexpected(wrong(e.what()));
    }
  }

 private:
  template <class Make>
  CLI::App* command(const char* name, const char* meaning, Make make) {
    auto* command = app_.add_subcommand(name, meaning);
    command->footer(kCommandFooter);
    command->callback([this, make] { make_ = [make] { return CommandOptions(make()); }; });
    return command;
  }

  CLI::Option* add_id(CLI::App* command, std::string& id) {
    return command->add_option("ORDER", id, "the order's id")
        ->type_name("")
        ->check(checked(check_id));
  }

  CLI::Option* add_time(CLI::App* command, const char* name, std::string& text,
                        const char* meaning) {
    return command->add_option(name, text, meaning)
        ->type_name("TIME")
        ->check(checked(check_duration));
  }

  static Milliseconds time(const std::string& text) { return *config::parse_duration(text); }
  static std::optional<Milliseconds> optional_time(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(time(text));
  }

  void add_create() {
    auto* create = command("create", "Place an order; the same again is safe", [this] {
      create_.wait = optional_time(wait_);
      return create_;
    });
    add_id(create, create_.order_id)->required();
    create->add_option("AMOUNT", create_.amount, "such as 100 or 1999.90")
        ->type_name("")
        ->required()
        ->check(checked(check_amount));
    auto* wait = add_time(create, "--wait", wait_, "wait so long for the order's end");
    create->add_flag("--watch", create_.watch, "watch it to its end")->excludes(wait);
  }

  void add_status() {
    auto* status = command("status", "Show an order, its steps and compensations", [this] {
      status_.wait = optional_time(wait_);
      return status_;
    });
    add_id(status, status_.order_id)->required();
    add_time(status, "--wait", wait_, "wait so long for its end");
  }

  void add_watch() {
    auto* watch = command("watch", "Watch an order to its end, or all orders until Ctrl-C",
                          [this] { return watch_; });
    add_id(watch, watch_.order_id);
  }

  void add_list() {
    auto* list = command("list", "List orders, the newest first", [this] { return list_; });
    list->add_option("--status", list_.status, "only those with this status")
        ->type_name("")
        ->check(CLI::IsMember({"PROCESSING", "COMPLETED", "FAILED", "CANCELLED"}));
    std::vector<std::string> codes;
    for (const auto& entry : all_codes())
      if (std::ranges::find(codes, entry.code) == codes.end() && entry.id != Code::fenced)
        codes.emplace_back(entry.code);
    list->add_option("--code", list_.code, "only those that ended with this code")
        ->type_name("")
        ->check(CLI::IsMember(codes));
    list->add_option("--prefix", list_.prefix, "only ids that begin so")->type_name("TEXT");
    list->add_option("--from", list_.from, "created then or later: 2026-11-25T09:30:00Z")
        ->type_name("MOMENT");
    list->add_option("--to", list_.to, "created earlier")->type_name("MOMENT");
    list->add_option("--limit", list_.most, "at most so many orders")
        ->type_name("COUNT")
        ->check(between(std::size_t{1}, std::size_t{1'000'000}))
        ->capture_default_str();
  }

  void add_cancel() {
    auto* cancel =
        command("cancel", "Cancel an order, if it is not too late", [this] { return cancel_; });
    add_id(cancel, cancel_.order_id)->required();
  }

  void add_compensation(const char* name, const char* meaning, bool resolve) {
    auto* ask = command(name, meaning, [this, resolve] {
      compensation_.resolve = resolve;
      return compensation_;
    });
    add_id(ask, compensation_.order_id)->required();
    ask->add_option("COMPENSATION", compensation_.compensation, "which one")
        ->type_name("")
        ->required()
        ->check(
            CLI::IsMember({std::string(refund_payment.name), std::string(restock_inventory.name),
                           std::string(cancel_delivery.name)}));
    ask->add_option("--by", compensation_.by, "who asks for it")
        ->type_name("NAME")
        ->required(resolve);
    ask->add_option("--reason", compensation_.reason, "why; it stays in the order's history")
        ->type_name("TEXT")
        ->required(resolve);
  }

  void add_scenario() {
    auto* scenario =
        command("scenario", "Run the README's orders and compare how they end", [this] {
          read_failure_rule();
          scenario_.wait = time(scenario_wait_);
          return scenario_;
        });
    add_time(scenario, "--wait", scenario_wait_, "for the end of all")->capture_default_str();
  }

  void read_failure_rule() {
    config::Settings settings(kProgram, "");
    settings.rate("PAYMENT_FAILURE_RATE", scenario_.failure_rate, "");
    settings.integer("PAYMENT_FAILURE_SEED", scenario_.failure_seed, "");
    if (const auto stop = settings.read(1, &kProgram, environment_)) throw Usage(stop->message);
  }

  void add_load() {
    std::string kinds = "kinds of order, for --mix:\n";
    for (const auto& kind : load_kinds()) {
      std::string name(kind.name);
      name.resize(15, ' ');
      kinds.append("  ").append(name).append(kind.meaning).append("\n");
    }
    auto* load =
        command("load", "Place orders at a rate; measure POST and the orders' ends", [this] {
          load_.time = time(load_time_);
          load_.wait = time(load_wait_);
          load_.mix = *parse_mix(mix_);
          check_load();
          return load_;
        });
    load->add_option("--rate", load_.rate, "orders a second")
        ->type_name("NUMBER")
        ->check(between(0.01, 10'000.0))
        ->capture_default_str();
    add_time(load, "--for", load_time_, "how long orders are placed")->capture_default_str();
    load->add_option("--mix", mix_, "kinds of order and their weights, such as ok=8,no-area=1")
        ->type_name("MIX")
        ->check(checked(check_mix))
        ->capture_default_str();
    load->add_option("--most", load_.most, "requests open at a time")
        ->type_name("COUNT")
        ->check(between(std::size_t{1}, Load::kMostOpen))
        ->capture_default_str();
    add_time(load, "--wait", load_wait_, "for the orders' ends")->capture_default_str();
    load->footer(kinds + '\n' + kCommandFooter);
  }

  void check_load() const {
    const auto orders = load_.rate * std::chrono::duration<double>(load_.time).count();
    if (orders > static_cast<double>(Load::kMostOrders))
      throw Usage("a load has at most " + std::to_string(Load::kMostOrders) + " orders");
  }

  void add_completion() {
    auto* completion = app_.add_subcommand("completion", "Print what completes orders in a shell");
    completion->footer(
        "source <(orders completion bash)   # zsh likewise\n"
        "orders completion fish | source");
    completion->add_option("SHELL", shell_, "which one")
        ->type_name("")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    completion->callback([this] { script_ = completion_script(app_, shell_); });
  }

  ClientOptions client() const {
    auto url = url_.empty() ? text_of(environment_, "ORDER_URL") : url_;
    if (url.empty()) url = kDefaultUrl;
    auto server = parse_server(url);
    if (!server) throw Usage(server.error());
    auto key = text_of(environment_, "API_KEY");
    // It becomes a header's value.
    if (!std::ranges::all_of(key, [](unsigned char c) { return c > 0x20 && c < 0x7F; }))
      throw Usage("API_KEY has a character that no key has");
    return {.server = *std::move(server),
            .api_key = std::move(key),
            .language = language_of(environment_),
            .timeout = time(timeout_)};
  }

  const CLI::App* chosen() const {
    const auto commands = app_.get_subcommands();
    return commands.empty() ? &app_ : commands.front();
  }

  std::string help() const {
    auto text = chosen()->help(chosen() == &app_ ? "" : kProgram);
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  CommandLineStop wrong(std::string sentence) const {
    std::string name = kProgram;
    if (chosen() != &app_) name += ' ' + chosen()->get_name();
    return {.exit_code = ExitCode::usage, .text = sentence + "\nSee " + name + " --help."};
  }

  const Environment& environment_;
  CLI::App app_{"Places, watches and checks the orders of a shop.", kProgram};
  CommandLine line_;
  std::function<CommandOptions()> make_;
  std::string url_;
  std::string timeout_ = "10s";
  std::string wait_;
  std::string shell_;
  std::string script_;
  CreateOptions create_;
  StatusOptions status_;
  WatchOptions watch_;
  ListOptions list_;
  CancelOptions cancel_;
  CompensationOptions compensation_;
  ScenarioOptions scenario_;
  std::string scenario_wait_ = "2m";
  LoadOptions load_;
  std::string load_time_ = "10s";
  std::string load_wait_ = "3m";
  std::string mix_ = "ok=1";
};

}  // namespace

std::string language_of(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const auto value = text_of(environment, name);
    if (!value.empty()) return value == "ko" || value.starts_with("ko_") ? "ko" : "en";
  }
  return "en";
}

std::expected<CommandLine, CommandLineStop> parse_command_line(int argc, const char* const* argv,
                                                               const Environment& environment) {
  return Model(environment).parse(argc, argv);
}

}  // namespace ordering::cli
