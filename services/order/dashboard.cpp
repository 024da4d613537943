#include "order/dashboard.h"

#include "dashboard/assets.h"
#include "process/problems.h"

namespace ordering::order {

void Dashboard::add_to(http::Router& router) {
  router.get("/", *this, &Dashboard::page, {.produces = "text/html", .open = true})
      .get("/dashboard/{file}", *this, &Dashboard::file, {.produces = "", .open = true});
}

http::Task<http::Response> Dashboard::page(const http::Request& request) {
  co_return http::serve(request, *http::find_asset(dashboard::assets(), "dashboard.html"));
}

http::Task<http::Response> Dashboard::file(const http::Request& request) {
  const auto* asset = http::find_asset(dashboard::assets(), request.param("file"));
  if (!asset) throw process::not_found({"there is no such file", "그런 파일이 없습니다"});
  co_return http::serve(request, *asset);
}

}  // namespace ordering::order
