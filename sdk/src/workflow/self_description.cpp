// What a run tells of itself to Temporal's own queries, which the Web UI and the command line ask: its
// handlers, its current details, and where its coroutines wait.
#include <temporal/api/sdk/v1/enhanced_stack_trace.pb.h>
#include <temporal/api/sdk/v1/workflow_metadata.pb.h>

#include <algorithm>
#include <source_location>

#include "workflow/run.h"

namespace temporal {
namespace detail {

namespace {

namespace sdk = api::sdk::v1;

template <class H>
void list(const WorkflowDefinition::Table<H>& table,
          google::protobuf::RepeatedPtrField<sdk::WorkflowInteractionDefinition>* out) {
  auto add = [out](const std::string& name, const H& handler) {
    auto& one = *out->Add();
    one.set_name(name);
    one.set_description(handler.options.description);
  };
  for (const auto& [name, handler] : table.named) add(name, handler);
  if (table.dynamic) add("", *table.dynamic);  // as the other SDKs name it
}

Value metadata(const Run& run) {
  sdk::WorkflowMetadata metadata;
  auto& definition = *metadata.mutable_definition();
  definition.set_type(run.info.workflow_type);
  list(run.handlers->queries, definition.mutable_query_definitions());
  list(run.handlers->signals, definition.mutable_signal_definitions());
  list(run.handlers->updates, definition.mutable_update_definitions());
  metadata.set_current_details(run.current_details);
  return Value::of(std::move(metadata));
}

// Whether a coroutine is the SDK's own, around a handler or another call. The function's name stands
// between its result and its parameters, as the compiler writes them.
bool is_internal(const std::source_location& where) {
  std::string_view name = where.function_name();
  name = name.substr(0, name.find('('));
  name = name.substr(name.rfind(' ') + 1);
  return name.starts_with("temporal::detail::") || name.starts_with("temporal::workflow::");
}

// The coroutines that nobody awaits, in the order they were spawned; of each, what it waits in,
// innermost first.
template <class F>
void for_each_stack(const Run& run, F f) {
  for (const auto* spawned = run.oldest; spawned; spawned = spawned->newer) {
    std::vector<std::source_location> stack;
    for (const auto* p = spawned; p; p = p->awaited) stack.push_back(p->at);
    std::ranges::reverse(stack);
    f(stack);
  }
}

Value stack_trace(const Run& run) {
  std::string text;
  for_each_stack(run, [&](const std::vector<std::source_location>& stack) {
    std::string lines;
    for (const auto& where : stack) {
      if (is_internal(where)) continue;
      lines += std::string("    at ") + where.function_name() + " (" + where.file_name() + ":" +
               std::to_string(where.line()) + ":" + std::to_string(where.column()) + ")\n";
    }
    if (!lines.empty()) text += (text.empty() ? "" : "\n") + lines;
  });
  return Value::of(std::move(text));
}

Value enhanced_stack_trace(const Run& run) {
  sdk::EnhancedStackTrace trace;
  trace.mutable_sdk()->set_name("temporal-cpp");
  for_each_stack(run, [&](const std::vector<std::source_location>& stack) {
    auto& locations = *trace.add_stacks()->mutable_locations();
    for (const auto& where : stack) {
      auto& location = *locations.Add();
      location.set_file_path(where.file_name());
      location.set_line(static_cast<std::int32_t>(where.line()));
      location.set_column(static_cast<std::int32_t>(where.column()));
      location.set_function_name(where.function_name());
      location.set_internal_code(is_internal(where));
    }
  });
  return Value::of(std::move(trace));
}

}  // namespace

Value Run::of_itself(std::string_view query) const {
  if (query == "__temporal_workflow_metadata") return metadata(*this);
  if (query == "__stack_trace") return stack_trace(*this);
  if (query == "__enhanced_stack_trace") return enhanced_stack_trace(*this);
  throw ApplicationFailure("this SDK does not know Temporal's query " + std::string(query),
                           {.type = "NotFoundError", .non_retryable = true});
}

}  // namespace detail

namespace workflow {

void set_current_details(std::string markdown) {
  auto& run = detail::current_run();
  if (run.dead) return;
  run.check_not_read_only("workflow::set_current_details");
  run.current_details = std::move(markdown);
}
const std::string& current_details() {
  return detail::current_run().current_details;
}

}  // namespace workflow
}  // namespace temporal
