// Base64 of RFC 4648, padded, as protobuf's JSON and Go write bytes.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace temporal::detail {

std::string to_base64(std::string_view bytes);
// Padding may be left out; the URL alphabet is read too, as protobuf's JSON asks. Empty: no base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace temporal::detail
