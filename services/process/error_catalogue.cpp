#include "process/error_catalogue.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cctype>
#include <iterator>

#include "contract/refusal.h"
#include "http/asset.h"
#include "http/negotiation.h"
#include "process/problems.h"

namespace ordering::process {
namespace {

namespace json = boost::json;

using Entries = std::vector<CatalogueEntry>;

// What lib/http answers by itself, and Admission.
constexpr std::array kStatuses{400U, 401U, 403U, 404U, 405U, 406U, 408U, 413U,
                               414U, 415U, 429U, 431U, 500U, 503U, 505U};

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml = "text/html";

// "NOT_FOUND"
std::string name_of(unsigned status) {
  std::string name = http::status_text(status).english;
  std::ranges::transform(name, name.begin(), [](unsigned char c) {
    return c == ' ' ? '_' : static_cast<char>(std::toupper(c));
  });
  return name;
}

json::value to_json(const Entries& entries, http::Language language) {
  json::array rows;
  for (const auto& entry : entries)
    rows.push_back({{"code", entry.code},
                    {"name", entry.name},
                    {"service", entry.service},
                    {"status", entry.status},
                    {"message", entry.message.in(language)}});
  return {{"errors", std::move(rows)}};
}

// Of the catalogue's own text, in which nothing needs an escape (error_catalogue_test.cpp).
std::string to_html(const Entries& entries, http::Language language) {
  const bool korean = language == http::Language::korean;
  std::string page = "<!DOCTYPE html>\n<html lang=\"";
  page += korean ? "ko" : "en";
  page +=
      "\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  const std::string title = korean ? "오류 코드" : "Error codes";
  page += title +
          "</title>\n<link rel=\"icon\" href=\"data:,\">\n"
          "<link rel=\"stylesheet\" href=\"/docs/page.css\">\n</head>\n<body>\n<h1>" +
          title + "</h1>\n<table>\n<tr>";
  for (const char* heading : korean ? std::array{"코드", "이름", "서비스", "HTTP", "의미"}
                                    : std::array{"code", "name", "service", "HTTP", "meaning"})
    page.append("<th>").append(heading).append("</th>");
  for (const auto& entry : entries) {
    const auto link = std::string(kProblemTypes) + entry.code;
    page += "</tr>\n<tr><td><a href=\"" + link + "\">" + entry.code + "</a></td><td>" + entry.name +
            "</td><td>" + entry.service + "</td><td>" + std::to_string(entry.status) + "</td><td>" +
            entry.message.in(language) + "</td>";
  }
  return page + "</tr>\n</table>\n</body>\n</html>\n";
}

http::Response answer(const http::Request& request, const Entries& entries) {
  const auto language = request.language();
  const auto type = http::preferred_type(request.header("Accept"), {kJson, kHtml});
  http::Response response;
  if (type == kJson)
    response = http::reply(to_json(entries, language));
  else if (type == kHtml)
    response = {.body = to_html(entries, language),
                .content_type = "text/html; charset=utf-8",
                .headers = http::page_headers()};
  else
    throw http::not_acceptable("application/json, text/html");
  response.headers.emplace_back("Content-Language",
                                language == http::Language::korean ? "ko" : "en");
  response.headers.emplace_back("Vary", "Accept, Accept-Language");
  return response;
}

}  // namespace

Entries error_catalogue() {
  Entries entries;
  for (const CodeEntry& entry : all_codes())
    entries.push_back({.code = std::string(entry.code),
                       .name = std::string(entry.name),
                       .service = std::string(entry.service),
                       .status = static_cast<unsigned>(entry.http_status),
                       .message = {std::string(entry.english), std::string(entry.korean)}});
  for (const unsigned status : kStatuses)
    entries.push_back({.code = "HTTP_" + std::to_string(status),
                       .name = name_of(status),
                       .service = "each",
                       .status = status,
                       .message = http::status_text(status)});
  return entries;
}

void ErrorCatalogue::add_to(http::Router& router) {
  const http::RouteOptions either{.produces = "", .open = true};
  router.get("/errors", *this, &ErrorCatalogue::all, either)
      .get("/errors/{code}", *this, &ErrorCatalogue::one, either);
}

http::Task<http::Response> ErrorCatalogue::all(const http::Request& request) {
  co_return answer(request, entries_);
}

http::Task<http::Response> ErrorCatalogue::one(const http::Request& request) {
  Entries found;
  std::ranges::copy_if(entries_, std::back_inserter(found), [&](const CatalogueEntry& entry) {
    return entry.code == request.param("code");
  });
  if (found.empty()) throw not_found({"there is no such code", "그런 코드가 없습니다"});
  co_return answer(request, found);
}

}  // namespace ordering::process
