#include "client/error_details.h"

#include <google/rpc/status.pb.h>
#include <temporal/api/errordetails/v1/message.pb.h>

namespace temporal::detail {

namespace details = temporal::api::errordetails::v1;

namespace {

template <class Detail, class Status>
std::optional<Detail> detail_in(const Status& status) {
  Detail detail;
  for (const auto& any : status.details())
    if (any.UnpackTo(&detail)) return detail;
  return {};
}

}  // namespace

template <class Detail>
std::optional<Detail> error_detail(const RpcError& error) {
  google::rpc::Status status;
  if (error.details().empty() || !status.ParseFromString(error.details())) return {};
  return detail_in<Detail>(status);
}

void throw_start_error(const RpcError& error, const StartWorkflowInput& input) {
  if (error.code() == RpcCode::already_exists) {
    if (auto d = error_detail<details::WorkflowExecutionAlreadyStartedFailure>(error))
      throw WorkflowAlreadyStartedError(input.options.id, input.workflow_type, d->run_id());
  }
  throw error;
}

// Of the two operations the one that failed; the other was only aborted with it.
void throw_with_start_error(const RpcError& error, const StartWorkflowInput& input) {
  auto multi = error_detail<details::MultiOperationExecutionFailure>(error);
  if (!multi) throw_update_error(error);
  for (const auto& status : multi->statuses()) {
    using Aborted = temporal::api::failure::v1::MultiOperationExecutionAborted;
    if (status.code() == 0 || detail_in<Aborted>(status)) continue;
    if (auto started = detail_in<details::WorkflowExecutionAlreadyStartedFailure>(status))
      throw WorkflowAlreadyStartedError(input.options.id, input.workflow_type, started->run_id());
    throw_update_error(RpcError(static_cast<RpcCode>(status.code()), status.message()));
  }
  throw_update_error(error);
}

void throw_query_error(const RpcError& error, const Core& core,
                       const SerializationContext& context) {
  if (error.code() == RpcCode::invalid_argument) {
    if (auto d = error_detail<details::QueryFailedFailure>(error)) {
      auto failure = d->has_failure() ? from_proto(d->failure(), core->converter(), context)
                                      : Failure({.message = error.what()});
      const auto message = "the query failed: " + failure.message();
      throw QueryFailedError(message, std::move(failure));
    }
  }
  throw error;
}

void throw_update_error(const RpcError& error) {
  if (error.code() == RpcCode::deadline_exceeded)
    throw TimeoutError("the update's outcome was not known within the call's timeout");
  throw error;
}

}  // namespace temporal::detail
