// The names of Temporal's messages as other languages know them.
#pragma once
#include <string>
#include <string_view>

namespace google::protobuf {
class Descriptor;
}

namespace temporal::detail {

// sdk/api renames packages that C++ cannot spell: temporal.api.namespace_.v1.NamespaceInfo is, on
// the wire of JSON and Any, temporal.api.namespace.v1.NamespaceInfo.
std::string wire_name(std::string_view full_name);
std::string wire_name(const google::protobuf::Descriptor& type);

}  // namespace temporal::detail
