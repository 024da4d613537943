// Failures: an immutable value, and the exceptions that carry one.
#pragma once
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace temporal {

struct Payload {
  std::string encoding, data;
  bool operator==(const Payload&) const = default;
};

enum class FailureKind { application, canceled, timeout, activity };

class Failure;
struct FailureFields {
  FailureKind kind = FailureKind::application;
  std::string message = {}, type = {};  // "= {}": without it -Wextra warns at every caller
  bool non_retryable = false;
  std::vector<Payload> details = {};
  std::shared_ptr<const Failure> cause = {};
};

class Failure {  // copying is noexcept, so an exception may carry one
 public:
  explicit Failure(FailureFields f) : fields_(std::make_shared<FailureFields>(std::move(f))) {}
  FailureKind kind() const { return fields_->kind; }
  const std::string& message() const { return fields_->message; }
  const std::string& type() const { return fields_->type; }
  bool non_retryable() const { return fields_->non_retryable; }
  const Failure* cause() const { return fields_->cause.get(); }
  const Failure& root() const { return cause() ? cause()->root() : *this; }
  static Failure from(std::exception_ptr);
  static Failure canceled(std::string reason) {
    return Failure({.kind = FailureKind::canceled, .message = std::move(reason)});
  }

 private:
  std::shared_ptr<const FailureFields> fields_;
};

class TemporalFailure : public std::exception {
 public:
  explicit TemporalFailure(Failure f) : failure_(std::move(f)) {}
  const Failure& failure() const { return failure_; }
  const char* what() const noexcept override { return failure_.message().c_str(); }

 private:
  Failure failure_;
};
struct ApplicationFailureOptions {
  std::string type = {};
  bool non_retryable = false;
};
struct ApplicationFailure : TemporalFailure {
  using TemporalFailure::TemporalFailure;
  explicit ApplicationFailure(std::string message, ApplicationFailureOptions o = {})
      : TemporalFailure(Failure({.message = std::move(message),
                                 .type = std::move(o.type),
                                 .non_retryable = o.non_retryable})) {}
};
struct CanceledFailure : TemporalFailure {
  using TemporalFailure::TemporalFailure;
};
struct TimeoutFailure : TemporalFailure {
  using TemporalFailure::TemporalFailure;
};
struct ActivityFailure : TemporalFailure {
  using TemporalFailure::TemporalFailure;
};
struct ConversionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void throw_failure(const Failure& f) {
  switch (f.kind()) {
    case FailureKind::canceled:
      throw CanceledFailure(f);
    case FailureKind::timeout:
      throw TimeoutFailure(f);
    case FailureKind::activity:
      throw ActivityFailure(f);
    case FailureKind::application:
      break;
  }
  throw ApplicationFailure(f);
}

inline Failure Failure::from(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const TemporalFailure& e) {
    return e.failure();
  } catch (const std::exception& e) {
    return Failure({.message = e.what(), .type = typeid(e).name()});
  } catch (...) {
    return Failure({.message = "unknown exception"});
  }
}

}  // namespace temporal
