// orders: the command line of the shop.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "cli/audit.h"
#include "cli/command_line.h"
#include "cli/terminal.h"

namespace ordering::cli {
namespace {

namespace asio = boost::asio;

std::unique_ptr<Command> make_command(Means means, const CommandOptions& options) {
  return std::visit(
      [&]<class Options>(const Options& chosen) -> std::unique_ptr<Command> {
        if constexpr (std::is_same_v<Options, CreateOptions>)
          return std::make_unique<Create>(means, chosen);
        else if constexpr (std::is_same_v<Options, StatusOptions>)
          return std::make_unique<ShowStatus>(means, chosen);
        else if constexpr (std::is_same_v<Options, WatchOptions>)
          return std::make_unique<Watch>(means, chosen);
        else if constexpr (std::is_same_v<Options, ListOptions>)
          return std::make_unique<List>(means, chosen);
        else if constexpr (std::is_same_v<Options, CancelOptions>)
          return std::make_unique<Cancel>(means, chosen);
        else if constexpr (std::is_same_v<Options, CompensationOptions>)
          return std::make_unique<Compensate>(means, chosen);
        else if constexpr (std::is_same_v<Options, AuditOptions>)
          return std::make_unique<ShowAudit>(means);
        else if constexpr (std::is_same_v<Options, ScenarioOptions>)
          return std::make_unique<RunScenarios>(means, chosen);
        else
          return std::make_unique<Load>(means, chosen);
      },
      options);
}

// Until its end, or Ctrl-C; a second Ctrl-C ends the process at once.
ExitCode run(Command& command) {
  asio::io_context io{1};
  asio::cancellation_signal stop;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  bool stopped = false;
  signals.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    stopped = true;
    signals.clear();
    stop.emit(asio::cancellation_type::terminal);
  });
  auto ended = ExitCode::ok;
  std::exception_ptr failure;
  asio::co_spawn(
      io, command.run(),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown, ExitCode exit_code) {
        failure = std::move(thrown);
        ended = exit_code;
        signals.cancel();
      }));
  io.run();
  if (stopped && failure) {
    command.interrupted();
    return ExitCode::interrupted;
  }
  if (failure) std::rethrow_exception(failure);
  return ended;
}

int main(int argc, const char* const* argv) {
  auto line = parse_command_line(argc, argv, [](const char* name) { return std::getenv(name); });
  Terminal terminal(options_of_process());
  try {
    if (!line) {
      const auto& [exit_code, text] = line.error();
      exit_code == ExitCode::ok ? terminal.say(text) : terminal.remark(text);
      return static_cast<int>(exit_code);
    }
    Client client(line->client);
    const auto command =
        make_command({.client = client, .terminal = terminal, .json = line->json}, line->command);
    return static_cast<int>(run(*command));
  } catch (const Failure& e) {
    const bool as_sent = line && line->json && !e.document().empty();
    terminal.remark(as_sent ? e.document() : std::string(e.what()));
    return static_cast<int>(e.exit_code());
  } catch (const std::exception& e) {
    terminal.remark(std::string("orders cannot go on: ") + e.what());
    return static_cast<int>(ExitCode::failed);
  }
}

}  // namespace
}  // namespace ordering::cli

int main(int argc, char** argv) {
  return ordering::cli::main(argc, argv);
}
