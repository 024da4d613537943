#include "process/problems.h"

#include <utility>

namespace ordering::process {

http::Problem not_found(http::Text message) {
  return {.status = 404, .message = std::move(message)};
}

http::Problem bad_request(http::Text message) {
  return {.status = 400, .message = std::move(message)};
}

http::Text to_text(Sentence sentence) {
  return {std::string(sentence.english), std::string(sentence.korean)};
}

http::Problem to_problem(Refusal refusal) {
  const CodeEntry& entry = explain(refusal.code);
  return {.status = static_cast<unsigned>(entry.http_status),
          .code = std::string(entry.code),
          .message = {std::string(entry.english), std::string(entry.korean)}};
}

}  // namespace ordering::process
