// The names of the saga's activities as its histories have them, and the codes of their failures.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "contract/refusal.h"

namespace temporal::api::failure::v1 {
class Failure;
}

namespace ordering::order {

std::array<std::string_view, 3> step_names();  // in the order that the saga takes them
bool is_step(std::string_view activity);
bool is_compensation(std::string_view activity);

// The table's code in a failure or its causes; nothing where it is no refusal.
std::optional<Code> code_in(const temporal::api::failure::v1::Failure& failure);

// Why an activity has failed. Null: it timed out. A step that gave up (its deadline passed, or a
// bug) has a code of its own, and one that was fenced shows as repaired; a compensation has none.
std::optional<std::string> failed_code(std::string_view activity,
                                       const temporal::api::failure::v1::Failure* failure);

}  // namespace ordering::order
