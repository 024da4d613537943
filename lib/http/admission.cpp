#include "http/admission.h"

#include <algorithm>
#include <cmath>

#include "http/negotiation.h"

namespace http {
namespace {

std::string_view key_of(const Request& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = request.header("Authorization");
  if (same_word(authorization.substr(0, kBearer.size()), kBearer))
    return trimmed(authorization.substr(kBearer.size()));
  return request.header("X-API-Key");
}

// In a time that does not tell how much of the key was right.
bool is_same(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() == wanted.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i)
    difference |= static_cast<unsigned char>(given[i] ^ wanted[i % wanted.size()]);
  return difference == 0;
}

// Browsers say where a request comes from; others do not, and need not.
void check_site(const Request& request) {
  const auto site = request.header("Sec-Fetch-Site");
  const bool reads = request.method() == "GET" || request.method() == "HEAD";
  if (reads || site.empty() || site == "same-origin" || site == "none") return;
  throw Problem{.status = 403,
                .message = {"a page of another site may not change anything here",
                            "다른 사이트의 페이지는 여기서 아무것도 바꿀 수 없습니다"}};
}

}  // namespace

void Admission::admit(const Request& request, Clock::time_point now) {
  check_site(request);
  if (options_.rate > 0) check_rate(request, now);
  if (!options_.api_key.empty()) check_key(request);
}

void Admission::check_key(const Request& request) const {
  const auto key = key_of(request);
  if (key.empty())
    throw Problem{.status = 401,
                  .message = {"an API key is required: Authorization: Bearer KEY",
                              "API 키가 필요합니다: Authorization: Bearer KEY"},
                  .headers = {{"WWW-Authenticate", "Bearer"}}};
  if (!is_same(key, options_.api_key))
    throw Problem{.status = 403, .message = {"the API key is wrong", "API 키가 올바르지 않습니다"}};
}

void Admission::check_rate(const Request& request, Clock::time_point now) {
  auto& who = client(request.client_address(), now);
  const auto rate = static_cast<double>(options_.rate);
  const std::chrono::duration<double> passed = now - who.at;
  who.tokens = std::min(rate, who.tokens + passed.count() * rate);
  who.at = now;
  if (who.tokens < 1)
    throw Problem{
        .status = 429,
        .message = {"too many requests: at most " + std::to_string(options_.rate) + " a second",
                    "요청이 너무 많습니다. 1초에 " + std::to_string(options_.rate) +
                        "개까지 받습니다"},
        .retry_after = std::chrono::seconds(1)};
  who.tokens -= 1;
}

Admission::Client& Admission::client(std::string_view address, Clock::time_point now) {
  std::string name(address);
  const auto found = by_address_.find(name);
  if (found != by_address_.end()) {
    clients_.splice(clients_.begin(), clients_, found->second);
  } else {
    clients_.push_front({.address = name, .tokens = static_cast<double>(options_.rate), .at = now});
    by_address_.emplace(std::move(name), clients_.begin());
  }
  if (clients_.size() > kMostClients) {
    by_address_.erase(clients_.back().address);
    clients_.pop_back();
  }
  return clients_.front();
}

}  // namespace http
