// A service's store: its connections, opened when the service starts, and HTTP's work on it.
//
//   db::Pool database = process::open_store(store_options.url_of(options));
//   auto row = co_await process::on_store(request, pool, [&] { return store.find(id); });
#pragma once
#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

#include "db/pool.h"
#include "http/pool.h"
#include "http/router.h"

namespace ordering::process {

inline constexpr std::chrono::seconds kStoreWait{30};

// A PostgreSQL that cannot be reached is waited for, since it may be starting too; then, and for
// anything else that is wrong, db::Error. Once the service runs, lost connections heal in the pool.
db::Pool open_store(const std::string& url, std::chrono::milliseconds wait = kStoreWait);

// Within a catch: throws Problem 503 with Retry-After where nothing has happened and another try may
// succeed, and the error itself otherwise.
[[noreturn]] void rethrow_for_http(const db::Error& error);

// As http::on_pool, in the request's name.
template <class Work>
http::Task<std::invoke_result_t<Work&>> on_store(const http::Request& request, http::Pool& pool,
                                                 Work work) {
  auto named = [&] {
    const auto scope = request.scope();
    return work();
  };
  try {
    co_return co_await http::on_pool(pool, named);
  } catch (const db::Error& error) {
    rethrow_for_http(error);
  }
}

}  // namespace ordering::process
