// Finds the end of a request's head in the bytes that have come, and refuses what no honest client sends.
//
// Stricter than the parser behind it, for what two servers in a row could read differently (request
// smuggling): lines end in CRLF and nothing else, no folded lines, no space before a colon, no control
// characters, one Content-Length at most and not beside Transfer-Encoding. Limits hold before a line is complete.
#pragma once
#include <cstddef>
#include <string_view>

namespace http {

class HeadScanner {
 public:
  HeadScanner(std::size_t max_target, std::size_t max_fields)
      : max_target_(max_target), max_fields_(max_fields) {}

  // `text` is all that has come since the last request's end. True: the head is complete, it is
  // [begin(), end()). Throws Problem 400, 414 or 431. What was looked at is not looked at again.
  bool scan(std::string_view text);

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return line_; }

 private:
  bool take_line(std::string_view line);  // true: it ends the head
  void take_request_line(std::string_view line);
  void take_field(std::string_view line);
  void check_unfinished(std::string_view line) const;
  void check_fields(std::size_t more) const;

  const std::size_t max_target_;
  const std::size_t max_fields_;
  std::size_t begin_ = 0;   // empty lines before a request are skipped
  std::size_t line_ = 0;    // where the line begins that is not complete yet
  std::size_t looked_ = 0;  // up to here there is no line end
  std::size_t fields_ = 0;  // bytes of the fields so far
  bool has_request_line_ = false;
  bool has_length_ = false;
  bool has_coding_ = false;
};

// The value of a field in a head that may be incomplete or refused; empty when it is not there.
std::string_view find_field(std::string_view head, std::string_view name);

}  // namespace http
