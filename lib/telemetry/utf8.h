// Whether bytes are text.
#pragma once
#include <cstddef>
#include <string_view>

namespace telemetry {

// How many bytes the character that begins at `at` has: 1 to 4, or 0 when no well-formed UTF-8 character
// begins there (an overlong form, a surrogate, a byte out of place, one that is cut off).
std::size_t utf8_length(std::string_view text, std::size_t at);

bool valid_utf8(std::string_view text);

std::size_t characters(std::string_view text);  // of valid UTF-8

}  // namespace telemetry
