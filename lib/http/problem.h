// An answer other than success, thrown from anywhere below a handler and sent as an RFC 9457
// document:
//
//   throw http::Problem{.status = 409, .code = "ORD006", .message = {"the amount differs", "금액이
//   다릅니다"}};
//
//   HTTP/1.1 409 Conflict
//   Content-Type: application/problem+json
//   Content-Language: en
//   {"type":"/errors/ORD006","title":"Conflict","status":409,"detail":"the amount
//   differs","code":"ORD006",
//    "message":"the amount differs","service":"order","details":{}}
//
// The keys always stand in that order. What the server itself refuses (a malformed request, an
// unknown path) has the code "HTTP_<status>". Text is for people: no stack trace, SQL or path
// belongs in it.
#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

enum class Language { english, korean };

// The language an Accept-Language header prefers: the one of higher weight, of equal ones the first;
// English when it names neither.
Language preferred_language(std::string_view accept_language);

// One sentence in both languages. Without Korean, English is used for both.
struct Text {
  Text() = default;
  Text(const char* english) : english(english) {}  // NOLINT(*-explicit-*): "text" reads best
  Text(std::string english) : english(std::move(english)) {}  // NOLINT(*-explicit-*)
  Text(std::string english, std::string korean)
      : english(std::move(english)), korean(std::move(korean)) {}

  const std::string& in(Language language) const {
    return language == Language::korean && !korean.empty() ? korean : english;
  }

  std::string english;
  std::string korean;
};

struct Problem {
  unsigned status = 500;
  std::string code = {};                // empty means "HTTP_<status>"
  Text message = {};                    // one clear sentence; empty means the status's own
  Text detail = {};                     // empty means the same as message
  std::string type = {};                // a URI; empty: see ServerOptions::problem_types
  Text title = {};                      // empty means the status's name
  boost::json::object details = {};     // what a program can use: a field's name, a limit
  std::chrono::seconds retry_after{0};  // over 0: sent as Retry-After
  std::vector<std::pair<std::string, std::string>> headers = {};  // more header fields
};

// The name of a status ("Not Found"), in both languages; of an unknown one, its class's.
Text status_text(unsigned status);

// That no media type which Accept admits can be answered; `types` as a person reads them.
Problem not_acceptable(const std::string& types);

std::string code_of(const Problem& problem);  // its own, or its status's

// The document as it is sent. Without a type it is about:blank.
std::string to_json(const Problem& problem, Language language, std::string_view service);

}  // namespace http
