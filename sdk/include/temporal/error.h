// What a client's calls throw. All derive from Error; Temporal's own failures, which an error may
// have as its cause, are in temporal/failure.h.
//
//   RpcError                     the server or the network: code() says what, and whether to retry
//   WorkflowAlreadyStartedError  start_workflow: the id is taken
//   WorkflowFailedError          result(): the workflow ended other than completed; failure() says how
//   UpdateFailedError            an update was refused or failed; failure() says why
//   QueryRejectedError           query(): the reject condition held; status() of the workflow
//   QueryFailedError             query(): the handler threw, or there is none
//   TimeoutError                 the wait of an update ended before its outcome was known
//
// Wrong use is std::logic_error or std::invalid_argument; data that does not decode is
// ConversionError.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "temporal/failure.h"

namespace temporal {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  Error(const Error&) = default;
  Error(Error&&) = default;
  Error& operator=(const Error&) = default;
  Error& operator=(Error&&) = default;
  ~Error() override;
};

// gRPC's codes (grpc.io/docs/guides/status-codes), by their numbers.
enum class RpcCode : std::uint8_t {
  ok = 0,
  canceled = 1,  // by the caller: stop token, cancel(), destroyed Async
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,  // RpcOptions::timeout is over
  not_found = 5,          // no such workflow, namespace, …; or it ended before
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,  // the server cannot be reached
  data_loss = 15,
  unauthenticated = 16,
};
std::string_view to_string(RpcCode code);  // "not_found"

class RpcError : public Error {
 public:
  RpcError(RpcCode code, const std::string& message, std::string details = {});
  RpcError(const RpcError&) = default;
  RpcError(RpcError&&) = default;
  RpcError& operator=(const RpcError&) = default;
  RpcError& operator=(RpcError&&) = default;
  ~RpcError() override;
  RpcCode code() const { return code_; }
  // A google.rpc.Status in protobuf, where the server sent one.
  const std::string& details() const { return details_; }

 private:
  RpcCode code_;
  std::string details_;
};

class WorkflowAlreadyStartedError : public Error {
 public:
  WorkflowAlreadyStartedError(std::string workflow_id, std::string workflow_type,
                              std::string run_id);
  WorkflowAlreadyStartedError(const WorkflowAlreadyStartedError&) = default;
  ~WorkflowAlreadyStartedError() override;
  const std::string& workflow_id() const { return workflow_id_; }
  const std::string& workflow_type() const { return workflow_type_; }  // that was to be started
  const std::string& run_id() const { return run_id_; }                // that has the id

 private:
  std::string workflow_id_, workflow_type_, run_id_;
};

// Those with a Failure behind them. throw_failure(error.failure()) throws it as its own type.
class FailedError : public Error {
 public:
  FailedError(const std::string& message, Failure failure);
  FailedError(const FailedError&) = default;
  ~FailedError() override;
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

class WorkflowFailedError : public FailedError {
 public:
  using FailedError::FailedError;
  WorkflowFailedError(const WorkflowFailedError&) = default;
  ~WorkflowFailedError() override;
};

class UpdateFailedError : public FailedError {
 public:
  using FailedError::FailedError;
  UpdateFailedError(const UpdateFailedError&) = default;
  ~UpdateFailedError() override;
};

class QueryFailedError : public FailedError {
 public:
  using FailedError::FailedError;
  QueryFailedError(const QueryFailedError&) = default;
  ~QueryFailedError() override;
};

// By the numbers of temporal.api.enums.v1.WorkflowExecutionStatus.
enum class WorkflowStatus : std::uint8_t {
  unspecified = 0,
  running = 1,
  completed = 2,
  failed = 3,
  canceled = 4,
  terminated = 5,
  continued_as_new = 6,
  timed_out = 7,
  paused = 8,
};
std::string_view to_string(WorkflowStatus status);  // "continued_as_new"

class QueryRejectedError : public Error {
 public:
  explicit QueryRejectedError(WorkflowStatus status);
  QueryRejectedError(const QueryRejectedError&) = default;
  ~QueryRejectedError() override;
  WorkflowStatus status() const { return status_; }

 private:
  WorkflowStatus status_;
};

// result() of a run that goes on in another one, and was not to be followed.
class WorkflowContinuedAsNewError : public Error {
 public:
  explicit WorkflowContinuedAsNewError(std::string new_run_id);
  WorkflowContinuedAsNewError(const WorkflowContinuedAsNewError&) = default;
  ~WorkflowContinuedAsNewError() override;
  const std::string& new_run_id() const { return new_run_id_; }

 private:
  std::string new_run_id_;
};

class TimeoutError : public Error {
 public:
  using Error::Error;
  TimeoutError(const TimeoutError&) = default;
  ~TimeoutError() override;
};

}  // namespace temporal
