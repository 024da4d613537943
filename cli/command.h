// What every command of the command line is.
#pragma once
#include <string>

#include "cli/exit_code.h"
#include "cli/http_client.h"
#include "cli/task.h"
#include "cli/terminal.h"

namespace ordering::cli {

// What a command works with.
struct Means {
  Client& client;
  Terminal& terminal;
  bool json = false;  // results as JSON, for scripts
};

class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  virtual Task<ExitCode> run() = 0;  // or throws a Failure
  // Instead of the rest of run(), which Ctrl-C has ended: what there is to say of what was done.
  virtual void interrupted() {}
};

// A sign that turns beside the sentence, for as long as somebody waits. On a terminal only.
Task<> turn_spinner(Terminal& terminal, std::string sentence);

}  // namespace ordering::cli
