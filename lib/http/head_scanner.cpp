#include "http/head_scanner.h"

#include <algorithm>

#include "http/negotiation.h"
#include "http/problem.h"

namespace http {
namespace {

constexpr std::size_t kMaxEmptyLines = 2;  // before a request: some clients send one after a body
constexpr std::size_t kMaxAroundTarget = 64;  // method, spaces and version

Problem bad(const char* english, const char* korean) {
  return {.status = 400, .message = {english, korean}};
}

Problem too_much(unsigned status, const std::string& english, const std::string& korean,
                 std::size_t limit) {
  const std::string bytes = std::to_string(limit);
  return {.status = status,
          .message = {english + " over " + bytes + " bytes",
                      korean + " " + bytes + "바이트를 넘습니다"}};
}

bool control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

// A character of a field's name (RFC 9110, token).
bool token(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kMarks.find(c) != std::string_view::npos;
}

}  // namespace

bool HeadScanner::scan(std::string_view text) {
  for (;;) {
    const auto end = text.find('\n', looked_);
    if (end == std::string_view::npos) {
      looked_ = text.size();
      check_unfinished(text.substr(line_));
      return false;
    }
    if (end == line_ || text[end - 1] != '\r') {
      throw bad("a line of the request does not end in CRLF", "요청의 줄이 CRLF로 끝나지 않습니다");
    }
    const auto line = text.substr(line_, end - 1 - line_);
    line_ = end + 1;
    looked_ = line_;
    if (take_line(line)) return true;
  }
}

void HeadScanner::check_unfinished(std::string_view line) const {
  if (has_request_line_) return check_fields(line.size());
  if (!line.empty() && line.front() != '\r' && !token(line.front())) {
    throw bad("this is not HTTP", "HTTP 요청이 아닙니다");  // TLS, for one: told at once
  }
  if (line.size() > max_target_ + kMaxAroundTarget) {
    throw too_much(414, "the address is", "주소가", max_target_);
  }
}

void HeadScanner::check_fields(std::size_t more) const {
  if (fields_ + more > max_fields_) {
    throw too_much(431, "the header fields are", "헤더 필드가", max_fields_);
  }
}

bool HeadScanner::take_line(std::string_view line) {
  if (std::ranges::any_of(line, control)) {
    throw bad("the request's head has a control character", "요청 머리에 제어 문자가 있습니다");
  }
  if (!has_request_line_) {
    if (!line.empty()) {
      take_request_line(line);
      return false;
    }
    begin_ += 2;
    if (begin_ > 2 * kMaxEmptyLines)
      throw bad("the request begins with empty lines", "요청이 빈 줄로 시작합니다");
    return false;
  }
  if (line.empty()) return true;
  take_field(line);
  return false;
}

void HeadScanner::take_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last == first || line.find(' ', first + 1) != last) {
    throw bad("the request line is not METHOD TARGET VERSION", "요청 줄의 형식이 잘못되었습니다");
  }
  if (last - first - 1 > max_target_) throw too_much(414, "the address is", "주소가", max_target_);
  has_request_line_ = true;
}

void HeadScanner::take_field(std::string_view line) {
  check_fields(line.size() + 2);
  fields_ += line.size() + 2;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !std::ranges::all_of(line.substr(0, colon), token)) {
    throw bad("a header field is not NAME: VALUE", "헤더 필드의 형식이 잘못되었습니다");
  }
  const auto name = line.substr(0, colon);
  const bool length = same_word(name, "content-length");
  const bool coding = same_word(name, "transfer-encoding");
  if ((length && has_length_) || (coding && has_coding_)) {
    throw bad("the length of the body is given twice", "본문의 길이가 두 번 주어졌습니다");
  }
  has_length_ = has_length_ || length;
  has_coding_ = has_coding_ || coding;
  if (has_length_ && has_coding_) {
    throw bad("a request has Content-Length or Transfer-Encoding, not both",
              "Content-Length와 Transfer-Encoding은 함께 쓸 수 없습니다");
  }
}

std::string_view find_field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != std::string_view::npos;
       at = head.find('\n', at + 1)) {
    auto line = head.substr(at + 1, head.find('\n', at + 1) - at - 1);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!same_word(line.substr(0, name.size()), name)) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return trimmed(line.substr(name.size() + 1));
  }
  return {};
}

}  // namespace http
