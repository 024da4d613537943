// What a script learns from the command's exit status; --help lists the same.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace ordering::cli {

enum class ExitCode {
  ok = 0,
  failed = 1,  // the order failed or was cancelled; a check, a scenario or a POST of a load failed
  usage = 2,   // the command was typed wrong, or the shop takes no such value (HTTP 400)
  unreachable = 3,  // no connection, no answer in time, or the shop cannot answer now (429, 5xx)
  not_found = 4,    // the shop has no such order
  conflict = 5,     // the order is in another state than the command needs (409)
  denied = 6,       // API_KEY is missing or wrong (401, 403)
  not_ended = 7,    // the order was still under way when --wait was over
  interrupted = 130,
};

// Ends a command, with a sentence for the person who typed it. Where the shop refused, its problem's
// code and the whole document are there, too.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode exit_code, const std::string& sentence, std::string code = {},
          std::string document = {})
      : std::runtime_error(sentence),
        exit_code_(exit_code),
        code_(std::move(code)),
        document_(std::move(document)) {}
  ExitCode exit_code() const { return exit_code_; }
  const std::string& code() const { return code_; }          // "ORD006", "HTTP_404"; or empty
  const std::string& document() const { return document_; }  // application/problem+json, or empty

 private:
  ExitCode exit_code_;
  std::string code_;
  std::string document_;
};

}  // namespace ordering::cli
