// Failures: how a workflow or an activity went wrong, as every Temporal SDK can read it.
//
//   throw ApplicationFailure("card declined", {.type = "CardDeclined", .non_retryable = true});
//
//   try {
//     co_await workflow::execute_activity(charge_payment, options, input);
//   } catch (const ActivityFailure& e) {          // which activity, and why it is not tried again
//     const Failure& why = e.failure().root();    // the ApplicationFailure of the activity
//     if (why.type() == "CardDeclined") …
//   }
//
// Failure is an immutable value; the exceptions carry one. Failure::from and throw_failure turn one
// into the other. What to throw:
//   ApplicationFailure   the business's own failures. The only one to make by hand, as a rule.
//   CanceledFailure      to obey a cancellation; the SDK makes it.
// In a workflow a TemporalFailure ends the run as failed; anything else (but the types that the
// definition lists) is taken for a bug, fails the workflow task, and the run waits for a mended
// worker. In an activity anything else becomes an ApplicationFailure with the C++ type's name,
// which is repeated by the retry policy.
//
// By https://docs.temporal.io/references/failures and temporal/api/failure/v1/message.proto.
#pragma once
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "temporal/payload.h"
#include "temporal/value.h"

namespace temporal {

// The order is that of FailureInfo's alternatives.
enum class FailureKind : std::uint8_t {
  application,
  canceled,
  timeout,
  terminated,
  server,
  reset_workflow,
  activity,
  child_workflow,
  nexus_operation,
  nexus_handler,
};
std::string_view to_string(FailureKind kind);  // "child_workflow"

// Why an activity or child workflow is not tried again. By the numbers of
// temporal.api.enums.v1.RetryState.
enum class RetryState : std::uint8_t {
  unspecified = 0,
  in_progress = 1,
  non_retryable_failure = 2,
  timeout = 3,
  maximum_attempts_reached = 4,
  retry_policy_not_set = 5,
  internal_server_error = 6,
  cancel_requested = 7,
};

// Which timeout it was. By the numbers of temporal.api.enums.v1.TimeoutType.
enum class TimeoutType : std::uint8_t {
  unspecified = 0,
  start_to_close = 1,
  schedule_to_start = 2,
  schedule_to_close = 3,
  heartbeat = 4,
};

// A benign failure is expected: it is logged at debug level and not counted by the failure metric.
// By the numbers of temporal.api.enums.v1.ApplicationErrorCategory.
enum class ApplicationErrorCategory : std::uint8_t { unspecified = 0, benign = 1 };

struct ApplicationFailureInfo {
  std::string type = {};       // what retry policies and callers tell failures apart by
  bool non_retryable = false;  // true: not repeated, whatever the retry policy says
  Values details = {};
  // Before the next attempt, in place of what the retry policy says. Unset: as the policy says.
  std::optional<std::chrono::milliseconds> next_retry_delay = {};
  ApplicationErrorCategory category = ApplicationErrorCategory::unspecified;
};
struct CanceledFailureInfo {
  Values details = {};
  std::string identity = {};  // of the worker that canceled
};
struct TimeoutFailureInfo {
  TimeoutType type = TimeoutType::unspecified;
  Values last_heartbeat_details = {};
};
struct TerminatedFailureInfo {
  std::string identity = {};  // of the client that terminated
};
struct ServerFailureInfo {
  bool non_retryable = false;
};
struct ResetWorkflowFailureInfo {
  Values last_heartbeat_details = {};
};
struct ActivityFailureInfo {
  std::string activity_type = {};
  std::string activity_id = {};
  std::string identity = {};  // of the worker
  RetryState retry_state = RetryState::unspecified;
  std::int64_t scheduled_event_id = 0;
  std::int64_t started_event_id = 0;
};
struct ChildWorkflowFailureInfo {
  std::string workflow_namespace = {};
  std::string workflow_id = {};
  std::string run_id = {};
  std::string workflow_type = {};
  RetryState retry_state = RetryState::unspecified;
  std::int64_t initiated_event_id = 0;
  std::int64_t started_event_id = 0;
};
struct NexusOperationFailureInfo {
  std::string endpoint = {};
  std::string service = {};
  std::string operation = {};
  std::string operation_token = {};
  std::int64_t scheduled_event_id = 0;
};
// By the numbers of temporal.api.enums.v1.NexusHandlerErrorRetryBehavior.
enum class NexusRetryBehavior : std::uint8_t { unspecified = 0, retryable = 1, non_retryable = 2 };
struct NexusHandlerFailureInfo {
  std::string type = {};  // "NOT_FOUND": Nexus' word
  NexusRetryBehavior retry_behavior = NexusRetryBehavior::unspecified;
};

using FailureInfo = std::variant<ApplicationFailureInfo, CanceledFailureInfo, TimeoutFailureInfo,
                                 TerminatedFailureInfo, ServerFailureInfo, ResetWorkflowFailureInfo,
                                 ActivityFailureInfo, ChildWorkflowFailureInfo,
                                 NexusOperationFailureInfo, NexusHandlerFailureInfo>;

class Failure;
struct FailureFields {
  std::string message = {};
  FailureInfo info = {};
  std::shared_ptr<const Failure> cause = {};  // unset: none
  std::string stack_trace = {};               // C++ has none of its own; other SDKs' have one
  std::string source = "CppSDK";              // which SDK made it
};

class Failure {  // copying is noexcept, so an exception may carry one
 public:
  explicit Failure(FailureFields f);

  FailureKind kind() const { return static_cast<FailureKind>(fields_->info.index()); }
  const std::string& message() const { return fields_->message; }
  const std::string& source() const { return fields_->source; }
  const std::string& stack_trace() const { return fields_->stack_trace; }
  const Failure* cause() const { return fields_->cause.get(); }  // null: none
  const Failure& root() const;  // the last of the causes, or itself

  // Of an application (or Nexus handler) failure; "" for another.
  const std::string& type() const;
  // Whether it says itself that it is not to be repeated: an application's or a server's.
  bool non_retryable() const;
  // What the kind adds; null for another kind: info<ActivityFailureInfo>().
  template <class Info>
  const Info* info() const {
    return std::get_if<Info>(&fields_->info);
  }
  const FailureInfo& info() const { return fields_->info; }

  // The details of an application's or a cancellation, the last heartbeat's of a timeout or a
  // reset.
  const Values& details() const;
  // Empty where there are not so many. Throws ConversionError where it is no T.
  template <class T>
  std::optional<T> detail(std::size_t index = 0) const {
    if (index >= details().size()) return {};
    return details()[index].template as<T>();
  }

  // One line with the causes: "Activity task failed: CardDeclined: card declined".
  std::string to_string() const;

  // Of any exception: a TemporalFailure's own; else an ApplicationFailure with the demangled type,
  // what(), and as cause what it nests (std::throw_with_nested) or what a client's FailedError has.
  static Failure from(std::exception_ptr error);
  static Failure canceled(std::string reason, Values details = {});

 private:
  std::shared_ptr<const FailureFields> fields_;
};

class TemporalFailure : public std::exception {
 public:
  explicit TemporalFailure(Failure f) : failure_(std::move(f)) {}
  TemporalFailure(const TemporalFailure&) = default;
  ~TemporalFailure() override;
  const Failure& failure() const { return failure_; }
  const char* what() const noexcept override { return failure_.message().c_str(); }

 protected:
  template <class Info>
  const Info& info() const {
    return *failure_.info<Info>();
  }

 private:
  Failure failure_;
};

struct ApplicationFailureOptions {
  std::string type = {};
  bool non_retryable = false;
  Values details = {};                                             // {Value::of(Refund{…})}
  std::optional<std::chrono::milliseconds> next_retry_delay = {};  // unset: as the policy says
  ApplicationErrorCategory category = ApplicationErrorCategory::unspecified;
  std::shared_ptr<const Failure> cause = {};  // unset: none
};

class ApplicationFailure : public TemporalFailure {
 public:
  // The failure must be of the kind; an std::logic_error else, as for all below.
  explicit ApplicationFailure(Failure f);
  explicit ApplicationFailure(std::string message, ApplicationFailureOptions options = {});
  ApplicationFailure(const ApplicationFailure&) = default;
  ~ApplicationFailure() override;
  const std::string& type() const { return info<ApplicationFailureInfo>().type; }
  bool non_retryable() const { return info<ApplicationFailureInfo>().non_retryable; }
  std::optional<std::chrono::milliseconds> next_retry_delay() const {
    return info<ApplicationFailureInfo>().next_retry_delay;
  }
  ApplicationErrorCategory category() const { return info<ApplicationFailureInfo>().category; }
  const Values& details() const { return info<ApplicationFailureInfo>().details; }
};

class CanceledFailure : public TemporalFailure {
 public:
  explicit CanceledFailure(Failure f);
  explicit CanceledFailure(std::string reason, Values details = {});
  CanceledFailure(const CanceledFailure&) = default;
  ~CanceledFailure() override;
  const Values& details() const { return info<CanceledFailureInfo>().details; }
};

class TimeoutFailure : public TemporalFailure {
 public:
  explicit TimeoutFailure(Failure f);
  TimeoutFailure(const TimeoutFailure&) = default;
  ~TimeoutFailure() override;
  TimeoutType type() const { return info<TimeoutFailureInfo>().type; }
  const Values& last_heartbeat_details() const {
    return info<TimeoutFailureInfo>().last_heartbeat_details;
  }
};

class TerminatedFailure : public TemporalFailure {
 public:
  explicit TerminatedFailure(Failure f);
  TerminatedFailure(const TerminatedFailure&) = default;
  ~TerminatedFailure() override;
};

// The server's own failures, a workflow's reset among them.
class ServerFailure : public TemporalFailure {
 public:
  explicit ServerFailure(Failure f);
  ServerFailure(const ServerFailure&) = default;
  ~ServerFailure() override;
  bool non_retryable() const { return failure().non_retryable(); }
};

// An activity failed for good; failure().cause() says how.
class ActivityFailure : public TemporalFailure {
 public:
  explicit ActivityFailure(Failure f);
  ActivityFailure(const ActivityFailure&) = default;
  ~ActivityFailure() override;
  const std::string& activity_type() const { return info<ActivityFailureInfo>().activity_type; }
  const std::string& activity_id() const { return info<ActivityFailureInfo>().activity_id; }
  const std::string& identity() const { return info<ActivityFailureInfo>().identity; }
  RetryState retry_state() const { return info<ActivityFailureInfo>().retry_state; }
};

// A child workflow failed, or was not started; failure().cause() says how.
class ChildWorkflowFailure : public TemporalFailure {
 public:
  explicit ChildWorkflowFailure(Failure f);
  ChildWorkflowFailure(const ChildWorkflowFailure&) = default;
  ~ChildWorkflowFailure() override;
  const std::string& workflow_id() const { return info<ChildWorkflowFailureInfo>().workflow_id; }
  const std::string& run_id() const { return info<ChildWorkflowFailureInfo>().run_id; }
  const std::string& workflow_type() const {
    return info<ChildWorkflowFailureInfo>().workflow_type;
  }
  RetryState retry_state() const { return info<ChildWorkflowFailureInfo>().retry_state; }
};

// A Nexus operation failed; failure().cause() says how. Also what its handler reports of itself.
class NexusOperationFailure : public TemporalFailure {
 public:
  explicit NexusOperationFailure(Failure f);
  NexusOperationFailure(const NexusOperationFailure&) = default;
  ~NexusOperationFailure() override;
};

// Throws the exception of the failure's kind.
[[noreturn]] void throw_failure(const Failure& f);

}  // namespace temporal
