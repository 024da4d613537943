// Which handler answers which path.
//
//   PaymentApi api{store, pool};
//   http::Router router;
//   router.get("/payments/{orderId}", api, &PaymentApi::get)
//         .post("/payments/{orderId}/void", api, &PaymentApi::void_payment);
//
// A handler is a member coroutine of an object that outlives the server, or a free function: never
// a lambda with captures, whose captures would be gone at the first co_await.
//
// {name} matches one non-empty segment. A literal segment wins over {name}, whatever was added
// first. HEAD goes to GET. What the router answers itself: 404, 405 with Allow, 406 when Accept
// does not admit what the route produces, 415 when a body is not what the route consumes.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace http {

using Handler = std::function<Task<Response>(const Request&)>;

struct RouteOptions {
  std::string produces = "application/json";  // media type without parameters; empty: anything
  std::string consumes = "application/json";  // of a body that is not empty; empty: anything
  bool while_draining = false;                // whether it answers a stopping server's clients, too
  bool open = false;                          // whether it answers whom `admit` would refuse
  bool traced = true;                         // whether its requests have spans
};

// A route as its description names it.
struct RouteName {
  std::string method;
  std::string pattern;
  bool open = false;
};

class Router {
 public:
  template <class Api>
  using Member = Task<Response> (Api::*)(const Request&);

  template <class Api>
  Router& get(std::string_view pattern, Api& api, Member<Api> handler, RouteOptions options = {}) {
    return on("GET", pattern, bound(api, handler), std::move(options));
  }
  template <class Api>
  Router& post(std::string_view pattern, Api& api, Member<Api> handler, RouteOptions options = {}) {
    return on("POST", pattern, bound(api, handler), std::move(options));
  }
  template <class Api>
  Router& put(std::string_view pattern, Api& api, Member<Api> handler, RouteOptions options = {}) {
    return on("PUT", pattern, bound(api, handler), std::move(options));
  }
  Router& on(std::string_view method, std::string_view pattern, Handler handler,
             RouteOptions options = {});

  // Every route that has been added; HEAD, which goes to GET, is none.
  std::vector<RouteName> routes() const;

 private:
  friend class Connection;
  struct Route {
    std::string method;
    Handler handler;
    RouteOptions options;
  };
  struct Resource {
    std::string pattern;
    std::vector<std::string> segments;
    std::vector<Route> routes;
  };

  template <class Api>
  static Handler bound(Api& api, Member<Api> handler) {
    return [&api, handler](const Request& request) { return (api.*handler)(request); };
  }
  // Sets the request's route and parameters; throws Problem 400, 404, 405 or 406.
  const Route& find(Request& request) const;
  static Problem not_allowed(const Resource& resource);
  static void check_body(const Route& route, const Request& request);  // throws Problem 415

  std::vector<Resource> resources_;  // literal segments before {name}
};

}  // namespace http
