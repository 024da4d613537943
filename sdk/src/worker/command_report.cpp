#include "worker/command_report.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "temporal/json.h"
#include "workflow/ends_run.h"

namespace temporal::detail {

namespace {

using api::history::v1::HistoryEvent;
using coresdk::workflow_commands::WorkflowCommand;
using Command = MadeCommands::Command;

constexpr std::size_t kBefore = 3;  // rows of the report that are equal
constexpr std::size_t kAfter = 2;   // and of what the history has next
constexpr char kPatchMarker[] = "core_patch";
constexpr char kLocalActivityMarker[] = "core_local_activity";
constexpr char kVersionAttribute[] = "TemporalChangeVersion";  // Core upserts it beside a patch

struct Event : Command {
  std::int64_t number = 0;
  bool local = false;  // of a local activity
};

// --- What the code made

Command command_of(const WorkflowCommand& c) {
  switch (c.variant_case()) {
    case WorkflowCommand::kScheduleActivity:
      return {"ActivityTaskScheduled", c.schedule_activity().activity_type(),
              c.schedule_activity().activity_id()};
    case WorkflowCommand::kScheduleLocalActivity:
      return {"MarkerRecorded", c.schedule_local_activity().activity_type(),
              c.schedule_local_activity().activity_id()};
    case WorkflowCommand::kStartTimer:
      return {"TimerStarted", "timer " + std::to_string(c.start_timer().seq())};
    case WorkflowCommand::kCancelTimer:
      return {"TimerCanceled", "timer " + std::to_string(c.cancel_timer().seq())};
    case WorkflowCommand::kRequestCancelActivity:
      return {"ActivityTaskCancelRequested"};
    case WorkflowCommand::kStartChildWorkflowExecution:
      return {"StartChildWorkflowExecutionInitiated",
              c.start_child_workflow_execution().workflow_type(),
              c.start_child_workflow_execution().workflow_id()};
    case WorkflowCommand::kSignalExternalWorkflowExecution:
      return {"SignalExternalWorkflowExecutionInitiated",
              c.signal_external_workflow_execution().signal_name()};
    case WorkflowCommand::kCancelChildWorkflowExecution:
    case WorkflowCommand::kRequestCancelExternalWorkflowExecution:
      return {"RequestCancelExternalWorkflowExecutionInitiated"};
    case WorkflowCommand::kSetPatchMarker:
      return {"MarkerRecorded",
              "patch " + c.set_patch_marker().patch_id(),
              {},
              {},
              c.set_patch_marker().deprecated()};
    case WorkflowCommand::kUpsertWorkflowSearchAttributes:
      return {"UpsertWorkflowSearchAttributes"};
    case WorkflowCommand::kModifyWorkflowProperties:
      return {"WorkflowPropertiesModified"};
    case WorkflowCommand::kScheduleNexusOperation:
      return {"NexusOperationScheduled", c.schedule_nexus_operation().operation()};
    case WorkflowCommand::kRequestCancelNexusOperation:
      return {"NexusOperationCancelRequested"};
    case WorkflowCommand::kUpdateResponse:
      if (c.update_response().has_accepted()) return {"WorkflowExecutionUpdateAccepted"};
      if (c.update_response().has_completed()) return {"WorkflowExecutionUpdateCompleted"};
      return {};
    case WorkflowCommand::kCompleteWorkflowExecution:
      return {"WorkflowExecutionCompleted"};
    case WorkflowCommand::kFailWorkflowExecution:
      return {"WorkflowExecutionFailed"};
    case WorkflowCommand::kCancelWorkflowExecution:
      return {"WorkflowExecutionCanceled"};
    case WorkflowCommand::kContinueAsNewWorkflowExecution:
      return {"WorkflowExecutionContinuedAsNew",
              c.continue_as_new_workflow_execution().workflow_type()};
    default:  // an answer to a query
      return {};
  }
}

// What is begun and cancelled in one task never becomes an event.
bool cancels(const WorkflowCommand& cancel, const WorkflowCommand& begun) {
  if (cancel.has_cancel_timer())
    return begun.has_start_timer() && begun.start_timer().seq() == cancel.cancel_timer().seq();
  if (cancel.has_request_cancel_activity())
    return begun.has_schedule_activity() &&
           begun.schedule_activity().seq() == cancel.request_cancel_activity().seq();
  return cancel.has_cancel_child_workflow_execution() &&
         begun.has_start_child_workflow_execution() &&
         begun.start_child_workflow_execution().seq() ==
             cancel.cancel_child_workflow_execution().child_workflow_seq();
}

// --- What the history has

// Core's, as JSON.
struct PatchMarker {
  std::string id = {};
  bool deprecated = false;
};
struct LocalActivityMarker {
  std::string activity_id = {};
  std::string activity_type = {};
};
template <class Data>
std::optional<Data> details(const HistoryEvent& event, const char* key) {
  const auto& all = event.marker_recorded_event_attributes().details();
  auto found = all.find(key);
  if (found == all.end() || found->second.payloads().empty()) return {};
  try {
    return from_json<Data>(found->second.payloads(0).data());
  } catch (const ConversionError&) {  // another Core's
    return {};
  }
}

Command marker_of(const HistoryEvent& event) {
  const auto& name = event.marker_recorded_event_attributes().marker_name();
  if (name == kPatchMarker)
    if (auto patch = details<PatchMarker>(event, "patch-data"))
      return {"MarkerRecorded", "patch " + patch->id, {}, {}, patch->deprecated};
  if (name == kLocalActivityMarker) {
    auto local = details<LocalActivityMarker>(event, "data");
    return local ? Command{"MarkerRecorded", local->activity_type, local->activity_id} : Command();
  }
  return {"MarkerRecorded", name};
}

Command event_of(const HistoryEvent& e) {
  switch (e.attributes_case()) {
    case HistoryEvent::kActivityTaskScheduledEventAttributes: {
      const auto& a = e.activity_task_scheduled_event_attributes();
      return {"ActivityTaskScheduled", a.activity_type().name(), a.activity_id()};
    }
    case HistoryEvent::kActivityTaskCancelRequestedEventAttributes:
      return {"ActivityTaskCancelRequested"};
    case HistoryEvent::kTimerStartedEventAttributes:
      return {"TimerStarted", "timer " + e.timer_started_event_attributes().timer_id()};
    case HistoryEvent::kTimerCanceledEventAttributes:
      return {"TimerCanceled", "timer " + e.timer_canceled_event_attributes().timer_id()};
    case HistoryEvent::kStartChildWorkflowExecutionInitiatedEventAttributes: {
      const auto& a = e.start_child_workflow_execution_initiated_event_attributes();
      return {"StartChildWorkflowExecutionInitiated", a.workflow_type().name(), a.workflow_id()};
    }
    case HistoryEvent::kSignalExternalWorkflowExecutionInitiatedEventAttributes:
      return {"SignalExternalWorkflowExecutionInitiated",
              e.signal_external_workflow_execution_initiated_event_attributes().signal_name()};
    case HistoryEvent::kRequestCancelExternalWorkflowExecutionInitiatedEventAttributes:
      return {"RequestCancelExternalWorkflowExecutionInitiated"};
    case HistoryEvent::kMarkerRecordedEventAttributes:
      return marker_of(e);
    case HistoryEvent::kUpsertWorkflowSearchAttributesEventAttributes:
      if (e.upsert_workflow_search_attributes_event_attributes()
              .search_attributes()
              .indexed_fields()
              .contains(kVersionAttribute))
        return {};
      return {"UpsertWorkflowSearchAttributes"};
    case HistoryEvent::kWorkflowPropertiesModifiedEventAttributes:
      return {"WorkflowPropertiesModified"};
    case HistoryEvent::kNexusOperationScheduledEventAttributes:
      return {"NexusOperationScheduled",
              e.nexus_operation_scheduled_event_attributes().operation()};
    case HistoryEvent::kNexusOperationCancelRequestedEventAttributes:
      return {"NexusOperationCancelRequested"};
    case HistoryEvent::kWorkflowExecutionUpdateAcceptedEventAttributes:
      return {"WorkflowExecutionUpdateAccepted"};
    case HistoryEvent::kWorkflowExecutionUpdateCompletedEventAttributes:
      return {"WorkflowExecutionUpdateCompleted"};
    case HistoryEvent::kWorkflowExecutionCompletedEventAttributes:
      return {"WorkflowExecutionCompleted"};
    case HistoryEvent::kWorkflowExecutionFailedEventAttributes:
      return {"WorkflowExecutionFailed"};
    case HistoryEvent::kWorkflowExecutionCanceledEventAttributes:
      return {"WorkflowExecutionCanceled"};
    case HistoryEvent::kWorkflowExecutionContinuedAsNewEventAttributes:
      return {"WorkflowExecutionContinuedAsNew",
              e.workflow_execution_continued_as_new_event_attributes().workflow_type().name()};
    default:  // made by the server or from outside
      return {};
  }
}

// --- Side by side

bool equal(const Command& a, const Command& b) {
  return a.kind == b.kind && a.name == b.name && a.id == b.id;
}

std::string text(const Command& c) {
  auto t = c.kind;
  if (!c.name.empty()) t += " " + c.name;
  if (!c.id.empty() && c.kind != "ActivityTaskScheduled") t += " " + c.id;
  return t;
}

using Row = std::array<std::string, 4>;  // event, the history has, the code made, place

class Table {
 public:
  void add(const Event* event, const Command* command, bool differs) {
    rows_.push_back({event ? std::to_string(event->number) : "", event ? text(*event) : "nothing",
                     command ? text(*command) : "nothing", command ? command->place : ""});
    if (differs) differing_ = rows_.size() - 1;
  }
  void add_next(const Event& event) {
    rows_.push_back({std::to_string(event.number), text(event)});
  }
  std::string text_of_rows() const {
    std::array<std::size_t, 3> widths = {};
    for (const auto& row : rows_)
      for (std::size_t i = 0; i < widths.size(); ++i)
        widths[i] = std::max(widths[i], row[i].size());
    std::string all;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      std::string line = r > 0 && r == differing_ ? "> " : "  ";
      for (std::size_t i = 0; i < widths.size(); ++i)
        line += rows_[r][i] + std::string(widths[i] - rows_[r][i].size() + 2, ' ');
      line += rows_[r][3];
      line.erase(line.find_last_not_of(' ') + 1);
      all += line + "\n";
    }
    return all;
  }

 private:
  std::vector<Row> rows_ = {{"event", "the history has", "the code made", "where"}};
  std::size_t differing_ = 0;  // none: the head
};

struct Pair {
  const Event* event = nullptr;      // null: the history has nothing there
  const Command* command = nullptr;  // null: nor the code
};

// In the order of the history; the last is the first that differs, if any does.
std::pair<std::vector<Pair>, std::size_t> pairs(const std::vector<Event>& events,
                                                const MadeCommands& made) {
  std::vector<Pair> found;
  const auto& commands = made.commands();
  std::size_t next = 0;
  auto skip_optional = [&](const Event* event) {
    while (next < commands.size() && commands[next].optional &&
           !(event && equal(*event, commands[next])))
      ++next;
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& event = events[i];
    if (event.local) {
      auto local = std::ranges::find(made.local(), event.id, &Command::id);
      found.push_back({&event, local == made.local().end() ? nullptr : &*local});
      if (!found.back().command || !equal(event, *local)) return {found, i + 1};
      continue;
    }
    skip_optional(&event);
    const auto* command = next < commands.size() ? &commands[next] : nullptr;
    if (event.optional && !(command && equal(event, *command))) continue;
    found.push_back({&event, command});
    if (!command || !equal(event, *command)) return {found, i + 1};
    ++next;
  }
  skip_optional(nullptr);
  if (next < commands.size()) found.push_back({nullptr, &commands[next]});
  return {found, events.size()};
}

}  // namespace

void MadeCommands::add(const coresdk::workflow_completion::Success& completion,
                       const std::vector<std::string>& places) {
  const auto& all = completion.commands();
  auto gone = [&](const WorkflowCommand& c) {
    return std::ranges::any_of(all, [&](auto& o) { return cancels(c, o) || cancels(o, c); });
  };
  std::optional<Command> end;
  for (int i = 0; i < all.size(); ++i) {
    auto command = command_of(all[i]);
    if (command.kind.empty() || gone(all[i])) continue;
    if (static_cast<std::size_t>(i) < places.size())
      command.place = places[static_cast<std::size_t>(i)];
    if (all[i].has_schedule_local_activity())
      local_.push_back(std::move(command));
    else if (!ends_run(all[i]))
      commands_.push_back(std::move(command));
    else if (!end)
      end = std::move(command);
  }
  if (end) commands_.push_back(*std::move(end));  // Core puts it last
}

std::string command_report(const api::history::v1::History& history, const MadeCommands& made) {
  std::vector<Event> events;
  for (const auto& e : history.events())
    if (auto command = event_of(e); !command.kind.empty())
      events.push_back(
          {std::move(command), e.event_id(),
           e.marker_recorded_event_attributes().marker_name() == kLocalActivityMarker});
  const auto [found, after] = pairs(events, made);
  if (found.empty()) return {};
  const auto& last = found.back();
  const bool differs = !last.event || !last.command || !equal(*last.event, *last.command);
  Table table;
  for (std::size_t i = found.size() > kBefore ? found.size() - kBefore - 1 : 0; i < found.size();
       ++i)
    table.add(found[i].event, found[i].command, differs && i + 1 == found.size());
  for (std::size_t i = after; i < std::min(events.size(), after + kAfter); ++i)
    table.add_next(events[i]);
  return table.text_of_rows();
}

}  // namespace temporal::detail
