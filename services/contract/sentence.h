// One sentence for whoever called, in both languages.
#pragma once
#include <string_view>

namespace ordering {

struct Sentence {
  std::string_view english = {};
  std::string_view korean = {};
};

}  // namespace ordering
