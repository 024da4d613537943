#include "data/type_names.h"

#include <google/protobuf/descriptor.h>

#include <array>

namespace temporal::detail {
namespace {

struct Renamed {
  std::string_view here, wire;
};
// What sdk/api/classes/CMakeLists.txt renames.
constexpr std::array kRenamed = {
    Renamed{"temporal.api.namespace_.v1.", "temporal.api.namespace.v1."},
    Renamed{"temporal.api.export_.v1.", "temporal.api.export.v1."},
};

}  // namespace

std::string wire_name(std::string_view full_name) {
  for (const auto& package : kRenamed)
    if (full_name.starts_with(package.here))
      return std::string(package.wire) + std::string(full_name.substr(package.here.size()));
  return std::string(full_name);
}

std::string wire_name(const google::protobuf::Descriptor& type) {
  return wire_name(type.full_name());
}

}  // namespace temporal::detail
