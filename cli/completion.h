// What completes a command in a shell, made from the model of its command line.
#pragma once
#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace ordering::cli {

// For "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& app, std::string_view shell);

}  // namespace ordering::cli
