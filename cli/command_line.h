// What a person typed, read: the one model of all commands and options, from which the help and the
// completions of the shells are made, too.
//
//   auto parsed = parse_command_line(argc, argv, environment_of_process);
//   if (!parsed) return end(parsed.error());
#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <variant>

#include "cli/exit_code.h"
#include "cli/http_client.h"
#include "cli/load.h"
#include "cli/order_commands.h"
#include "cli/scenario.h"
#include "cli/watch.h"

namespace ordering::cli {

struct AuditOptions {};

using CommandOptions =
    std::variant<CreateOptions, StatusOptions, WatchOptions, ListOptions, CancelOptions,
                 CompensationOptions, AuditOptions, ScenarioOptions, LoadOptions>;

struct CommandLine {
  ClientOptions client = {};
  bool json = false;
  CommandOptions command = {};
};

// Nothing is to be done, or nothing can be: --help's text, a completion script, or a sentence.
struct CommandLineStop {
  ExitCode exit_code = ExitCode::ok;
  std::string text = {};
};

using Environment = std::function<const char*(const char*)>;

std::expected<CommandLine, CommandLineStop> parse_command_line(int argc, const char* const* argv,
                                                               const Environment& environment);

// "ko" where LC_ALL, LC_MESSAGES or LANG, the first that is set, is Korean; otherwise "en".
std::string language_of(const Environment& environment);

}  // namespace ordering::cli
