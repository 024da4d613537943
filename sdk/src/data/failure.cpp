#include "temporal/failure.h"

#include <cxxabi.h>

#include <cstdlib>
#include <stdexcept>
#include <typeinfo>

#include "temporal/error.h"

namespace temporal {
namespace {

const std::string kNone;
const Values kNoValues;

std::string demangled(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return name ? name.get() : type.name();
}

template <class Info, class... Others>
Failure checked(Failure f) {
  if (!f.info<Info>() && !(f.info<Others>() || ...))
    throw std::logic_error("temporal: a failure of kind " + std::string(to_string(f.kind())) +
                           " does not fit this exception");
  return f;
}

template <class E>
std::shared_ptr<const Failure> cause_of(const E& e) {
  if (const auto* failed = dynamic_cast<const FailedError*>(&e))
    return std::make_shared<Failure>(failed->failure());
  const auto* nested = dynamic_cast<const std::nested_exception*>(&e);
  if (!nested || !nested->nested_ptr()) return {};
  return std::make_shared<Failure>(Failure::from(nested->nested_ptr()));
}

}  // namespace

ConversionError::~ConversionError() = default;

std::string_view to_string(FailureKind kind) {
  return detail::enumerators<FailureKind>[static_cast<std::size_t>(kind)];
}

Failure::Failure(FailureFields f) : fields_(std::make_shared<FailureFields>(std::move(f))) {}

const Failure& Failure::root() const {
  const Failure* f = this;
  while (f->cause()) f = f->cause();
  return *f;
}

const std::string& Failure::type() const {
  if (const auto* application = info<ApplicationFailureInfo>()) return application->type;
  if (const auto* handler = info<NexusHandlerFailureInfo>()) return handler->type;
  return kNone;
}

bool Failure::non_retryable() const {
  if (const auto* application = info<ApplicationFailureInfo>()) return application->non_retryable;
  if (const auto* server = info<ServerFailureInfo>()) return server->non_retryable;
  if (const auto* handler = info<NexusHandlerFailureInfo>())
    return handler->retry_behavior == NexusRetryBehavior::non_retryable;
  return false;
}

const Values& Failure::details() const {
  if (const auto* application = info<ApplicationFailureInfo>()) return application->details;
  if (const auto* canceled = info<CanceledFailureInfo>()) return canceled->details;
  if (const auto* timeout = info<TimeoutFailureInfo>()) return timeout->last_heartbeat_details;
  if (const auto* reset = info<ResetWorkflowFailureInfo>()) return reset->last_heartbeat_details;
  return kNoValues;
}

std::string Failure::to_string() const {
  std::string text;
  for (const Failure* f = this; f; f = f->cause()) {
    if (f != this) text += ": ";
    if (!f->type().empty()) text += f->type() + ": ";
    text += f->message();
  }
  return text;
}

Failure Failure::canceled(std::string reason, Values details) {
  return Failure(
      {.message = std::move(reason), .info = CanceledFailureInfo{.details = std::move(details)}});
}

Failure Failure::from(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const TemporalFailure& e) {
    return e.failure();
  } catch (const std::exception& e) {
    return Failure({.message = e.what(),
                    .info = ApplicationFailureInfo{.type = demangled(typeid(e))},
                    .cause = cause_of(e)});
  } catch (...) {
    const auto* type = abi::__cxa_current_exception_type();
    return Failure({.message = "an exception that is no std::exception",
                    .info = ApplicationFailureInfo{.type = type ? demangled(*type) : ""}});
  }
}

TemporalFailure::~TemporalFailure() = default;

ApplicationFailure::ApplicationFailure(Failure f)
    : TemporalFailure(checked<ApplicationFailureInfo>(std::move(f))) {}
ApplicationFailure::ApplicationFailure(std::string message, ApplicationFailureOptions o)
    : TemporalFailure(
          Failure({.message = std::move(message),
                   .info = ApplicationFailureInfo{.type = std::move(o.type),
                                                  .non_retryable = o.non_retryable,
                                                  .details = std::move(o.details),
                                                  .next_retry_delay = o.next_retry_delay,
                                                  .category = o.category},
                   .cause = std::move(o.cause)})) {}
ApplicationFailure::~ApplicationFailure() = default;

CanceledFailure::CanceledFailure(Failure f)
    : TemporalFailure(checked<CanceledFailureInfo>(std::move(f))) {}
CanceledFailure::CanceledFailure(std::string reason, Values details)
    : TemporalFailure(Failure::canceled(std::move(reason), std::move(details))) {}
CanceledFailure::~CanceledFailure() = default;

TimeoutFailure::TimeoutFailure(Failure f)
    : TemporalFailure(checked<TimeoutFailureInfo>(std::move(f))) {}
TimeoutFailure::~TimeoutFailure() = default;

TerminatedFailure::TerminatedFailure(Failure f)
    : TemporalFailure(checked<TerminatedFailureInfo>(std::move(f))) {}
TerminatedFailure::~TerminatedFailure() = default;

ServerFailure::ServerFailure(Failure f)
    : TemporalFailure(checked<ServerFailureInfo, ResetWorkflowFailureInfo>(std::move(f))) {}
ServerFailure::~ServerFailure() = default;

ActivityFailure::ActivityFailure(Failure f)
    : TemporalFailure(checked<ActivityFailureInfo>(std::move(f))) {}
ActivityFailure::~ActivityFailure() = default;

ChildWorkflowFailure::ChildWorkflowFailure(Failure f)
    : TemporalFailure(checked<ChildWorkflowFailureInfo>(std::move(f))) {}
ChildWorkflowFailure::~ChildWorkflowFailure() = default;

NexusOperationFailure::NexusOperationFailure(Failure f)
    : TemporalFailure(checked<NexusOperationFailureInfo, NexusHandlerFailureInfo>(std::move(f))) {}
NexusOperationFailure::~NexusOperationFailure() = default;

void throw_failure(const Failure& f) {
  switch (f.kind()) {
    case FailureKind::application:
      throw ApplicationFailure(f);
    case FailureKind::canceled:
      throw CanceledFailure(f);
    case FailureKind::timeout:
      throw TimeoutFailure(f);
    case FailureKind::terminated:
      throw TerminatedFailure(f);
    case FailureKind::server:
    case FailureKind::reset_workflow:
      throw ServerFailure(f);
    case FailureKind::activity:
      throw ActivityFailure(f);
    case FailureKind::child_workflow:
      throw ChildWorkflowFailure(f);
    case FailureKind::nexus_operation:
    case FailureKind::nexus_handler:
      throw NexusOperationFailure(f);
  }
  std::abort();
}

}  // namespace temporal
