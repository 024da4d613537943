#include "cli/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <utility>

#include "contract/timestamp.h"

namespace ordering::cli {

namespace {

using namespace std::chrono_literals;

// The blocks that terminals show two columns wide (Unicode, "East Asian Width").
constexpr std::array<std::pair<char32_t, char32_t>, 8> kWide{{{0x1100, 0x115F},
                                                              {0x2E80, 0xA4CF},
                                                              {0xAC00, 0xD7A3},
                                                              {0xF900, 0xFAFF},
                                                              {0xFE30, 0xFE6F},
                                                              {0xFF00, 0xFF60},
                                                              {0xFFE0, 0xFFE6},
                                                              {0x1F300, 0x1FAFF}}};

// The first character and its bytes. What is no UTF-8 counts byte by byte.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || text.size() < bytes) return {.code = lead};
  char32_t code = lead & (0x7FU >> bytes);
  for (const char c : text.substr(1, bytes - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80) return {.code = lead};
    code = code << 6U | (byte & 0x3FU);
  }
  return {.code = code, .bytes = bytes};
}

std::size_t width_of(char32_t code) {
  const bool wide = std::ranges::any_of(
      kWide, [code](const auto& block) { return code >= block.first && code <= block.second; });
  return wide ? 2 : 1;
}

std::optional<std::tm> local(std::string_view rfc3339) {
  const auto moment = parse_rfc3339(rfc3339);
  if (!moment) return std::nullopt;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*moment);
  const std::time_t time = seconds.time_since_epoch().count();
  std::tm fields{};
  if (localtime_r(&time, &fields) == nullptr) return std::nullopt;
  return fields;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const auto character = first_character(utf8);
    width += width_of(character.code);
    utf8.remove_prefix(character.bytes);
  }
  return width;
}

std::string padded(std::string_view utf8, std::size_t width) {
  const auto own = display_width(utf8);
  std::string text(utf8);
  if (own < width) text.append(width - own, ' ');
  return text;
}

std::string shortened(std::string_view utf8, std::size_t width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  std::string text;
  std::size_t used = 1;  // of "…"
  for (auto rest = utf8; !rest.empty();) {
    const auto character = first_character(rest);
    used += width_of(character.code);
    if (used > width) break;
    text += rest.substr(0, character.bytes);
    rest.remove_prefix(character.bytes);
  }
  return width == 0 ? "" : text + "…";
}

std::string printable(std::string_view utf8) {
  std::string text;
  text.reserve(utf8.size());
  while (!utf8.empty()) {
    const auto character = first_character(utf8);
    const bool control = character.code < 0x20 || (character.code >= 0x7F && character.code < 0xA0);
    text += control ? std::string_view("?") : utf8.substr(0, character.bytes);
    utf8.remove_prefix(character.bytes);
  }
  return text;
}

std::string in_words(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration<double>(time).count();
  if (time < 1s) return fmt::format("{:.0f} ms", seconds * 1000);
  if (time < 60s) return fmt::format("{:.1f} s", seconds);
  return whole_seconds(std::chrono::round<std::chrono::seconds>(time));
}

std::string whole_seconds(std::chrono::nanoseconds time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time).count();
  return whole < 60 ? fmt::format("{} s", whole)
                    : fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string local_time(std::string_view rfc3339) {
  const auto fields = local(rfc3339);
  return fields ? fmt::format("{:%Y-%m-%d %H:%M:%S}", *fields) : printable(rfc3339);
}

std::string local_clock(std::string_view rfc3339) {
  const auto fields = local(rfc3339);
  if (!fields) return printable(rfc3339);
  const auto since_epoch = parse_rfc3339(rfc3339)->time_since_epoch();
  return fmt::format("{:%H:%M:%S}.{:03}", *fields, (since_epoch % 1s).count());
}

std::string amount_text(double amount) {
  auto text = fmt::format("{:.2f}", amount);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::vector<std::string> Table::lines() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row[i].text));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const auto& [text, before, after] = row[i];
      line.append(before).append(last ? text : padded(text, widths[i])).append(after);
      if (!last) line += "  ";
    }
    while (line.ends_with(' ')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace ordering::cli
