#include "order/code_attribute.h"

#include <temporal/api.h>
#include <temporal/asio.h>

#include "contract/order_workflow.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

using temporal::RpcService;
namespace operators = temporal::api::operatorservice::v1;

http::Task<> CodeAttribute::run() {
  bool added = false;
  do {
    try {
      if (co_await temporal::use_asio(is_there())) {
        if (!added || co_await process::pause(kLearning, draining_)) known_ = true;
        co_return;
      }
      co_await temporal::use_asio(add());
      added = true;
    } catch (const temporal::Error& e) {
      telemetry::debug("the search attribute OrderCode is not usable yet", {{"error", e.what()}});
    }
  } while (co_await process::pause(kAgain, draining_));
}

temporal::Async<bool> CodeAttribute::is_there() const {
  operators::ListSearchAttributesRequest request;
  request.set_namespace_(client_.name_space());
  const auto bytes =
      co_await client_.call(RpcService::operators, "ListSearchAttributes",
                            request.SerializeAsString(), {.timeout = kCallTime, .stop = draining_});
  operators::ListSearchAttributesResponse known;
  co_return known.ParseFromString(bytes) &&
      known.custom_attributes().contains(std::string(kOrderCode.name));
}

temporal::Async<void> CodeAttribute::add() const {
  operators::AddSearchAttributesRequest request;
  request.set_namespace_(client_.name_space());
  (*request.mutable_search_attributes())[std::string(kOrderCode.name)] =
      temporal::api::enums::v1::INDEXED_VALUE_TYPE_KEYWORD;
  co_await client_.call(RpcService::operators, "AddSearchAttributes", request.SerializeAsString(),
                        {.timeout = kCallTime, .stop = draining_});
}

}  // namespace ordering::order
