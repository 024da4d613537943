// Opt-in: co_await an Async in a boost::asio::awaitable: co_await
// temporal::use_asio(std::move(async)).
#pragma once
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "temporal/async.h"

namespace temporal {

template <class T>
boost::asio::awaitable<T> use_asio(Async<T> async) {
  auto begin = [](auto handler, Async<T> a) {
    auto kept = std::make_shared<Async<T>>(std::move(a));  // until its callback has come
    auto executor = boost::asio::get_associated_executor(handler);
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.assign([kept](auto) { kept->cancel(); });
    auto work = boost::asio::make_work_guard(executor);
    auto finish = [h = std::move(handler), executor, kept, work](Outcome<T> r) mutable {
      boost::asio::dispatch(executor,
                            [h = std::move(h), r = std::move(r)]() mutable { h(std::move(r)); });
    };
    kept->start(std::move(finish));
  };
  // One argument, so that T needs no default constructor.
  Outcome<T> r =
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Outcome<T>)>(
          begin, boost::asio::use_awaitable, std::move(async));
  if (!r) std::rethrow_exception(r.error());
  if constexpr (!std::is_void_v<T>) co_return std::move(*r);
}

}  // namespace temporal
