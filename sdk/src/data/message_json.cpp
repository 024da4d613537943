#include "data/message_json.h"

#include <google/protobuf/util/json_util.h>

#include "data/type_names.h"
#include "temporal/protobuf.h"

namespace temporal {

std::string api::to_json(const google::protobuf::Message& message) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text);
  if (!status.ok())
    throw ConversionError(detail::wire_name(*message.GetDescriptor()) +
                          " does not become JSON: " + status.ToString());
  return text;
}

void api::from_json(std::string_view text, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message, options);
  if (!status.ok())
    throw ConversionError("no JSON of " + detail::wire_name(*message.GetDescriptor()) + ": " +
                          status.ToString());
}

void detail::write_message(JsonOut out, const google::protobuf::Message& message) {
  const auto text = api::to_json(message);
  read_json(
      text, [](const JsonIn& in, void* to) { copy_json(in, *static_cast<JsonOut*>(to)); }, &out);
}

void detail::read_message(const JsonIn& in, google::protobuf::Message& message) {
  std::string text;
  write_json(
      text,
      [](JsonOut out, const void* from) { copy_json(*static_cast<const JsonIn*>(from), out); },
      &in);
  try {
    api::from_json(text, message);
  } catch (const ConversionError& e) {
    in.fail(e.what());
  }
}

}  // namespace temporal
