#include "config/settings.h"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <utility>

namespace config {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string plain(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// "1 to 5", "at least 1", "any"
template <class Number>
std::string between(Number least, Number most, std::string (*show)(Number)) {
  using Limits = std::numeric_limits<Number>;
  if (most == Limits::max()) return least == Limits::lowest() ? "" : ", at least " + show(least);
  return ", " + show(least) + " to " + show(most);
}

std::string flag_of(std::string_view name) {
  std::string flag = "--";
  for (const char c : name) {
    flag += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return flag;
}

}  // namespace

struct Settings::Setting {
  std::string name;
  std::string meaning;
  std::string takes;     // "a port, 1 to 65535": the end of the sentence
  std::string standard;  // the default, as a person writes it
  bool secret = false;   // its value is never shown, and it has no flag
  // Reads a value into a function that sets the variable; an empty function: not understood.
  std::function<std::function<void()>(const std::string&)> parse;
};

Settings::Settings(std::string program, std::string purpose)
    : program_(std::move(program)), purpose_(std::move(purpose)) {}
Settings::~Settings() = default;

void Settings::add(Setting setting) {
  settings_.push_back(std::move(setting));
}

void Settings::text(std::string name, std::string& value, std::string meaning) {
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = "text",
       .standard = value,
       .parse = [&value](const std::string& text) -> std::function<void()> {
         return [&value, text] { value = text; };
       }});
}

void Settings::secret(std::string name, std::string& value, std::string meaning) {
  text(std::move(name), value, std::move(meaning));
  settings_.back().secret = true;
  settings_.back().standard.clear();
}

void Settings::choice(std::string name, std::string& value, std::string meaning,
                      std::vector<std::string> among) {
  std::string takes;
  for (std::size_t i = 0; i < among.size(); ++i) {
    takes += (i == 0 ? "" : i + 1 == among.size() ? " or " : ", ") + among[i];
  }
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = std::move(takes),
       .standard = value,
       .parse = [&value,
                 among = std::move(among)](const std::string& text) -> std::function<void()> {
         if (std::ranges::find(among, text) == among.end()) return {};
         return [&value, text] { value = text; };
       }});
}

void Settings::toggle(std::string name, bool& value, std::string meaning) {
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = "true or false",
       .standard = value ? "true" : "false",
       .parse = [&value](const std::string& text) -> std::function<void()> {
         if (text != "true" && text != "false") return {};
         return [&value, on = text == "true"] { value = on; };
       }});
}

void Settings::integer(std::string name, std::int64_t& value, std::string meaning,
                       IntegerRange range) {
  const auto show = +[](std::int64_t number) { return std::to_string(number); };
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = "a whole number" + between(range.least, range.most, show),
       .standard = std::to_string(value),
       .parse = [&value, range](const std::string& text) -> std::function<void()> {
         const auto number = parse_number<std::int64_t>(text);
         if (!number || *number < range.least || *number > range.most) return {};
         return [&value, number = *number] { value = number; };
       }});
}

void Settings::real(std::string name, double& value, std::string meaning, RealRange range) {
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = "a number" + between(range.least, range.most, &plain),
       .standard = plain(value),
       .parse = [&value, range](const std::string& text) -> std::function<void()> {
         const auto number = parse_number<double>(text);
         if (!number || !std::isfinite(*number) || *number < range.least || *number > range.most) {
           return {};
         }
         return [&value, number = *number] { value = number; };
       }});
}

void Settings::rate(std::string name, double& value, std::string meaning) {
  real(std::move(name), value, std::move(meaning), {.least = 0, .most = 1});
}

void Settings::port(std::string name, std::uint16_t& value, std::string meaning) {
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = "a port, 1 to 65535",
       .standard = std::to_string(value),
       .parse = [&value](const std::string& text) -> std::function<void()> {
         const auto port = parse_number<std::uint16_t>(text);
         if (!port || *port == 0) return {};
         return [&value, port = *port] { value = port; };
       }});
}

void Settings::ip_address(std::string name, std::string& value, std::string meaning) {
  text(std::move(name), value, std::move(meaning));
  Setting& setting = settings_.back();
  setting.takes = "an IP address";
  setting.parse = [&value](const std::string& text) -> std::function<void()> {
    in6_addr read{};  // room for either
    if (inet_pton(AF_INET, text.c_str(), &read) != 1 &&
        inet_pton(AF_INET6, text.c_str(), &read) != 1)
      return {};
    return [&value, text] { value = text; };
  };
}

void Settings::http_url(std::string name, std::string& value, std::string meaning) {
  text(std::move(name), value, std::move(meaning));
  Setting& setting = settings_.back();
  setting.takes = "an address such as https://temporal.example.com";
  setting.parse = [&value](std::string text) -> std::function<void()> {
    while (text.ends_with('/')) text.pop_back();
    for (const std::string_view scheme : {"http://", "https://"})
      if (text.starts_with(scheme) && text.size() > scheme.size() &&
          text.find_first_of(" \t\"<>\\") == std::string::npos)
        return [&value, text] { value = text; };
    return {};
  };
}

void Settings::duration(std::string name, std::chrono::milliseconds& value, std::string meaning,
                        DurationRange range) {
  add({.name = std::move(name),
       .meaning = std::move(meaning),
       .takes = "a duration such as 10m, 500ms or 1h30m, " + to_string(range.least) + " to " +
                to_string(range.most),
       .standard = to_string(value),
       .parse = [&value, range](const std::string& text) -> std::function<void()> {
         const auto duration = parse_duration(text);
         if (!duration || *duration < range.least || *duration > range.most) return {};
         return [&value, duration = *duration] { value = duration; };
       }});
}

void Settings::database_url(std::string name, std::string& value, std::string meaning) {
  text(std::move(name), value, std::move(meaning));
  Setting& setting = settings_.back();
  setting.takes = "sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE";
  setting.secret = true;  // it may hold a password
  setting.parse = [&value](const std::string& text) -> std::function<void()> {
    for (const std::string_view scheme : {"sqlite:", "postgresql://", "postgres://"})
      if (text.starts_with(scheme) && text.size() > scheme.size())
        return [&value, text] { value = text; };
    return {};
  };
}

std::optional<Settings::Stop> Settings::read(int argc, const char* const* argv,
                                             const Environment& environment) {
  constexpr int kWrong = 2;
  CLI::App app{purpose_, program_};
  app.get_formatter()->column_width(40);
  std::vector<std::string> given(settings_.size());
  std::ostringstream hidden;  // what may not be a flag, for --help
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    const Setting& setting = settings_[i];
    if (const char* found =
            environment ? environment(setting.name.c_str()) : std::getenv(setting.name.c_str());
        found != nullptr) {
      given[i] = found;
    }
    const std::string meaning = setting.name + ": " + setting.meaning;
    if (setting.secret) {
      hidden << "\n  " << meaning << " (" << setting.takes;
      if (!setting.standard.empty()) hidden << "; default " << setting.standard;
      hidden << ")";
      continue;
    }
    app.add_option(flag_of(setting.name), given[i], meaning + " (" + setting.takes + ")")
        ->type_name("")
        ->default_str(setting.standard.empty() ? "none" : setting.standard);
  }
  app.footer(hidden.str().empty() ? "" : "By environment only:" + hidden.str());
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Stop{.exit_code = 0, .message = app.help()};
  } catch (const CLI::ParseError& error) {
    return Stop{.exit_code = kWrong, .message = error.what()};
  }

  std::vector<std::function<void()>> changes;
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    if (given[i].empty()) continue;
    const Setting& setting = settings_[i];
    auto change = setting.parse(given[i]);
    if (!change) {
      return Stop{.exit_code = kWrong,
                  .message = setting.name +
                             (setting.secret ? " is something else, but it takes "
                                             : " is \"" + given[i] + "\", but it takes ") +
                             setting.takes};
    }
    changes.push_back(std::move(change));
  }
  for (const auto& change : changes) change();
  return std::nullopt;
}

void Settings::read_or_exit(int argc, const char* const* argv) {
  const auto stop = read(argc, argv);
  if (!stop) return;
  (stop->exit_code == 0 ? std::cout : std::cerr) << stop->message << '\n';
  std::exit(stop->exit_code);
}

}  // namespace config
