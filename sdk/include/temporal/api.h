// Temporal's own protobuf messages, as protoc generates them: temporal::api::history::v1::History,
// temporal::api::workflowservice::v1::DescribeNamespaceRequest, … For what the SDK has no call of
// its own: raw RPC, details of histories and descriptions.
//
// Two packages have names that C++ cannot spell: temporal.api.namespace.v1 is
// temporal::api::namespace_::v1 here, temporal.api.export.v1 is temporal::api::export_::v1.
//
// A program has one copy of these classes, the SDK's: a second one, generated elsewhere, aborts at
// start ("File already exists in database").
//
// An opt-in header: it includes protobuf's, and takes seconds to compile.
#pragma once
#ifdef linux  // GNU's dialects define it, and a field has that name
#undef linux
#endif
#include <temporal/api/command/v1/message.pb.h>
#include <temporal/api/common/v1/message.pb.h>
#include <temporal/api/errordetails/v1/message.pb.h>
#include <temporal/api/failure/v1/message.pb.h>
#include <temporal/api/history/v1/message.pb.h>
#include <temporal/api/namespace/v1/message.pb.h>
#include <temporal/api/operatorservice/v1/request_response.pb.h>
#include <temporal/api/schedule/v1/message.pb.h>
#include <temporal/api/workflow/v1/message.pb.h>
#include <temporal/api/workflowservice/v1/request_response.pb.h>

#include <string>
#include <string_view>

namespace temporal::api {

// Protobuf's JSON of a message, as the CLI, the Web UI and the other SDKs read and write it.
std::string to_json(const google::protobuf::Message& message);
// Unknown fields are ignored. Throws ConversionError.
void from_json(std::string_view text, google::protobuf::Message& message);

}  // namespace temporal::api
