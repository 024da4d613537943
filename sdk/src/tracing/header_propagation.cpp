#include "temporal/header_propagation.h"

#include <memory>
#include <utility>

#include "temporal/workflow.h"

namespace temporal {
namespace {

using Names = std::shared_ptr<const std::vector<std::string>>;

class Propagation final : public workflow::OutboundInterceptor {
 public:
  explicit Propagation(Names names) : names_(std::move(names)) {}

  workflow::Future<Value> execute_activity(workflow::ActivityInput in) override {
    return next->execute_activity(carried(std::move(in)));
  }
  workflow::Future<Value> execute_local_activity(workflow::LocalActivityInput in) override {
    return next->execute_local_activity(carried(std::move(in)));
  }
  workflow::ChildWorkflow start_child_workflow(workflow::ChildWorkflowInput in) override {
    return next->start_child_workflow(carried(std::move(in)));
  }
  workflow::Future<void> signal(workflow::SignalInput in) override {
    return next->signal(carried(std::move(in)));
  }
  workflow::ContinueAsNewInput continue_as_new(workflow::ContinueAsNewInput in) override {
    return next->continue_as_new(carried(std::move(in)));
  }

 private:
  template <class Input>
  Input carried(Input in) const {
    const auto& headers = workflow::info().headers;
    for (const auto& name : *names_)
      if (const auto found = headers.find(name); found != headers.end()) in.headers.insert(*found);
    return in;
  }

  Names names_;
};

}  // namespace

workflow::InterceptorFactory propagate_headers(std::vector<std::string> names) {
  const auto shared = std::make_shared<const std::vector<std::string>>(std::move(names));
  return [shared] {
    return workflow::Interceptors{.outbound = std::make_unique<Propagation>(shared)};
  };
}

}  // namespace temporal
