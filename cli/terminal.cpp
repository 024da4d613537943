#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "cli/exit_code.h"

namespace ordering::cli {

namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr std::string_view kNoColour = "\x1b[0m";

void write(std::FILE* file, std::string_view text) {
  const auto written = std::fwrite(text.data(), 1, text.size(), file);
  if ((written != text.size() || std::fflush(file) != 0) && file == stdout)
    throw Failure(ExitCode::failed, "The output cannot be written.");
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

TerminalOptions options_of_process() {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return {.colour = isatty(STDOUT_FILENO) == 1 && !dumb && !is_set("NO_COLOR"),
          .progress = isatty(STDERR_FILENO) == 1 && !dumb};
}

void Terminal::say(std::string_view line) {
  const auto again = shown_;
  clear_progress();
  write(stdout, std::string(line) + '\n');
  if (!again.empty()) progress(again);
}

void Terminal::remark(std::string_view line) {
  clear_progress();
  write(stderr, std::string(line) + '\n');
}

void Terminal::progress(std::string_view line) {
  if (!options_.progress) return;
  shown_ = line;
  // One column is left free: some terminals begin a new line when the last is written to.
  write(stderr, std::string(kEraseLine) + shortened(line, terminal_width() - 1));
}

void Terminal::clear_progress() {
  if (shown_.empty()) return;
  shown_.clear();
  write(stderr, kEraseLine);
}

std::string_view Terminal::code_of(Colour colour) const {
  if (!options_.colour) return {};
  switch (colour) {
    case Colour::bold:
      return "\x1b[1m";
    case Colour::dim:
      return "\x1b[2m";
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
  }
  return {};
}

std::string Terminal::painted(Colour colour, std::string_view text) const {
  const auto code = code_of(colour);
  return code.empty() ? std::string(text)
                      : std::string(code) + std::string(text) + std::string(kNoColour);
}

Table::Cell Terminal::cell(Colour colour, std::string text) const {
  const auto code = code_of(colour);
  return {.text = std::move(text),
          .before = std::string(code),
          .after = std::string(code.empty() ? "" : kNoColour)};
}

Table::Cell Terminal::status_cell(std::string_view status, std::string text) const {
  if (status == "COMPLETED" || status == "ok") return cell(Colour::green, std::move(text));
  if (status == "FAILED") return cell(Colour::red, std::move(text));
  if (status == "PROCESSING" || status == "CANCELLED" || status == "RUNNING")
    return cell(Colour::yellow, std::move(text));
  return {.text = std::move(text)};
}

std::string_view spinner(std::size_t tick) {
  static constexpr std::array<std::string_view, 10> kFrames{"⠋", "⠙", "⠹", "⠸", "⠼",
                                                            "⠴", "⠦", "⠧", "⠇", "⠏"};
  return kFrames[tick % kFrames.size()];
}

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * double(width));
  std::string text = "[";
  for (std::size_t i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text + "]";
}

}  // namespace ordering::cli
