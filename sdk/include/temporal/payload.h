// Payload: a value as it travels and as histories keep it, bytes and what they mean.
//
// Users meet it in converters, codecs and headers; elsewhere the SDK turns C++ objects into
// payloads and back (temporal/value.h, temporal/converter.h).
//
// metadata["encoding"] names who can decode it, in Temporal's words for every SDK:
//   binary/null       nothing: void, an empty optional; no data
//   binary/plain      bytes as they are
//   json/plain        JSON
//   json/protobuf, binary/protobuf   a protobuf message; metadata["messageType"] has its full name
// Source: the default data converter of https://docs.temporal.io/default-custom-data-converters.
#pragma once
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace temporal {

struct Payload {
  std::map<std::string, std::string> metadata = {};  // values are bytes
  std::string data = {};                             // bytes
  // Sizes in bytes of what external storage keeps in place of data; empty: all is in data.
  std::vector<std::int64_t> external_sizes = {};

  std::string_view encoding() const {  // metadata["encoding"], "" when there is none
    const auto found = metadata.find("encoding");
    return found == metadata.end() ? std::string_view() : std::string_view(found->second);
  }
  bool operator==(const Payload&) const = default;
};

// What interceptors send along with a call, beside its arguments.
using Headers = std::map<std::string, Payload>;

// Bytes that are no text: binary/plain as an argument or result, base64 inside JSON.
struct Bytes {
  std::string data = {};
  bool operator==(const Bytes&) const = default;
};

// An argument or result that no converter touches: it is sent, and taken, as it is.
struct RawValue {
  Payload payload = {};
  bool operator==(const RawValue&) const = default;
};

// A value that does not become a payload, or a payload that does not become the type asked for. Its
// text names the place: "$.lines[1].item is no string". No TemporalFailure: in the arguments of a
// workflow's run it fails the task, to be mended by a deployment, and not the workflow.
class ConversionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ConversionError(const ConversionError&) = default;
  ~ConversionError() override;
};

}  // namespace temporal
