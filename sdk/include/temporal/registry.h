// Registry: implementations bound to their definitions; what a Worker runs and a Replayer replays.
//
//   temporal::Registry registry;
//   registry.workflow<OrderSaga>();
//   registry.activity(charge_payment, &Payments::charge, payments);    // shared_ptr<Payments>
//   registry.activity(notify, [](Message message) { … });              // or a function
//
// A signature that is not its definition's does not compile. A value: copies share the immutable
// entries, and each may go on to add its own. Not to be changed by two threads at a time.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "temporal/activity_binding.h"
#include "temporal/workflow_definition.h"

namespace temporal {

class Registry {
 public:
  // C::definition() returns a workflow_definition, or a dynamic_workflow_definition for every type that
  // nothing else is bound to. Throws std::logic_error if the name is taken, or Temporal's own.
  template <class C>
  Registry& workflow() {
    return add(std::make_shared<const WorkflowDefinition>(C::definition()));
  }

  // A function, or a lambda: its parameters are the definition's, by value, after an
  // activity::Context where it wants one; it returns the definition's result or an Async of it.
  // Throws std::logic_error if the name is taken, as the others do.
  template <class Signature, class Fn>
  Registry& activity(const ActivityType<Signature>& type, Fn fn) {
    return add(detail::bind_function<Signature>(type.name, std::move(fn)));
  }
  // A method of an object that the registry keeps. It may run on many threads at a time.
  template <class Signature, class Method, class Object>
  Registry& activity(const ActivityType<Signature>& type, Method method,
                     std::shared_ptr<Object> object) {
    if (!object) refuse_null(type.name);
    return add(detail::bind_method<Signature>(type.name, method, std::move(object)));
  }
  // A method of an object that outlives every worker of this registry.
  template <class Signature, class Method, class Object>
  Registry& activity(const ActivityType<Signature>& type, Method method,
                     std::reference_wrapper<Object> object) {
    return add(detail::bind_method<Signature>(type.name, method, object));
  }
  // For every type that nothing else is bound to: takes (activity::Context, RawArgs); the context's
  // info() names the type.
  template <class Fn>
  Registry& dynamic_activity(Fn fn) {
    return add_dynamic(detail::bind_dynamic(std::move(fn)));
  }

  // Null where there is none.
  std::shared_ptr<const WorkflowDefinition> find_workflow(std::string_view name) const;
  std::shared_ptr<const detail::ActivityBinding> find_activity(std::string_view name) const;
  std::vector<std::string> workflow_names() const;  // sorted
  // By their names, the dynamic one last.
  std::vector<std::shared_ptr<const WorkflowDefinition>> workflows() const;
  std::vector<std::string> activity_names() const;
  bool has_workflows() const { return !workflows_.empty() || dynamic_workflow_; }
  bool has_activities() const { return !activities_.empty() || dynamic_activity_; }

 private:
  Registry& add(std::shared_ptr<const WorkflowDefinition> workflow);
  Registry& add(detail::ActivityBinding activity);
  Registry& add_dynamic(detail::ActivityBinding activity);
  [[noreturn]] static void refuse_null(std::string_view activity);

  std::map<std::string, std::shared_ptr<const WorkflowDefinition>, std::less<>> workflows_;
  std::shared_ptr<const WorkflowDefinition> dynamic_workflow_;
  std::map<std::string, std::shared_ptr<const detail::ActivityBinding>, std::less<>> activities_;
  std::shared_ptr<const detail::ActivityBinding> dynamic_activity_;
};

}  // namespace temporal
