// How C++ objects become payloads, and payloads objects.
//
// A DataConverter is a chain of PayloadConverters and, around it, a codec. The standard one has
// what every Temporal SDK has, in this order: binary/null for nothing, binary/plain for Bytes,
// json/protobuf and binary/protobuf for protobuf messages, json/plain for the rest
// (temporal/json.h). It is set for a client; the workers of the client use it too.
//
//   auto client = Client::connect({.data_converter = DataConverter({.codec = my_encryption})});
//
// Converters run inside workflow code: they are pure and do not wait. What waits or may differ from
// one time to the next (encryption with a fresh nonce, a key server) is a codec's, which runs
// outside.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "temporal/async.h"
#include "temporal/failure.h"
#include "temporal/payload.h"
#include "temporal/value.h"

namespace temporal {

// Whose payload it is, for converters and codecs that choose by it (a key for each namespace, say).
// The workflow's for its arguments, results, signals, queries, updates and memo; the activity's for
// its arguments, result, heartbeats and failures. Empty means not known, or none.
struct SerializationContext {
  std::string workflow_namespace = {};
  std::string workflow_id = {};
  std::string workflow_type = {};
  std::string activity_type = {};  // empty: it is the workflow's
  std::string activity_task_queue = {};
  bool is_local_activity = false;
  bool operator==(const SerializationContext&) const = default;
};

class PayloadConverter {  // one encoding, or several
 public:
  virtual ~PayloadConverter();
  // Empty: the object is not of its kind. Throws ConversionError when it is and cannot be
  // converted.
  virtual std::optional<Payload> to_payload(const ObjectView& object,
                                            const SerializationContext& context) const = 0;
  // Fills in the slot. Throws ConversionError.
  virtual void from_payload(const Payload& payload, ObjectSlot& slot,
                            const SerializationContext& context) const = 0;
};

class EncodingConverter : public PayloadConverter {
 public:
  virtual std::string_view encoding() const = 0;  // what it writes; it is given only such payloads
};

// Asks its converters in turn when it encodes, and the one of the payload's encoding when it
// decodes.
class ConverterChain final : public PayloadConverter {
 public:
  // An std::invalid_argument for two of the same encoding.
  explicit ConverterChain(std::vector<std::shared_ptr<const EncodingConverter>> converters);
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext& context) const override;
  void from_payload(const Payload& payload, ObjectSlot& slot,
                    const SerializationContext& context) const override;

 private:
  std::vector<std::shared_ptr<const EncodingConverter>> converters_;
};

// The five of the standard chain, in its order, to put one's own before, between or in place of.
std::vector<std::shared_ptr<const EncodingConverter>> standard_converters();

// Changes payloads as a whole: encryption, compression, storage elsewhere. It is given those of one
// task or call together, may wait, and is the last to see them on the way out and the first on the
// way in. Called from several tasks at once. Not given to it: search attributes, which the server
// reads, and headers, which interceptors of every SDK read.
class PayloadCodec {
 public:
  virtual ~PayloadCodec();
  // The answer has as many payloads, in the same order. What fails, fails the task; it is tried
  // again.
  virtual Async<std::vector<Payload>> encode(std::vector<Payload> payloads,
                                             SerializationContext context) = 0;
  // Payloads that it did not encode are left as they are.
  virtual Async<std::vector<Payload>> decode(std::vector<Payload> payloads,
                                             SerializationContext context) = 0;
};

struct DataConverterOptions {
  std::shared_ptr<const PayloadConverter> payload_converter = {};  // unset: the standard chain
  std::shared_ptr<PayloadCodec> codec = {};                        // unset: none
  // Whether messages and stack traces of failures are sent as a payload too, so that the codec sees
  // them. They are read back in either case.
  bool encode_common_attributes = false;
};

class DataConverter {  // a value; copies share their parts. Thread-safe as far as its parts are.
 public:
  DataConverter();  // the standard chain, no codec
  explicit DataConverter(DataConverterOptions options);

  // Without the codec. Throws ConversionError.
  Payload to_payload(const Value& value, const SerializationContext& context = {}) const;
  std::vector<Payload> to_payloads(const Values& values,
                                   const SerializationContext& context = {}) const;
  // Decodes nothing yet; Value::as<T>() will.
  Value to_value(Payload payload, const SerializationContext& context = {}) const;
  Values to_values(std::vector<Payload> payloads, const SerializationContext& context = {}) const;

  const PayloadConverter& payload_converter() const { return *options_->payload_converter; }
  const std::shared_ptr<PayloadCodec>& codec() const { return options_->codec; }  // may be null
  bool encode_common_attributes() const { return options_->encode_common_attributes; }

 private:
  std::shared_ptr<const DataConverterOptions> options_;
};

}  // namespace temporal
