#include "process/pollers.h"

#include <temporal/api.h>

#include <algorithm>

namespace ordering::process {

namespace service = temporal::api::workflowservice::v1;
namespace enums = temporal::api::enums::v1;

temporal::Async<Pollers> ask_pollers(temporal::Client client, TaskQueue queue,
                                     temporal::RpcOptions rpc) {
  service::DescribeTaskQueueRequest request;
  request.set_namespace_(client.name_space());
  request.mutable_task_queue()->set_name(queue.name);
  request.set_task_queue_type(queue.workflows ? enums::TASK_QUEUE_TYPE_WORKFLOW
                                              : enums::TASK_QUEUE_TYPE_ACTIVITY);
  const auto answer = co_await client.call(temporal::RpcService::workflow, "DescribeTaskQueue",
                                           request.SerializeAsString(), rpc);
  service::DescribeTaskQueueResponse described;
  if (!described.ParseFromString(answer))
    throw temporal::RpcError(temporal::RpcCode::data_loss, "the answer cannot be read");
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  Pollers pollers;
  for (const auto& poller : described.pollers()) {
    const auto polled = std::chrono::seconds(poller.last_access_time().seconds());
    const auto age = std::max(now - polled, std::chrono::seconds(0));
    pollers.polling += age <= Pollers::kFresh ? 1 : 0;
    pollers.last_poll_age = std::min(age, pollers.last_poll_age.value_or(age));
  }
  co_return pollers;
}

boost::json::object to_json(const Pollers& pollers) {
  boost::json::object out{{"pollers", pollers.polling}, {"lastPollAgeSeconds", nullptr}};
  if (pollers.last_poll_age) out["lastPollAgeSeconds"] = pollers.last_poll_age->count();
  return out;
}

}  // namespace ordering::process
