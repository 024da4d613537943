// What a Request is made of; for the files of this library.
#pragma once
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <string_view>

#include "http/message.h"

namespace http {

struct Request::Parts {
  boost::beast::http::request<boost::beast::http::string_body> message;
  std::string_view method;  // views into message
  std::string_view path;
  std::string_view route;  // of the router
  Parameters params;
  Parameters query;
  std::string request_id;
  std::string client_address;
  Language language = Language::english;
  telemetry::Span span;
};

// Beast's view as the standard's.
inline std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace http
