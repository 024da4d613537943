#include "http/problem.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "http/negotiation.h"

namespace http {
namespace {

struct StatusName {
  unsigned status;
  const char* english;
  const char* korean;
};
constexpr std::array<StatusName, 33> kStatuses{{
    {200, "OK", "성공"},
    {201, "Created", "생성됨"},
    {202, "Accepted", "접수됨"},
    {204, "No Content", "내용 없음"},
    {301, "Moved Permanently", "영구 이동"},
    {302, "Found", "이동"},
    {303, "See Other", "다른 곳 참조"},
    {304, "Not Modified", "변경 없음"},
    {307, "Temporary Redirect", "임시 이동"},
    {308, "Permanent Redirect", "영구 이동"},
    {400, "Bad Request", "잘못된 요청"},
    {401, "Unauthorized", "인증 필요"},
    {403, "Forbidden", "접근 거부"},
    {404, "Not Found", "찾을 수 없음"},
    {405, "Method Not Allowed", "허용되지 않는 메서드"},
    {406, "Not Acceptable", "받을 수 있는 형식 없음"},
    {408, "Request Timeout", "요청 시간 초과"},
    {409, "Conflict", "충돌"},
    {410, "Gone", "사라짐"},
    {411, "Length Required", "길이 필요"},
    {412, "Precondition Failed", "전제 조건 실패"},
    {413, "Content Too Large", "본문이 너무 큼"},
    {414, "URI Too Long", "주소가 너무 김"},
    {415, "Unsupported Media Type", "지원하지 않는 형식"},
    {422, "Unprocessable Content", "처리할 수 없는 내용"},
    {429, "Too Many Requests", "요청이 너무 많음"},
    {431, "Request Header Fields Too Large", "요청 헤더가 너무 큼"},
    {500, "Internal Server Error", "서버 내부 오류"},
    {501, "Not Implemented", "구현되지 않음"},
    {503, "Service Unavailable", "서비스를 사용할 수 없음"},
    {504, "Gateway Timeout", "응답 시간 초과"},
    {505, "HTTP Version Not Supported", "지원하지 않는 HTTP 버전"},
}};

}  // namespace

Text status_text(unsigned status) {
  const auto* found = std::ranges::find(kStatuses, status, &StatusName::status);
  if (found != kStatuses.end()) return {found->english, found->korean};
  if (status < 400) return {"OK", "성공"};
  return status < 500 ? Text{"Client Error", "요청 오류"} : Text{"Server Error", "서버 오류"};
}

Language preferred_language(std::string_view accept_language) {
  double english = 0;
  double korean = 0;
  bool korean_first = false;
  for (const Weighted& each : weighted_list(accept_language)) {
    const std::string_view primary = each.value.substr(0, each.value.find('-'));
    if (same_word(primary, "ko")) {
      korean_first = korean_first || english == 0;
      korean = std::max(korean, each.weight);
    } else if (same_word(primary, "en") || primary == "*") {
      english = std::max(english, each.weight);
    }
  }
  const bool prefers = korean > english || (korean == english && korean > 0 && korean_first);
  return prefers ? Language::korean : Language::english;
}

Problem not_acceptable(const std::string& types) {
  return {.status = 406,
          .message = {"the answer is " + types + ", which Accept does not admit",
                      "응답 형식은 " + types + "인데 Accept가 허용하지 않습니다"}};
}

std::string code_of(const Problem& problem) {
  return problem.code.empty() ? "HTTP_" + std::to_string(problem.status) : problem.code;
}

std::string to_json(const Problem& problem, Language language, std::string_view service) {
  const auto chosen = [&](const Text& text, const Text& otherwise) -> const std::string& {
    return text.english.empty() ? otherwise.in(language) : text.in(language);
  };
  const Text name = status_text(problem.status);
  const std::string& message = chosen(problem.message, name);
  boost::json::object document;
  document.reserve(8);
  document["type"] = problem.type.empty() ? "about:blank" : problem.type;
  document["title"] = chosen(problem.title, name);
  document["status"] = problem.status;
  document["detail"] = problem.detail.english.empty() ? message : problem.detail.in(language);
  document["code"] = code_of(problem);
  document["message"] = message;
  document["service"] = service;
  document["details"] = problem.details;
  return boost::json::serialize(document);
}

}  // namespace http
