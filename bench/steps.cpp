#include "steps.h"

#include <google/protobuf/arena.h>
#include <temporal/api/history/v1/message.pb.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

#include "worker/verdict.h"

namespace temporal::bench {

namespace {

using api::enums::v1::EventType;
using coresdk::workflow_activation::WorkflowActivation;
using namespace std::chrono_literals;

constexpr auto kTaskQueue = "steps";
constexpr std::int64_t kBegan = 1'700'000'000;

class Written {
 public:
  Written(int steps, std::size_t run) {
    auto& started = *add(EventType::EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
                         .mutable_workflow_execution_started_event_attributes();
    started.mutable_workflow_type()->set_name(std::string(steps_type.name));
    started.set_workflow_id("steps-" + std::to_string(run));
    started.set_original_execution_run_id(run_id(run));
    started.mutable_task_queue()->set_name(kTaskQueue);
    set_json(std::to_string(steps), started.mutable_input()->add_payloads());
    task();
    for (int i = 0; i < steps; ++i) step(i);
    set_json(std::to_string(steps), add(EventType::EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
                                        .mutable_workflow_execution_completed_event_attributes()
                                        ->mutable_result()
                                        ->add_payloads());
  }
  std::string bytes() const { return history_.SerializeAsString(); }

 private:
  void task() {
    add(EventType::EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)
        .mutable_workflow_task_scheduled_event_attributes();
    add(EventType::EVENT_TYPE_WORKFLOW_TASK_STARTED)
        .mutable_workflow_task_started_event_attributes()
        ->set_scheduled_event_id(last() - 1);
    auto& completed = *add(EventType::EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
                           .mutable_workflow_task_completed_event_attributes();
    completed.set_scheduled_event_id(last() - 2);
    completed.set_started_event_id(last() - 1);
    completed.mutable_sdk_metadata()->add_core_used_flags(1);  // activity types are compared
  }
  void step(int number) {
    auto& scheduled = *add(EventType::EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
                           .mutable_activity_task_scheduled_event_attributes();
    scheduled.set_activity_id(std::to_string(number + 1));
    scheduled.mutable_activity_type()->set_name(std::string(step_type.name));
    scheduled.mutable_task_queue()->set_name(kTaskQueue);
    set_step(number, scheduled.mutable_input()->add_payloads());
    add(EventType::EVENT_TYPE_ACTIVITY_TASK_STARTED)
        .mutable_activity_task_started_event_attributes()
        ->set_scheduled_event_id(last() - 1);
    auto& completed = *add(EventType::EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
                           .mutable_activity_task_completed_event_attributes();
    completed.set_scheduled_event_id(last() - 2);
    completed.set_started_event_id(last() - 1);
    set_step(number + 1, completed.mutable_result()->add_payloads());
    task();
  }
  api::history::v1::HistoryEvent& add(EventType type) {
    auto& event = *history_.add_events();
    event.set_event_id(last());
    event.set_event_type(type);
    event.mutable_event_time()->set_seconds(kBegan + last());
    return event;
  }
  int last() const { return history_.events_size(); }

  api::history::v1::History history_;
};

double microseconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

}  // namespace

std::string run_id(std::size_t run) {
  char id[40];
  const auto spread = static_cast<std::uint32_t>((run + 1) * 2'654'435'761);
  std::snprintf(id, sizeof id, "%08x-7a4f-4d2b-9a43-%012zu", spread, run);
  return id;
}

workflow::Task<int> Steps::run(int count) {
  Step step{.order = "order-7"};
  while (step.number < count)
    step = co_await workflow::execute_activity(step_type, {.start_to_close_timeout = 10s}, step);
  co_return step.number;
}

void set_json(const std::string& json, api::common::v1::Payload* out) {
  (*out->mutable_metadata())["encoding"] = "json/plain";
  out->set_data(json);
}
void set_step(int number, api::common::v1::Payload* out) {
  set_json(R"({"order":"order-7","number":)" + std::to_string(number) + "}", out);
}

History history_of(int steps, std::size_t run) {
  return History::from_bytes("steps-" + std::to_string(run), Written(steps, run).bytes());
}

std::string Answerer::answer(const std::string& bytes) {
  google::protobuf::Arena arena;  // as the worker's
  auto& activation = *google::protobuf::Arena::CreateMessage<WorkflowActivation>(&arena);
  if (!activation.ParseFromString(bytes) || activation.jobs_size() == 0)
    throw Wrong("this is no activation");
  const auto& last = activation.jobs(activation.jobs_size() - 1);
  if (last.has_remove_from_cache()) {
    const auto& why = last.remove_from_cache();
    const auto verdict =
        detail::verdict(activation.run_id(), why.reason(), why.message(), std::nullopt);
    if (!verdict.ok()) throw Wrong("the replay failed: " + verdict.failure);
    instance_.reset();
    ++ended_;
    coresdk::workflow_completion::WorkflowActivationCompletion completion;
    completion.set_run_id(activation.run_id());
    completion.mutable_successful();
    return completion.SerializeAsString();
  }
  if (!instance_) {
    static const auto definition = std::make_shared<const WorkflowDefinition>(Steps::definition());
    instance_.emplace(definition, InstanceOptions{.task_queue = kTaskQueue});
  }
  const auto completion = instance_->activate(activation);
  if (completion.has_failed())
    throw Wrong("the task failed: " + completion.failed().failure().message());
  return completion.SerializeAsString();
}

double cpu_now() {
  return microseconds(CLOCK_PROCESS_CPUTIME_ID);
}
double thread_cpu_now() {
  return microseconds(CLOCK_THREAD_CPUTIME_ID);
}
double wall_now() {
  return microseconds(CLOCK_MONOTONIC);
}

}  // namespace temporal::bench
