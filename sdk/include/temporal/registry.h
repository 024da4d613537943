// Implementations bound to their definitions.
#pragma once
#include "temporal/workflow.h"

namespace temporal {
namespace activity {
struct Context {
  std::string workflow_id = {};
};
}  // namespace activity

namespace detail {
template <class Signature>
struct DropContext {
  using type = Signature;
};
template <class R, class... A>
struct DropContext<R(activity::Context, A...)> {
  using type = R(A...);
};
}  // namespace detail

class Registry {  // a value
 public:
  template <class R, class... A, class Fn, class Object>
  void activity(const ActivityType<R(A...)>& type, Fn fn, std::shared_ptr<Object> object) {
    using Full = typename detail::Member<Fn>::Signature;
    detail::check_signature<typename detail::DropContext<Full>::type, R(A...)>();
    activities_[std::string(type.name)] = [fn, object](activity::Context context, const Values& v) {
      auto args = detail::Caller<R, A...>::decode(v);
      if constexpr (std::is_same_v<Full, R(A...)>)
        return detail::Caller<R, A...>::call(object.get(), fn, args);
      else {
        auto all = std::tuple_cat(std::tuple(context), std::move(args));
        return detail::Caller<R, activity::Context, A...>::call(object.get(), fn, all);
      }
    };
  }
  template <class C>
  void workflow() {
    WorkflowDefinition d = C::definition();
    workflows_[d.name] = std::move(d);
  }
  Value run_activity(const std::string& name, activity::Context c, const Values& v) const {
    return activities_.at(name)(c, v);
  }
  const WorkflowDefinition& workflow(const std::string& name) const { return workflows_.at(name); }

 private:
  std::map<std::string, std::function<Value(activity::Context, const Values&)>> activities_;
  std::map<std::string, WorkflowDefinition> workflows_;
};

}  // namespace temporal
