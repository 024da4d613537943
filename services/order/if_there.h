// Of what is found by the index: a workflow that is gone is indexed for a while yet, and for good
// where a backup was restored that has more of the index than of the histories.
//
//   auto order = co_await if_there(look_at(run));   // nothing: there is no such workflow
#pragma once
#include <temporal/async.h>
#include <temporal/error.h>

#include <optional>
#include <utility>

namespace ordering::order {

template <class T>
temporal::Async<std::optional<T>> if_there(temporal::Async<T> answer) {
  try {
    co_return co_await std::move(answer);
  } catch (const temporal::RpcError& e) {
    // of the history of a run by its id the server says so by the second
    if (e.code() != temporal::RpcCode::not_found && e.code() != temporal::RpcCode::invalid_argument)
      throw;
  }
  co_return std::nullopt;
}

}  // namespace ordering::order
