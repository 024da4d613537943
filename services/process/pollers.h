// Who polls a task queue, as the server tells it: for /readyz.
#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "temporal/client.h"

namespace ordering::process {

struct TaskQueue {
  std::string name = {};
  bool workflows = false;  // of the queue's two kinds, workflow tasks and activities
};

struct Pollers {
  // A poll waits up to a minute for a task: what has not polled for longer than this is gone.
  static constexpr std::chrono::seconds kFresh{75};

  std::size_t polling = 0;
  std::optional<std::chrono::seconds> last_poll_age = {};  // empty: nobody, as far as is known
};

temporal::Async<Pollers> ask_pollers(temporal::Client client, TaskQueue queue,
                                     temporal::RpcOptions rpc);
boost::json::object to_json(const Pollers& pollers);

}  // namespace ordering::process
