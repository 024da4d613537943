#include "order/audit_api.h"

#include <temporal/asio.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "order/answers.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace json = boost::json;

namespace {

http::Problem unavailable(http::Text message) {
  auto answer = problem(Code::unavailable);
  answer.message = std::move(message);
  return answer;
}

json::object to_object(const AuditedCheck& check) {
  json::array violations;
  for (const auto& violation : check.violations)
    violations.push_back({{"subject", violation.subject}, {"detail", violation.detail}});
  json::object out{{"id", check.id},
                   {"ok", check.ok},
                   {"violations", std::move(violations)},
                   {"count", check.count}};
  if (check.note) out["note"] = *check.note;
  return out;
}

}  // namespace

std::string to_json(const AuditResult& result) {
  json::array checks, resolved;
  for (const auto& check : result.checks) checks.push_back(to_object(check));
  for (const auto& order : result.resolved) resolved.emplace_back(order);
  json::object sums;
  for (const auto& [name, sum] : result.sums) sums[name] = sum;
  return json::serialize(json::object{{"ok", result.ok},
                                      {"at", result.at},
                                      {"checks", std::move(checks)},
                                      {"sums", std::move(sums)},
                                      {"resolved", std::move(resolved)}});
}

void AuditApi::add_to(http::Router& router) {
  router.get("/audit", *this, &AuditApi::get);
}

http::Task<http::Response> AuditApi::get(const http::Request& request) {
  std::optional<AuditResult> result;
  try {
    result = co_await temporal::use_asio(audits_.run(kWait, draining_));
  } catch (const AuditFailed& e) {
    telemetry::warn("the audit failed",
                    {{"request_id", request.request_id()}, {"error", e.what()}});
    throw unavailable({"The audit could not be completed: a service did not answer.",
                       "감사를 마치지 못했습니다. 응답하지 않는 서비스가 있습니다."});
  } catch (const temporal::Error& e) {
    telemetry::warn("Temporal does not answer",
                    {{"request_id", request.request_id()}, {"error", e.what()}});
    throw problem(Code::unavailable);
  }
  if (!result)
    throw unavailable(
        {"The first audit is not complete yet.", "첫 감사가 아직 끝나지 않았습니다."});
  co_return http::Response{.body = to_json(*result)};
}

}  // namespace ordering::order
