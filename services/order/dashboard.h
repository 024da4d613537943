// GET /, the page that a shop's person sees sagas work on. It is part of the program; its script
// (dashboard/dashboard.js) asks the same API as everybody else, with the key that the person gives.
#pragma once
#include "http/message.h"
#include "http/router.h"

namespace ordering::order {

class Dashboard {
 public:
  void add_to(http::Router& router);  // this must outlive the server

 private:
  http::Task<http::Response> page(const http::Request& request);
  http::Task<http::Response> file(const http::Request& request);
};

}  // namespace ordering::order
