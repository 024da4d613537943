#include "http/target.h"

#include <algorithm>

#include "http/negotiation.h"
#include "telemetry/utf8.h"

namespace http {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Problem bad(const char* english, const char* korean) {
  return {.status = 400, .message = {english, korean}};
}

}  // namespace

Target split_target(std::string_view target) {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  for (const auto scheme : {kHttp, kHttps}) {
    if (!same_word(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    if (!target.starts_with('/'))
      return {.path = "/", .query = target.substr(target.empty() ? 0 : 1)};
    break;
  }
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) {
    throw bad("the request's target is not a path", "요청 대상이 경로가 아닙니다");
  }
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {.path = target, .query = {}};
  return {.path = target.substr(0, mark), .query = target.substr(mark + 1)};
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      const int high = at + 2 < text.size() ? hex(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex(text[at + 2]) : -1;
      if (high < 0 || low < 0) {
        throw bad("the address has a % that is not followed by two hexadecimal digits",
                  "주소의 % 뒤에 16진수 두 자리가 없습니다");
      }
      decoded += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  if (!telemetry::valid_utf8(decoded) || decoded.find('\0') != std::string::npos) {
    throw bad("the address is not UTF-8 text", "주소가 UTF-8 텍스트가 아닙니다");
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c);
    if (plain)
      encoded += c;
    else
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 0xF]});
  }
  return encoded;
}

Parameters query_parameters(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    parameters.emplace_back(percent_decoded(pair.substr(0, equals), true),
                            percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  std::vector<std::string_view> names;
  names.reserve(parameters.size());
  for (const auto& parameter : parameters) names.emplace_back(parameter.first);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    const std::string name(*twice);
    throw Problem{.status = 400,
                  .message = {"the query parameter " + name + " is given twice",
                              "질의 매개변수 " + name + "이(가) 두 번 있습니다"},
                  .details = {{"field", name}}};
  }
  return parameters;
}

}  // namespace http
