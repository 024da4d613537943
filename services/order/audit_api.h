// GET /audit: docs/orders.md, section 5.
#pragma once
#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "http/message.h"
#include "http/router.h"
#include "order/audits.h"

namespace ordering::order {

class AuditApi {
 public:
  static constexpr std::chrono::seconds kWait{100};

  // `draining` ends the requests that wait for an audit's end.
  AuditApi(Audits audits, std::stop_token draining)
      : audits_(std::move(audits)), draining_(std::move(draining)) {}
  void add_to(http::Router& router);  // this must outlive the server

 private:
  http::Task<http::Response> get(const http::Request& request);

  Audits audits_;
  std::stop_token draining_;
};

std::string to_json(const AuditResult& result);

}  // namespace ordering::order
