#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

namespace ordering::cli {

namespace {

struct Option {
  std::string name = {};  // "--status", or "ORDER" of a positional one
  std::string meaning = {};
  bool takes_value = false;
  bool positional = false;
  std::vector<std::string> choices = {};
};
struct Subcommand {
  std::string name = {};
  std::string meaning = {};
  std::vector<Option> options = {};
};
struct Program {
  std::string name = {};
  std::vector<Option> options = {};  // before and after any command
  std::vector<Subcommand> commands = {};
};

// CLI11 writes a set of allowed values into an option's type: "{bash,fish,zsh}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const auto type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.find('}');
  if (begin == type.npos || end == type.npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

std::vector<Option> options_of(const CLI::App& app) {
  std::vector<Option> options;
  for (const auto* option : app.get_options()) {
    const bool positional = option->get_positional();
    options.push_back(
        {.name = positional ? option->get_name(true) : "--" + option->get_lnames().front(),
         .meaning = option->get_description(),
         .takes_value = option->get_items_expected_max() > 0,
         .positional = positional,
         .choices = choices_of(*option)});
  }
  return options;
}

Program program_of(const CLI::App& app) {
  Program program{.name = app.get_name(), .options = options_of(app)};
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    program.commands.push_back({.name = command->get_name(),
                                .meaning = command->get_description(),
                                .options = options_of(*command)});
    // Each has it, as the program has.
    std::erase_if(program.commands.back().options,
                  [](const Option& option) { return option.name == "--help"; });
  }
  return program;
}

std::string joined(const std::vector<std::string>& words, std::string_view between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

// In single quotes, which these shells read alike.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != special.npos) out += '\\';
    out += c;
  }
  return out;
}

// The words that may stand there: options by name, positional ones by their choices.
std::vector<std::string> words_of(const std::vector<Option>& options) {
  std::vector<std::string> words;
  for (const auto& option : options) {
    if (option.positional)
      words.insert(words.end(), option.choices.begin(), option.choices.end());
    else
      words.push_back(option.name);
  }
  return words;
}

std::string bash_values(std::string_view command, const std::vector<Option>& options) {
  std::string cases;
  for (const auto& option : options)
    if (option.takes_value && !option.positional)
      cases += fmt::format("    {}' {}') words={} ;;\n", command, option.name,
                           in_quotes(joined(option.choices)));
  return cases;
}

std::string bash(const Program& program) {
  std::string values = bash_values("*", program.options);
  std::string words;
  std::vector<std::string> names;
  for (const auto& command : program.commands) {
    names.push_back(command.name);
    values += bash_values(command.name, command.options);
    auto own = words_of(command.options);
    std::ranges::copy(words_of(program.options), std::back_inserter(own));
    words += fmt::format("    {}) words={} ;;\n", command.name, in_quotes(joined(own)));
  }
  auto first = names;
  std::ranges::copy(words_of(program.options), std::back_inserter(first));
  return fmt::format(R"sh(# bash completion of {0}:  source <({0} completion bash)
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command= words= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in
    {1}) command=$word && break ;;
    esac
  done
  case "$command $previous" in
{2}    *)
      case $command in
{3}      *) words={4} ;;
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _{0} {0})sh",
                     program.name, joined(names, "|"), values, words, in_quotes(joined(first)));
}

std::string zsh_option(const Option& option) {
  const auto meaning = escaped(option.meaning, "[]:\\");
  std::string action = " ";
  if (!option.choices.empty()) action = "(" + joined(option.choices) + ")";
  if (option.positional) return in_quotes(fmt::format(":{}:{}", option.name, action));
  auto spec = fmt::format("{}[{}]", option.name, meaning);
  if (option.takes_value) spec += fmt::format(":{}:{}", option.name.substr(2), action);
  return in_quotes(spec);
}

std::string zsh_options(const std::vector<Option>& options) {
  std::string lines;
  for (const auto& option : options) lines += " \\\n        " + zsh_option(option);
  return lines;
}

std::string zsh(const Program& program) {
  std::string names;
  std::string cases;
  for (const auto& command : program.commands) {
    names +=
        fmt::format("    {}\n", in_quotes(command.name + ":" + escaped(command.meaning, ":\\")));
    auto options = command.options;
    std::ranges::copy(program.options, std::back_inserter(options));
    cases +=
        fmt::format("    {})\n      _arguments{}\n      ;;\n", command.name, zsh_options(options));
  }
  return fmt::format(R"sh(#compdef {0}
# zsh completion of {0}:  source <({0} completion zsh)
_{0}() {{
  local curcontext=$curcontext state line
  local -a commands=(
{1}  )
  _arguments -C{2} \
        '1:command:->command' \
        '*::argument:->argument'
  case $state in
  command) _describe command commands ;;
  argument)
    case $line[1] in
{3}    esac
    ;;
  esac
}}
compdef _{0} {0})sh",
                     program.name, names, zsh_options(program.options), cases);
}

std::string fish_option(std::string_view program, std::string_view condition,
                        const Option& option) {
  auto line = fmt::format("complete -c {}", program);
  if (!condition.empty()) line += fmt::format(" -n '{}'", condition);
  if (!option.positional) {
    line += " -l " + option.name.substr(2);
    if (option.takes_value) line += " -x";
    line += " -d " + in_quotes(option.meaning);
  }
  if (!option.choices.empty()) line += " -a " + in_quotes(joined(option.choices));
  return line + '\n';
}

std::string fish(const Program& program) {
  auto script =
      fmt::format("# fish completion of {0}:  {0} completion fish | source\ncomplete -c {0} -f\n",
                  program.name);
  for (const auto& option : program.options) script += fish_option(program.name, "", option);
  for (const auto& command : program.commands) {
    script += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d {}\n", program.name,
                          command.name, in_quotes(command.meaning));
    for (const auto& option : command.options)
      if (!option.positional || !option.choices.empty())
        script += fish_option(program.name, "__fish_seen_subcommand_from " + command.name, option);
  }
  script.pop_back();
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
  const auto program = program_of(app);
  if (shell == "bash") return bash(program);
  return shell == "zsh" ? zsh(program) : fish(program);
}

}  // namespace ordering::cli
