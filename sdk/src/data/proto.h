// Between the SDK's values and Temporal's protobuf messages. Nothing here waits; what runs a user's
// converter may throw ConversionError, the rest does not throw.
#pragma once
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <temporal/api/common/v1/message.pb.h>
#include <temporal/api/deployment/v1/message.pb.h>
#include <temporal/api/enums/v1/workflow.pb.h>
#include <temporal/api/failure/v1/message.pb.h>
#include <temporal/api/workflow/v1/message.pb.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "temporal/converter.h"
#include "temporal/failure.h"
#include "temporal/options.h"
#include "temporal/search_attributes.h"

namespace temporal::detail {

namespace common = temporal::api::common::v1;
namespace enums = temporal::api::enums::v1;
using PayloadList = google::protobuf::RepeatedPtrField<common::Payload>;
using PayloadMap = google::protobuf::Map<std::string, common::Payload>;

// Time. Protobuf has nanoseconds; what is finer than the SDK's type is rounded down.
std::chrono::milliseconds from_proto(const google::protobuf::Duration& duration);
std::chrono::system_clock::time_point from_proto(const google::protobuf::Timestamp& time);
google::protobuf::Duration to_proto(std::chrono::nanoseconds duration);
google::protobuf::Timestamp to_proto(std::chrono::system_clock::time_point time);

// Payloads as they are, without a converter.
Payload from_proto(const common::Payload& payload);
Payload from_proto(common::Payload&& payload);
void to_proto(Payload payload, common::Payload* out);
std::vector<Payload> from_proto(const PayloadList& payloads);
std::vector<Payload> from_proto(PayloadList&& payloads);
void to_proto(std::vector<Payload> payloads, PayloadList* out);
std::map<std::string, Payload> from_proto(const PayloadMap& payloads);  // headers
void to_proto(std::map<std::string, Payload> payloads, PayloadMap* out);

// Values, with a converter.
Value from_proto(const common::Payload& payload, const DataConverter& converter,
                 const SerializationContext& context = {});
Values from_proto(const PayloadList& payloads, const DataConverter& converter,
                  const SerializationContext& context = {});
std::map<std::string, Value> from_proto(const PayloadMap& payloads, const DataConverter& converter,
                                        const SerializationContext& context = {});  // memo
void to_proto(const Value& value, const DataConverter& converter,
              const SerializationContext& context, common::Payload* out);
void to_proto(const Values& values, const DataConverter& converter,
              const SerializationContext& context, PayloadList* out);
void to_proto(const std::map<std::string, Value>& values, const DataConverter& converter,
              const SerializationContext& context, PayloadMap* out);

// Failures, with their causes.
Failure from_proto(const temporal::api::failure::v1::Failure& failure,
                   const DataConverter& converter, const SerializationContext& context = {});
void to_proto(const Failure& failure, const DataConverter& converter,
              const SerializationContext& context, temporal::api::failure::v1::Failure* out);

// Search attributes, always in json/plain. What another SDK wrote and cannot be read is left out.
SearchAttributes from_proto(const common::SearchAttributes& attributes);
common::SearchAttributes to_proto(const SearchAttributes& attributes);

// Options.
RetryPolicy from_proto(const common::RetryPolicy& policy);
common::RetryPolicy to_proto(const RetryPolicy& policy);
Priority from_proto(const common::Priority& priority);
common::Priority to_proto(const Priority& priority);
WorkerDeploymentVersion from_proto(
    const temporal::api::deployment::v1::WorkerDeploymentVersion& version);
temporal::api::deployment::v1::WorkerDeploymentVersion to_proto(
    const WorkerDeploymentVersion& version);
VersioningOverride from_proto(const temporal::api::workflow::v1::VersioningOverride& override);
temporal::api::workflow::v1::VersioningOverride to_proto(const VersioningOverride& override);
enums::WorkflowIdReusePolicy to_proto(WorkflowIdReusePolicy policy);
enums::WorkflowIdConflictPolicy to_proto(WorkflowIdConflictPolicy policy);
enums::ParentClosePolicy to_proto(ParentClosePolicy policy);
enums::VersioningBehavior to_proto(VersioningBehavior behavior);

}  // namespace temporal::detail
