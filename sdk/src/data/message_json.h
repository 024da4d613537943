// Protobuf's JSON of any message; temporal/api.h declares the same for users.
#pragma once
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace temporal::api {

std::string to_json(const google::protobuf::Message& message);
void from_json(std::string_view text, google::protobuf::Message& message);

}  // namespace temporal::api
