#include "cli/command.h"

namespace ordering::cli {

using namespace std::chrono_literals;

Task<> turn_spinner(Terminal& terminal, std::string sentence) {
  const auto began = Clock::now();
  for (std::size_t tick = 0;; ++tick) {
    const auto time = whole_seconds(Clock::now() - began);
    std::string line(spinner(tick));
    line.append(" ").append(sentence).append("  ").append(time);
    terminal.progress(line);
    co_await pause(terminal.shows_progress() ? 100ms : 1h);
  }
}

}  // namespace ordering::cli
