#include "temporal/converter.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <stdexcept>

#include "data/message_json.h"
#include "data/type_names.h"

namespace temporal {
namespace {

Payload encoded(std::string_view encoding, std::string data) {
  return {.metadata = {{"encoding", std::string(encoding)}}, .data = std::move(data)};
}

class NullConverter final : public EncodingConverter {
 public:
  std::string_view encoding() const override { return "binary/null"; }
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext&) const override {
    if (!object.is_nothing()) return {};
    return encoded(encoding(), {});
  }
  void from_payload(const Payload&, ObjectSlot& slot, const SerializationContext&) const override {
    slot.set_nothing();
  }
};

class BytesConverter final : public EncodingConverter {
 public:
  std::string_view encoding() const override { return "binary/plain"; }
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext&) const override {
    const auto* bytes = object.get_if<Bytes>();
    if (!bytes) return {};
    return encoded(encoding(), bytes->data);
  }
  void from_payload(const Payload& payload, ObjectSlot& slot,
                    const SerializationContext&) const override {
    if (!slot.put(Bytes{payload.data}))
      throw ConversionError("binary/plain is no " + std::string(slot.type_name()) +
                            "; ask for temporal::Bytes");
  }
};

class ProtobufConverter : public EncodingConverter {
 public:
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext&) const final {
    const auto* message = object.message();
    if (!message) return {};
    auto payload = encoded(encoding(), write(*message));
    payload.metadata.emplace("messageType", detail::wire_name(*message->GetDescriptor()));
    return payload;
  }
  void from_payload(const Payload& payload, ObjectSlot& slot,
                    const SerializationContext&) const final {
    auto* message = slot.message();
    if (!message)
      throw ConversionError(std::string(encoding()) + " is no " + std::string(slot.type_name()) +
                            "; ask for a protobuf message");
    read(payload.data, *message);
  }

 private:
  virtual std::string write(const google::protobuf::Message& message) const = 0;
  virtual void read(const std::string& data, google::protobuf::Message& message) const = 0;
};

class ProtobufJsonConverter final : public ProtobufConverter {
 public:
  std::string_view encoding() const override { return "json/protobuf"; }

 private:
  std::string write(const google::protobuf::Message& message) const override {
    return api::to_json(message);
  }
  void read(const std::string& data, google::protobuf::Message& message) const override {
    api::from_json(data, message);
  }
};

class ProtobufBinaryConverter final : public ProtobufConverter {
 public:
  std::string_view encoding() const override { return "binary/protobuf"; }

 private:
  std::string write(const google::protobuf::Message& message) const override {
    return message.SerializeAsString();
  }
  void read(const std::string& data, google::protobuf::Message& message) const override {
    if (!message.ParseFromString(data))
      throw ConversionError("the bytes are no " + message.GetTypeName());
  }
};

class JsonConverter final : public EncodingConverter {
 public:
  std::string_view encoding() const override { return "json/plain"; }
  std::optional<Payload> to_payload(const ObjectView& object,
                                    const SerializationContext&) const override {
    auto payload = encoded(encoding(), {});
    object.write_json(payload.data);
    return payload;
  }
  void from_payload(const Payload& payload, ObjectSlot& slot,
                    const SerializationContext&) const override {
    slot.read_json(payload.data);
  }
};

const std::shared_ptr<const PayloadConverter>& shared_standard_chain() {
  static const std::shared_ptr<const PayloadConverter> chain =
      std::make_shared<ConverterChain>(standard_converters());
  return chain;
}

std::shared_ptr<const DataConverterOptions> completed(DataConverterOptions options) {
  if (!options.payload_converter) options.payload_converter = shared_standard_chain();
  return std::make_shared<DataConverterOptions>(std::move(options));
}

// Most values have none, and then nothing is allocated for it.
std::shared_ptr<const SerializationContext> shared(const SerializationContext& context) {
  if (context == SerializationContext()) return {};
  return std::make_shared<SerializationContext>(context);
}

}  // namespace

PayloadConverter::~PayloadConverter() = default;
PayloadCodec::~PayloadCodec() = default;

const PayloadConverter& detail::standard_chain() {
  return *shared_standard_chain();
}

std::vector<std::shared_ptr<const EncodingConverter>> standard_converters() {
  return {std::make_shared<NullConverter>(), std::make_shared<BytesConverter>(),
          std::make_shared<ProtobufJsonConverter>(), std::make_shared<ProtobufBinaryConverter>(),
          std::make_shared<JsonConverter>()};
}

ConverterChain::ConverterChain(std::vector<std::shared_ptr<const EncodingConverter>> converters)
    : converters_(std::move(converters)) {
  for (auto i = converters_.begin(); i != converters_.end(); ++i)
    if (std::any_of(converters_.begin(), i,
                    [&](const auto& c) { return c->encoding() == (*i)->encoding(); }))
      throw std::invalid_argument("ConverterChain: two converters of encoding " +
                                  std::string((*i)->encoding()));
}

std::optional<Payload> ConverterChain::to_payload(const ObjectView& object,
                                                  const SerializationContext& context) const {
  for (const auto& converter : converters_)
    if (auto payload = converter->to_payload(object, context)) return payload;
  return {};
}

void ConverterChain::from_payload(const Payload& payload, ObjectSlot& slot,
                                  const SerializationContext& context) const {
  const auto encoding = payload.encoding();
  for (const auto& converter : converters_)
    if (converter->encoding() == encoding) return converter->from_payload(payload, slot, context);
  throw ConversionError(encoding.empty() ? "the payload has no metadata \"encoding\""
                                         : "no converter of encoding \"" + std::string(encoding) +
                                               "\"; is it a codec's?");
}

DataConverter::DataConverter()
    : options_([] {
        static const auto standard = completed({});
        return standard;
      }()) {}

DataConverter::DataConverter(DataConverterOptions options)
    : options_(completed(std::move(options))) {}

Payload DataConverter::to_payload(const Value& value, const SerializationContext& context) const {
  return value.to_payload(options_->payload_converter.get(), context);
}

std::vector<Payload> DataConverter::to_payloads(const Values& values,
                                                const SerializationContext& context) const {
  std::vector<Payload> payloads;
  payloads.reserve(values.size());
  for (const auto& value : values) payloads.push_back(to_payload(value, context));
  return payloads;
}

Value DataConverter::to_value(Payload payload, const SerializationContext& context) const {
  return Value(std::move(payload), options_->payload_converter, shared(context));
}

Values DataConverter::to_values(std::vector<Payload> payloads,
                                const SerializationContext& context) const {
  const auto kept = shared(context);
  Values values;
  values.reserve(payloads.size());
  for (auto& payload : payloads)
    values.emplace_back(std::move(payload), options_->payload_converter, kept);
  return values;
}

}  // namespace temporal
