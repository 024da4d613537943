// Where a command's words go: results to stdout, the rest to stderr. Colour and progress are for
// terminals alone: a pipe or a file gets plain lines.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "cli/text.h"

namespace ordering::cli {

enum class Colour { bold, dim, red, green, yellow };

struct TerminalOptions {
  bool colour = false;    // of stdout
  bool progress = false;  // whether stderr is a terminal that can show a line again and again
};
// As the process was started; NO_COLOR and TERM=dumb are heard.
TerminalOptions options_of_process();

class Terminal {
 public:
  explicit Terminal(TerminalOptions options) : options_(options) {}
  ~Terminal() { clear_progress(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void say(std::string_view line);     // a result
  void remark(std::string_view line);  // what is no result, to stderr
  // The line at the bottom, in place of the one before; elsewhere than on a terminal nothing.
  void progress(std::string_view line);
  void clear_progress();
  bool shows_progress() const { return options_.progress; }

  std::string painted(Colour colour, std::string_view text) const;
  Table::Cell cell(Colour colour, std::string text) const;
  // Green for a good status, red for a bad one.
  Table::Cell status_cell(std::string_view status, std::string text) const;

 private:
  std::string_view code_of(Colour colour) const;

  TerminalOptions options_;
  std::string shown_;  // the progress line
};

// A sign that turns, and a bar that fills: "[█████░░░░░]".
std::string_view spinner(std::size_t tick);
std::string bar(double share, std::size_t width);

}  // namespace ordering::cli
