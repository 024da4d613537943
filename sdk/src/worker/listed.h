// Names, for a sentence.
#pragma once
#include <string>
#include <vector>

namespace temporal::detail {

// "Gate, Steps", or "none".
inline std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "none" : all;
}

}  // namespace temporal::detail
