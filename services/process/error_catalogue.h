// GET /errors and /errors/{code}: every code that an answer of the shop may carry, in English or
// Korean, as a page or as JSON, whichever Accept prefers (JSON where it does not care). The "type"
// of every problem document leads here.
//
//   {"errors":[{"code":"I003","name":"OUT_OF_STOCK","service":"inventory","status":409,
//               "message":"The item is out of stock."}]}
//
// One code may have two entries: P001 has.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "http/router.h"

namespace ordering::process {

inline constexpr std::string_view kProblemTypes = "/errors/";

struct CatalogueEntry {
  std::string code;
  std::string name;
  std::string service;  // who answers it; "each" where every service does
  unsigned status = 0;  // of the HTTP answer that carries it
  http::Text message;
};
// The table of codes, then what HTTP itself refuses.
std::vector<CatalogueEntry> error_catalogue();

class ErrorCatalogue {
 public:
  void add_to(http::Router& router);

 private:
  http::Task<http::Response> all(const http::Request& request);
  http::Task<http::Response> one(const http::Request& request);

  std::vector<CatalogueEntry> entries_ = error_catalogue();
};

}  // namespace ordering::process
