// Opt-in: Boost.Asio. It awaits only Asio's own operations, so an Async is made one of them:
//
//   boost::asio::awaitable<void> serve(temporal::WorkflowHandle<Order> handle) {
//     auto status = co_await temporal::use_asio(handle.query(Order::status));
//   }
//
// The coroutine goes on on its own Asio executor. Asio's cancellation of the operation (operator ||,
// bind_cancellation_slot) asks the Async to stop.
//
// AsioExecutor lets everything of a Runtime go on on an Asio context:
//
//   Runtime::create({.executor = std::make_shared<temporal::AsioExecutor>(io.get_executor())})
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "temporal/async.h"

namespace temporal {

// The context must run until the last call that uses it has ended: what it drops is never told.
class AsioExecutor final : public Executor {
 public:
  explicit AsioExecutor(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  void post(std::move_only_function<void()> work) override {
    boost::asio::post(executor_, [work = std::move(work)]() mutable { work(); });
  }

 private:
  boost::asio::any_io_executor executor_;
};

template <class T>
boost::asio::awaitable<T> use_asio(Async<T> async) {
  auto begin = [](auto handler, Async<T> a) {
    auto kept = std::make_shared<Async<T>>(std::move(a));  // until its callback has come
    auto executor = boost::asio::get_associated_executor(handler);
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.assign([kept](auto) { kept->cancel(); });
    auto work = boost::asio::make_work_guard(executor);
    auto finish = [h = std::move(handler), executor, kept, work](Outcome<T> outcome) mutable {
      boost::asio::dispatch(
          executor, [h = std::move(h), o = std::move(outcome)]() mutable { h(std::move(o)); });
    };
    kept->start(std::move(finish));
  };
  // One argument, so that T needs no default constructor.
  Outcome<T> outcome =
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Outcome<T>)>(
          begin, boost::asio::use_awaitable, std::move(async));
  if (!outcome) std::rethrow_exception(outcome.error());
  if constexpr (!std::is_void_v<T>) co_return std::move(*outcome);
}

}  // namespace temporal
