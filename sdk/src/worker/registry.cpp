#include "temporal/registry.h"

#include <stdexcept>

namespace temporal {

namespace {
template <class Map>
std::vector<std::string> names(const Map& map) {
  std::vector<std::string> all;
  all.reserve(map.size());
  for (const auto& [name, entry] : map) all.push_back(name);
  return all;
}

void check_name(const char* kind, const std::string& name) {
  if (detail::is_reserved(name))
    throw std::logic_error("the " + std::string(kind) + " \"" + name +
                           "\" has a name of Temporal's own");
}
}  // namespace

Registry& Registry::add(std::shared_ptr<const WorkflowDefinition> workflow) {
  if (workflow->dynamic) {
    if (dynamic_workflow_) throw std::logic_error("two dynamic workflows are registered");
    dynamic_workflow_ = std::move(workflow);
    return *this;
  }
  check_name("workflow", workflow->name);
  if (!workflows_.try_emplace(workflow->name, workflow).second)
    throw std::logic_error("two workflows are registered as \"" + workflow->name + "\"");
  return *this;
}

Registry& Registry::add(detail::ActivityBinding activity) {
  check_name("activity", activity.name);
  auto entry = std::make_shared<const detail::ActivityBinding>(std::move(activity));
  if (!activities_.try_emplace(entry->name, entry).second)
    throw std::logic_error("two activities are registered as \"" + entry->name + "\"");
  return *this;
}

Registry& Registry::add_dynamic(detail::ActivityBinding activity) {
  if (dynamic_activity_) throw std::logic_error("two dynamic activities are registered");
  dynamic_activity_ = std::make_shared<const detail::ActivityBinding>(std::move(activity));
  return *this;
}

void Registry::refuse_null(std::string_view activity) {
  throw std::invalid_argument("the object bound to activity \"" + std::string(activity) +
                              "\" is null");
}

std::shared_ptr<const WorkflowDefinition> Registry::find_workflow(std::string_view name) const {
  auto found = workflows_.find(name);
  if (found != workflows_.end()) return found->second;
  return detail::is_reserved(name) ? nullptr : dynamic_workflow_;
}

std::shared_ptr<const detail::ActivityBinding> Registry::find_activity(
    std::string_view name) const {
  auto found = activities_.find(name);
  if (found != activities_.end()) return found->second;
  return detail::is_reserved(name) ? nullptr : dynamic_activity_;
}

std::vector<std::string> Registry::workflow_names() const {
  return names(workflows_);
}
std::vector<std::shared_ptr<const WorkflowDefinition>> Registry::workflows() const {
  std::vector<std::shared_ptr<const WorkflowDefinition>> all;
  for (const auto& [name, workflow] : workflows_) all.push_back(workflow);
  if (dynamic_workflow_) all.push_back(dynamic_workflow_);
  return all;
}
std::vector<std::string> Registry::activity_names() const {
  return names(activities_);
}

}  // namespace temporal
