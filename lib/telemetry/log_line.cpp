// How a line of the log looks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iterator>

#include "telemetry/log.h"
#include "telemetry/utf8.h"

namespace telemetry {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD, for what is no text
constexpr std::string_view kHidden = "[hidden]";

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 6> kNames{"trace", "debug", "info",
                                                   "warn",  "error", "off"};
  return kNames.at(static_cast<std::size_t>(level));
}

bool secret(std::string_view name) {
  constexpr std::array<std::string_view, 6> kSecrets{"password", "api_key",       "apikey",
                                                     "secret",   "authorization", "token"};
  return std::ranges::any_of(kSecrets, [&](std::string_view end) { return name.ends_with(end); });
}

// The text inside quotes, as both formats write it: a line stays a line, and stays UTF-8.
void escape(std::string& out, std::string_view text) {
  const bool cut = text.size() > kMaxValue;
  for (std::size_t at = 0; at < text.size() && at < kMaxValue;) {
    const char c = text[at];
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      out += kReplacement;
      ++at;
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out.append(text.substr(at, length));
    }
    at += length;
  }
  if (cut) out += "…";
}

void quote(std::string& out, std::string_view text) {
  out += '"';
  escape(out, text);
  out += '"';
}

bool plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '=';
  });
}

// Everything but text, which the formats write each in its way.
void number(std::string& out, const Field& field) {
  auto end = std::back_inserter(out);
  if (const auto* truth = std::get_if<bool>(&field.value)) {
    out += *truth ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(end, "{}", *integer);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    // JSON has no word for what is not finite.
    std::isfinite(*real) ? fmt::format_to(end, "{}", *real) : fmt::format_to(end, "\"{}\"", *real);
  }
}

struct Time {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::milliseconds> of_day;
};
Time time_of(std::int64_t unix_milliseconds) {
  const std::chrono::sys_time<std::chrono::milliseconds> now{
      std::chrono::milliseconds(unix_milliseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  return {.date = day, .of_day = std::chrono::hh_mm_ss(now - day)};
}

void clock(std::string& out, const Time& time) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}.{:03}", time.of_day.hours().count(),
                 time.of_day.minutes().count(), time.of_day.seconds().count(),
                 time.of_day.subseconds().count());
}

}  // namespace

std::string to_json(const LogLine& line, Fields fields) {
  std::string out;
  out.reserve(256);
  const Time time = time_of(line.unix_milliseconds);
  fmt::format_to(std::back_inserter(out), R"({{"time":"{:04}-{:02}-{:02}T)",
                 static_cast<int>(time.date.year()), static_cast<unsigned>(time.date.month()),
                 static_cast<unsigned>(time.date.day()));
  clock(out, time);
  fmt::format_to(std::back_inserter(out), R"(Z","level":"{}","service":)", name_of(line.level));
  quote(out, line.service);
  out += R"(,"message":)";
  quote(out, line.message);
  for (const Field& field : fields) {
    out += ',';
    quote(out, field.name);
    out += ':';
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (secret(field.name)) {
      quote(out, kHidden);
    } else if (text != nullptr) {
      quote(out, *text);
    } else {
      number(out, field);
    }
  }
  out += '}';
  return out;
}

std::string to_text(const LogLine& line, Fields fields) {
  std::string out;
  out.reserve(160);
  clock(out, time_of(line.unix_milliseconds));
  fmt::format_to(std::back_inserter(out), " {:5} ", name_of(line.level));
  if (!line.service.empty()) {
    escape(out, line.service);
    out += ": ";
  }
  escape(out, line.message);
  for (const Field& field : fields) {
    out += ' ';
    escape(out, field.name);
    out += '=';
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (secret(field.name)) {
      out += kHidden;
    } else if (text == nullptr) {
      number(out, field);
    } else if (plain(*text)) {
      escape(out, *text);
    } else {
      quote(out, *text);
    }
  }
  return out;
}

}  // namespace telemetry
