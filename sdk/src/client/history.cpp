#include "temporal/history.h"

#include <temporal/api/history/v1/message.pb.h>

#include <boost/json.hpp>
#include <cctype>
#include <stdexcept>
#include <utility>

#include "data/message_json.h"
#include "temporal/payload.h"

namespace temporal {

namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using Proto = temporal::api::history::v1::History;

// Older tools write an enumerator without its type and in CamelCase: "WorkflowExecutionStarted" for
// EVENT_TYPE_WORKFLOW_EXECUTION_STARTED. All of one type share the prefix of its zero.
std::string full_name(const EnumDescriptor& type, std::string_view text) {
  if (type.FindValueByName(std::string(text))) return std::string(text);
  constexpr std::string_view kZero = "UNSPECIFIED";
  const std::string& zero = type.value(0)->name();
  if (!zero.ends_with(kZero)) return std::string(text);
  std::string name = zero.substr(0, zero.size() - kZero.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (i > 0 && std::isupper(c)) name += '_';
    name += static_cast<char>(std::toupper(c));
  }
  return type.FindValueByName(name) ? name : std::string(text);
}

void complete_names(json::value& value, const FieldDescriptor& field);

void complete_names(json::value& value, const Descriptor& type) {
  if (!value.is_object()) return;
  for (auto& member : value.get_object()) {
    const auto* field = type.FindFieldByCamelcaseName(std::string(member.key()));
    if (!field) field = type.FindFieldByName(std::string(member.key()));
    if (field) complete_names(member.value(), *field);
  }
}

void complete_names(json::value& value, const FieldDescriptor& field) {
  if (value.is_array()) {
    for (auto& element : value.get_array()) complete_names(element, field);
  } else if (field.enum_type() && value.is_string()) {
    value = full_name(*field.enum_type(), value.get_string());
  } else if (field.is_map() && value.is_object()) {
    for (auto& member : value.get_object())
      complete_names(member.value(), *field.message_type()->FindFieldByNumber(2));
  } else if (field.message_type() && !field.is_map()) {
    complete_names(value, *field.message_type());
  }
}

Proto parsed(const std::string& bytes) {
  Proto proto;
  if (!proto.ParseFromString(bytes))
    throw std::invalid_argument("the bytes are no temporal.api.history.v1.History");
  return proto;
}

}  // namespace

History History::from_bytes(std::string workflow_id, std::string bytes) {
  static_cast<void>(parsed(bytes));
  return {std::move(workflow_id), std::move(bytes)};
}

History History::from_json(std::string workflow_id, std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error) throw std::invalid_argument("the history is no JSON: " + error.message());
  if (!value.is_object() || !value.get_object().contains("events"))
    throw std::invalid_argument("the history's JSON has no \"events\"");
  complete_names(value, *Proto::descriptor());
  Proto proto;
  try {
    api::from_json(json::serialize(value), proto);  // skips fields of servers newer than this SDK
  } catch (const ConversionError& conversion) {
    throw std::invalid_argument("the history's JSON is none of Temporal's: " +
                                std::string(conversion.what()));
  }
  return {std::move(workflow_id), proto.SerializeAsString()};
}

std::string History::to_json() const {
  return api::to_json(parsed(bytes_));
}

std::string History::run_id() const {
  auto proto = parsed(bytes_);
  if (proto.events().empty()) return {};
  return proto.events(0).workflow_execution_started_event_attributes().original_execution_run_id();
}

std::size_t History::size() const {
  return static_cast<std::size_t>(parsed(bytes_).events_size());
}

}  // namespace temporal
