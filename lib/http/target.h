// The target of a request, "/orders/order-1?wait=5", taken apart.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace http {

struct Target {
  std::string_view path;   // "/orders/order-1", still encoded
  std::string_view query;  // "wait=5", still encoded
};

// Of the origin form and the absolute form ("http://host/path"); others: Problem 400.
Target split_target(std::string_view target);

// "%EC%A3%BC" as text; Problem 400 when it is not well encoded, not UTF-8 or holds a NUL.
// In a query, '+' is a space.
std::string percent_decoded(std::string_view text, bool plus_is_space);

// One segment of a path, or a value in a query.
std::string percent_encoded(std::string_view text);

// The parameters in their order; Problem 400 for one that is given twice or cannot be decoded.
Parameters query_parameters(std::string_view query);

}  // namespace http
