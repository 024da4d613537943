// A blocking question that is answered in time: for /readyz, whether the store answers.
//
//   Probe probe(pool, [&database] { return database.answers(); });
//   probe.ask(executor);
//   …                                        // what else is asked meanwhile
//   bool up = co_await probe.answer();
//
// Threads: that of the executor.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "http/message.h"
#include "http/pool.h"

namespace ordering::process {

class Probe {
 public:
  // The pool must outlive the questions; what is asked, this.
  Probe(http::Pool& pool, std::chrono::milliseconds within, std::function<bool()> question)
      : pool_(pool), within_(within), question_(std::move(question)) {}

  // Nothing while one is out: it holds a thread of the pool for as long as it takes.
  void ask(const boost::asio::any_io_executor& executor);
  // Of the last that was asked; no where it takes longer than `within`, or fails.
  http::Task<bool> answer();

 private:
  struct Asked;
  static http::Task<> put(http::Pool& pool, std::function<bool()> question,
                          std::shared_ptr<Asked> asked);

  http::Pool& pool_;
  std::chrono::milliseconds within_;
  std::function<bool()> question_;
  std::shared_ptr<Asked> asked_;
};

}  // namespace ordering::process
