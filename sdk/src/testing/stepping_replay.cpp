// One replay by Core, whose activations are run when they are asked for.
#include <temporal/api/history/v1/message.pb.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <future>
#include <map>
#include <stdexcept>
#include <utility>

#include "bridge/replay.h"
#include "temporal/replay.h"
#include "worker/codec.h"
#include "worker/core_options.h"
#include "worker/verdict.h"
#include "workflow/ends_run.h"
#include "workflow/instance.h"

namespace temporal::testing {

namespace {

using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_completion::WorkflowActivationCompletion;
using Command = coresdk::workflow_commands::WorkflowCommand;
using Job = coresdk::workflow_activation::WorkflowActivationJob;

// The answer of a call of Core; it comes on another thread.
template <class T, class Start>
bridge::Result<T> answer(Start start) {
  auto came = std::make_shared<std::promise<bridge::Result<T>>>();
  auto result = came->get_future();
  start([came](bridge::Result<T> r) { came->set_value(std::move(r)); });
  return result.get();
}

std::string numbered(const char* what, std::uint32_t seq) {
  return std::string(what) + " (" + std::to_string(seq) + ")";
}

// "schedule_activity 2 reserveInventory": the name of what it is, its number, whom it is about.
std::string text(const std::string& variant, std::uint32_t seq, const std::string& about) {
  return variant + (seq ? " " + std::to_string(seq) : "") + (about.empty() ? "" : " " + about);
}

template <class Variant>
std::string name_of(const Variant& variant) {
  const auto* field = Variant::descriptor()->FindFieldByNumber(variant.variant_case());
  return field ? field->name() : "nothing";
}

std::uint32_t seq_of(const Command& c) {
  if (c.has_start_timer()) return c.start_timer().seq();
  if (c.has_cancel_timer()) return c.cancel_timer().seq();
  if (c.has_schedule_activity()) return c.schedule_activity().seq();
  if (c.has_schedule_local_activity()) return c.schedule_local_activity().seq();
  if (c.has_request_cancel_activity()) return c.request_cancel_activity().seq();
  if (c.has_request_cancel_local_activity()) return c.request_cancel_local_activity().seq();
  if (c.has_start_child_workflow_execution()) return c.start_child_workflow_execution().seq();
  if (c.has_signal_external_workflow_execution())
    return c.signal_external_workflow_execution().seq();
  if (c.has_request_cancel_external_workflow_execution())
    return c.request_cancel_external_workflow_execution().seq();
  return 0;
}

std::string about(const Command& c) {
  if (c.has_schedule_activity()) return c.schedule_activity().activity_type();
  if (c.has_schedule_local_activity()) return c.schedule_local_activity().activity_type();
  if (c.has_start_child_workflow_execution())
    return c.start_child_workflow_execution().workflow_type();
  if (c.has_set_patch_marker()) return c.set_patch_marker().patch_id();
  if (c.has_update_response())
    return c.update_response().has_accepted()   ? "accepted"
           : c.update_response().has_rejected() ? "rejected"
                                                : "completed";
  return {};
}

std::uint32_t seq_of(const Job& j) {
  if (j.has_fire_timer()) return j.fire_timer().seq();
  if (j.has_resolve_activity()) return j.resolve_activity().seq();
  if (j.has_resolve_child_workflow_execution_start())
    return j.resolve_child_workflow_execution_start().seq();
  if (j.has_resolve_child_workflow_execution()) return j.resolve_child_workflow_execution().seq();
  if (j.has_resolve_signal_external_workflow()) return j.resolve_signal_external_workflow().seq();
  if (j.has_resolve_request_cancel_external_workflow())
    return j.resolve_request_cancel_external_workflow().seq();
  return 0;
}

std::string about(const Job& j) {
  if (j.has_initialize_workflow()) return j.initialize_workflow().workflow_type();
  if (j.has_signal_workflow()) return j.signal_workflow().signal_name();
  if (j.has_do_update()) return j.do_update().name();
  if (j.has_notify_has_patch()) return j.notify_has_patch().patch_id();
  return {};
}

// What commands began and no job has ended yet.
class Pending {
 public:
  void add(const Command& c) {
    if (c.has_start_timer()) all_[{'t', seq_of(c)}] = numbered("timer", seq_of(c));
    if (c.has_cancel_timer()) all_.erase({'t', seq_of(c)});
    if (c.has_schedule_activity() || c.has_schedule_local_activity())
      all_[{'a', seq_of(c)}] = numbered(("activity " + about(c)).c_str(), seq_of(c));
    if (c.has_start_child_workflow_execution())
      all_[{'c', seq_of(c)}] = numbered(("child workflow " + about(c)).c_str(), seq_of(c));
    if (c.has_signal_external_workflow_execution())
      all_[{'s', seq_of(c)}] = numbered("signal of another workflow", seq_of(c));
    if (c.has_request_cancel_external_workflow_execution())
      all_[{'x', seq_of(c)}] = numbered("cancel of another workflow", seq_of(c));
    if (temporal::detail::ends_run(c)) all_.clear();
  }
  void remove(const Job& j) {
    if (j.has_fire_timer()) all_.erase({'t', seq_of(j)});
    if (j.has_resolve_activity()) all_.erase({'a', seq_of(j)});
    if (j.has_resolve_child_workflow_execution() ||
        (j.has_resolve_child_workflow_execution_start() &&
         !j.resolve_child_workflow_execution_start().has_succeeded()))
      all_.erase({'c', seq_of(j)});
    if (j.has_resolve_signal_external_workflow()) all_.erase({'s', seq_of(j)});
    if (j.has_resolve_request_cancel_external_workflow()) all_.erase({'x', seq_of(j)});
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const auto& [what, text] : all_) texts.push_back(text);
    return texts;
  }

 private:
  std::map<std::pair<char, std::uint32_t>, std::string> all_;
};

WorkflowActivationCompletion failed(const std::string& run_id, const std::string& message) {
  WorkflowActivationCompletion completion;
  completion.set_run_id(run_id);
  completion.mutable_failed()->mutable_failure()->set_message(message);
  return completion;
}

}  // namespace

class SteppingReplay::Impl {
 public:
  Impl(ReplayerOptions options, History history)
      : options_(std::move(options)),
        worker_{.task_queue = "replay", .registry = options_.registry},
        core_options_(options_.name_space, worker_),
        replay_(options_.runtime->core(), core_options_.get()) {
    result_.workflow_id = history.workflow_id();
    result_.run_id = history.run_id();
    if (!events_.ParseFromString(history.bytes()))
      throw std::invalid_argument("the history is no protobuf of this version");
    auto taken = answer<void>([&](auto handler) {
      replay_.push(history.workflow_id(), history.bytes(), std::move(handler));
    });
    if (!taken)
      throw std::invalid_argument("history of workflow \"" + history.workflow_id() +
                                  "\": " + taken.error().message);
  }
  ~Impl() { end(); }

  // Null after the last.
  const WorkflowActivation* next() {
    while (!next_ && !ended_) {
      auto task = answer<bridge::Worker::Task>(
          [&](auto handler) { replay_.worker()->poll_workflow_activation(std::move(handler)); });
      if (!task || !*task) {
        ended_ = true;
        break;
      }
      WorkflowActivation activation;
      if (!activation.ParseFromString(**task))
        throw std::runtime_error("Core's workflow activation is not protobuf of this version");
      const bool evicts = activation.jobs_size() > 0 &&
                          activation.jobs(activation.jobs_size() - 1).has_remove_from_cache();
      if (evicts)
        evict(activation);
      else
        next_ = std::move(activation);
    }
    return next_ ? &*next_ : nullptr;
  }

  std::vector<std::string> next_events() {
    std::vector<std::string> lines;
    const auto* activation = next();
    if (!activation) return lines;
    constexpr std::string_view kPrefix = "EVENT_TYPE_";
    for (const auto& event : events_.events()) {
      if (event.event_id() <= shown_ || event.event_id() > activation->history_length()) continue;
      auto type = temporal::api::enums::v1::EventType_Name(event.event_type());
      if (type.starts_with(kPrefix)) type.erase(0, kPrefix.size());
      lines.push_back(std::to_string(event.event_id()) + " " + type);
    }
    return lines;
  }

  std::optional<ReplayStep> step() {
    if (!next()) return {};
    ReplayStep step{.events = next_events()};
    auto activation = *std::exchange(next_, std::nullopt);
    shown_ = activation.history_length();
    for (const auto& job : activation.jobs()) {
      step.jobs.push_back(text(name_of(job), seq_of(job), about(job)));
      pending_.remove(job);
    }
    auto completion = run(activation);
    if (completion.has_failed()) step.failure = completion.failed().failure().message();
    for (const auto& command : completion.successful().commands()) {
      step.commands.push_back(text(name_of(command), seq_of(command), about(command)));
      pending_.add(command);
    }
    step.waits_for = pending_.texts();
    if (!step.failure.empty()) failed_ = step.failure;
    complete(completion);
    return step;
  }

  ReplayResult result() {
    while (step()) {
    }
    return result_;
  }

 private:
  WorkflowActivationCompletion run(WorkflowActivation& activation) {
    try {
      if (!instance_) make_instance(activation);
      if (codec_) codec_->decode(activation);
      auto completion = instance_->activate(activation);
      if (codec_) codec_->encode(completion);
      return completion;
    } catch (const std::exception& error) {
      return failed(activation.run_id(), error.what());
    }
  }

  void make_instance(const WorkflowActivation& activation) {
    for (const auto& job : activation.jobs()) {
      if (!job.has_initialize_workflow()) continue;
      const auto& type = job.initialize_workflow().workflow_type();
      auto definition = options_.registry.find_workflow(type);
      if (!definition) throw std::runtime_error("workflow type \"" + type + "\" is not registered");
      instance_.emplace(
          std::move(definition),
          InstanceOptions{.name_space = options_.name_space,
                          .task_queue = worker_.task_queue,
                          .converter = options_.data_converter,
                          .log_sink = options_.runtime->log_sink(),
                          .failure_types = options_.failure_types,
                          .patch_activation_callback = options_.patch_activation_callback,
                          .interceptors = options_.workflow_interceptors});
      if (const auto& codec = options_.data_converter.codec())
        codec_.emplace(codec, options_.name_space, worker_.task_queue);
      return;
    }
    throw std::runtime_error("the history does not begin with the start of a workflow");
  }

  // Core ends each replay with one.
  void evict(const WorkflowActivation& activation) {
    const auto& job = activation.jobs(activation.jobs_size() - 1).remove_from_cache();
    auto id = std::move(result_.workflow_id);
    result_ = temporal::detail::verdict(activation.run_id(), job.reason(), job.message(),
                                        std::exchange(failed_, std::nullopt));
    result_.workflow_id = std::move(id);
    instance_.reset();
    WorkflowActivationCompletion completion;
    completion.set_run_id(activation.run_id());
    completion.mutable_successful();
    complete(completion);
    ended_ = true;
  }

  void complete(const WorkflowActivationCompletion& completion) {
    auto taken = answer<void>([&](auto handler) {
      replay_.worker()->complete_workflow_activation(completion.SerializeAsString(),
                                                     std::move(handler));
    });
    if (!taken && result_.failure.empty()) result_.failure = taken.error().message;
  }

  void end() {
    replay_.close();
    replay_.worker()->initiate_shutdown();
    if (next_) complete(failed(next_->run_id(), "the replay was given up"));
    for (;;) {  // Core waits for an answer to all it has given
      auto task = answer<bridge::Worker::Task>(
          [&](auto handler) { replay_.worker()->poll_workflow_activation(std::move(handler)); });
      WorkflowActivation activation;
      if (!task || !*task || !activation.ParseFromString(**task)) break;
      WorkflowActivationCompletion completion;
      completion.set_run_id(activation.run_id());
      completion.mutable_successful();
      complete(completion);
    }
    answer<void>([&](auto handler) { replay_.worker()->finalize_shutdown(std::move(handler)); });
  }

  const ReplayerOptions options_;
  const WorkerOptions worker_;
  const temporal::detail::CoreOptions core_options_;
  bridge::Replay replay_;
  temporal::api::history::v1::History events_;
  std::int64_t shown_ = 0;  // the last event of the steps before
  std::optional<WorkflowActivation> next_;
  std::optional<Instance> instance_;
  std::optional<temporal::detail::WorkflowCodec> codec_;
  Pending pending_;
  std::optional<std::string> failed_;
  ReplayResult result_;
  bool ended_ = false;
};

namespace {

ReplayerOptions completed(ReplayerOptions options) {
  if (!options.registry.has_workflows())
    throw std::invalid_argument("ReplayerOptions::registry has no workflows");
  if (!options.runtime) options.runtime = Runtime::shared_default();
  return options;
}

}  // namespace

SteppingReplay::SteppingReplay(ReplayerOptions options, History history)
    : impl_(std::make_unique<Impl>(completed(std::move(options)), std::move(history))) {}
SteppingReplay::~SteppingReplay() = default;
std::vector<std::string> SteppingReplay::next_events() {
  return impl_->next_events();
}
std::optional<ReplayStep> SteppingReplay::step() {
  return impl_->step();
}
ReplayResult SteppingReplay::result() {
  return impl_->result();
}

}  // namespace temporal::testing
