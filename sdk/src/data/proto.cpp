#include "data/proto.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace temporal::detail {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;

}  // namespace

milliseconds from_proto(const google::protobuf::Duration& duration) {
  const auto whole = std::clamp(duration.seconds(), -kMaxSeconds, kMaxSeconds);
  return seconds(whole) + std::chrono::floor<milliseconds>(nanoseconds(duration.nanos()));
}

std::chrono::system_clock::time_point from_proto(const google::protobuf::Timestamp& time) {
  const auto whole = std::clamp(time.seconds(), -kMaxSeconds + 1, kMaxSeconds - 1);
  return std::chrono::system_clock::time_point(duration_cast<std::chrono::system_clock::duration>(
      seconds(whole) + nanoseconds(time.nanos())));
}

google::protobuf::Duration to_proto(nanoseconds duration) {
  google::protobuf::Duration out;  // both parts have the sign
  out.set_seconds(duration_cast<seconds>(duration).count());
  out.set_nanos(static_cast<std::int32_t>((duration % seconds(1)).count()));
  return out;
}

google::protobuf::Timestamp to_proto(std::chrono::system_clock::time_point time) {
  const auto since = duration_cast<nanoseconds>(time.time_since_epoch());
  const auto whole = std::chrono::floor<seconds>(since);  // nanos are never negative here
  google::protobuf::Timestamp out;
  out.set_seconds(whole.count());
  out.set_nanos(static_cast<std::int32_t>((since - whole).count()));
  return out;
}

Payload from_proto(const common::Payload& payload) {
  return from_proto(common::Payload(payload));
}

Payload from_proto(common::Payload&& payload) {
  Payload out;
  for (auto& [key, value] : *payload.mutable_metadata())
    out.metadata.emplace(key, std::move(value));
  out.data = std::move(*payload.mutable_data());
  for (const auto& external : payload.external_payloads())
    out.external_sizes.push_back(external.size_bytes());
  return out;
}

void to_proto(Payload payload, common::Payload* out) {
  out->Clear();
  auto& metadata = *out->mutable_metadata();
  for (auto& [key, value] : payload.metadata) metadata[key] = std::move(value);
  out->set_data(std::move(payload.data));
  for (const auto size : payload.external_sizes) out->add_external_payloads()->set_size_bytes(size);
}

std::vector<Payload> from_proto(const PayloadList& payloads) {
  return from_proto(PayloadList(payloads));
}

std::vector<Payload> from_proto(PayloadList&& payloads) {
  std::vector<Payload> out;
  out.reserve(static_cast<std::size_t>(payloads.size()));
  for (auto& payload : payloads) out.push_back(from_proto(std::move(payload)));
  return out;
}

void to_proto(std::vector<Payload> payloads, PayloadList* out) {
  out->Clear();
  for (auto& payload : payloads) to_proto(std::move(payload), out->Add());
}

std::map<std::string, Payload> from_proto(const PayloadMap& payloads) {
  std::map<std::string, Payload> out;
  for (const auto& [name, payload] : payloads) out.emplace(name, from_proto(payload));
  return out;
}

void to_proto(std::map<std::string, Payload> payloads, PayloadMap* out) {
  out->clear();
  for (auto& [name, payload] : payloads) to_proto(std::move(payload), &(*out)[name]);
}

Value from_proto(const common::Payload& payload, const DataConverter& converter,
                 const SerializationContext& context) {
  return converter.to_value(from_proto(payload), context);
}

Values from_proto(const PayloadList& payloads, const DataConverter& converter,
                  const SerializationContext& context) {
  return converter.to_values(from_proto(payloads), context);
}

std::map<std::string, Value> from_proto(const PayloadMap& payloads, const DataConverter& converter,
                                        const SerializationContext& context) {
  std::map<std::string, Value> out;
  for (const auto& [name, payload] : payloads)
    out.emplace(name, from_proto(payload, converter, context));
  return out;
}

void to_proto(const Value& value, const DataConverter& converter,
              const SerializationContext& context, common::Payload* out) {
  to_proto(converter.to_payload(value, context), out);
}

void to_proto(const Values& values, const DataConverter& converter,
              const SerializationContext& context, PayloadList* out) {
  out->Clear();
  for (const auto& value : values) to_proto(value, converter, context, out->Add());
}

void to_proto(const std::map<std::string, Value>& values, const DataConverter& converter,
              const SerializationContext& context, PayloadMap* out) {
  out->clear();
  for (const auto& [name, value] : values) to_proto(value, converter, context, &(*out)[name]);
}

RetryPolicy from_proto(const common::RetryPolicy& policy) {
  RetryPolicy out;
  if (policy.has_initial_interval()) out.initial_interval = from_proto(policy.initial_interval());
  if (policy.backoff_coefficient() != 0) out.backoff_coefficient = policy.backoff_coefficient();
  out.maximum_interval = from_proto(policy.maximum_interval());
  out.maximum_attempts = policy.maximum_attempts();
  out.non_retryable_error_types.assign(policy.non_retryable_error_types().begin(),
                                       policy.non_retryable_error_types().end());
  return out;
}

common::RetryPolicy to_proto(const RetryPolicy& policy) {
  common::RetryPolicy out;
  *out.mutable_initial_interval() = to_proto(policy.initial_interval);
  out.set_backoff_coefficient(policy.backoff_coefficient);
  if (policy.maximum_interval != milliseconds())
    *out.mutable_maximum_interval() = to_proto(policy.maximum_interval);
  out.set_maximum_attempts(policy.maximum_attempts);
  for (const auto& type : policy.non_retryable_error_types) out.add_non_retryable_error_types(type);
  return out;
}

Priority from_proto(const common::Priority& priority) {
  return {.priority_key = priority.priority_key(),
          .fairness_key = priority.fairness_key(),
          .fairness_weight = priority.fairness_weight()};
}

common::Priority to_proto(const Priority& priority) {
  common::Priority out;
  out.set_priority_key(priority.priority_key);
  out.set_fairness_key(priority.fairness_key);
  out.set_fairness_weight(priority.fairness_weight);
  return out;
}

WorkerDeploymentVersion from_proto(
    const temporal::api::deployment::v1::WorkerDeploymentVersion& version) {
  return {.deployment_name = version.deployment_name(), .build_id = version.build_id()};
}

temporal::api::deployment::v1::WorkerDeploymentVersion to_proto(
    const WorkerDeploymentVersion& version) {
  temporal::api::deployment::v1::WorkerDeploymentVersion out;
  out.set_deployment_name(version.deployment_name);
  out.set_build_id(version.build_id);
  return out;
}

VersioningOverride from_proto(const temporal::api::workflow::v1::VersioningOverride& override) {
  using Kind = VersioningOverride::Kind;
  if (override.has_pinned())
    return {.kind = Kind::pinned, .version = from_proto(override.pinned().version())};
  if (override.has_one_time())
    return {.kind = Kind::one_time,
            .version = from_proto(override.one_time().target_deployment_version())};
  return {};
}

temporal::api::workflow::v1::VersioningOverride to_proto(const VersioningOverride& override) {
  using Proto = temporal::api::workflow::v1::VersioningOverride;
  Proto out;
  switch (override.kind) {
    case VersioningOverride::Kind::auto_upgrade:
      out.set_auto_upgrade(true);
      break;
    case VersioningOverride::Kind::pinned:
      out.mutable_pinned()->set_behavior(Proto::PINNED_OVERRIDE_BEHAVIOR_PINNED);
      *out.mutable_pinned()->mutable_version() = to_proto(override.version);
      break;
    case VersioningOverride::Kind::one_time:
      *out.mutable_one_time()->mutable_target_deployment_version() = to_proto(override.version);
      break;
  }
  return out;
}

enums::WorkflowIdReusePolicy to_proto(WorkflowIdReusePolicy policy) {
  return static_cast<enums::WorkflowIdReusePolicy>(policy);
}
enums::WorkflowIdConflictPolicy to_proto(WorkflowIdConflictPolicy policy) {
  return static_cast<enums::WorkflowIdConflictPolicy>(policy);
}
enums::ParentClosePolicy to_proto(ParentClosePolicy policy) {
  return static_cast<enums::ParentClosePolicy>(policy);
}
enums::VersioningBehavior to_proto(VersioningBehavior behavior) {
  return static_cast<enums::VersioningBehavior>(behavior);
}

}  // namespace temporal::detail
