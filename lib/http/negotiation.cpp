#include "http/negotiation.h"

#include <algorithm>
#include <charconv>

namespace http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Cuts the part before the separator off the front of `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

double weight_of(std::string_view text) {
  double weight = 0;
  const auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), weight, std::chars_format::fixed);
  const bool whole = error == std::errc() && rest == text.data() + text.size();
  return whole && weight >= 0 && weight <= 1 ? weight : 0;
}

}  // namespace

bool same_word(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<Weighted> weighted_list(std::string_view header) {
  std::vector<Weighted> list;
  while (!header.empty()) {
    std::string_view element = cut(header, ',');
    Weighted each{.value = cut(element, ';')};
    while (!element.empty()) {
      std::string_view parameter = cut(element, ';');
      if (const auto name = cut(parameter, '='); same_word(name, "q"))
        each.weight = weight_of(parameter);
    }
    if (!each.value.empty()) list.push_back(each);
  }
  return list;
}

namespace {

double weight_for(std::string_view accept, std::string_view media_type) {
  if (trimmed(accept).empty()) return 1;
  const auto type = media_type.substr(0, media_type.find('/') + 1);  // "application/"
  int best = -1;
  double weight = 0;
  for (const Weighted& range : weighted_list(accept)) {
    int specific = -1;
    if (same_word(range.value, media_type)) {
      specific = 2;
    } else if (range.value.ends_with("/*") &&
               same_word(range.value.substr(0, range.value.size() - 1), type)) {
      specific = 1;
    } else if (range.value == "*/*") {
      specific = 0;
    }
    if (specific > best || (specific == best && specific >= 0 && range.weight > weight)) {
      best = specific;
      weight = range.weight;
    }
  }
  return weight;
}

}  // namespace

bool accepts(std::string_view accept, std::string_view media_type) {
  return weight_for(accept, media_type) > 0;
}

std::string_view preferred_type(std::string_view accept,
                                std::initializer_list<std::string_view> media_types) {
  std::string_view best;
  double most = 0;
  for (const auto type : media_types) {
    const double weight = weight_for(accept, type);
    if (weight <= most) continue;
    best = type;
    most = weight;
  }
  return best;
}

bool is_of_type(std::string_view content_type, std::string_view media_type) {
  if (!same_word(cut(content_type, ';'), media_type)) return false;
  while (!content_type.empty()) {
    std::string_view value = cut(content_type, ';');
    if (!same_word(cut(value, '='), "charset")) continue;
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (!same_word(value, "utf-8")) return false;
  }
  return true;
}

}  // namespace http
