#include "temporal/value.h"

#include "temporal/converter.h"
#include "temporal/determinism.h"

namespace temporal {
namespace {

const SerializationContext kNoContext;

}  // namespace

void detail::fail_nothing(std::string_view type) {
  throw ConversionError("there is nothing (binary/null) where a " + std::string(type) +
                        " is asked for");
}

const detail::Encoded& detail::nothing() {
  static const Encoded null{.payload = {.metadata = {{"encoding", "binary/null"}}}};
  return null;
}

void detail::Encoded::decode(ObjectSlot& slot) const {
  Allowed allowed;
  const auto& by = converter ? *converter : standard_chain();
  by.from_payload(payload, slot, context ? *context : kNoContext);
}

Payload detail::to_payload(const ObjectView& view, const PayloadConverter* converter,
                           const SerializationContext& context) {
  Allowed allowed;
  auto payload = (converter ? *converter : standard_chain()).to_payload(view, context);
  if (!payload)
    throw ConversionError("no converter takes a value of type " + std::string(view.type().name()));
  return std::move(*payload);
}

Payload Value::to_payload(const PayloadConverter* converter,
                          const SerializationContext& context) const {
  if (object_) return object_->encode(converter, context);
  if (encoded_) return encoded_->payload;
  return detail::to_payload(detail::NothingView(), converter, context);
}

void Value::fail_type(std::string_view wanted) const {
  throw ConversionError("the value is a " +
                        std::string(object_    ? object_->type().name()
                                    : encoded_ ? "payload not yet decoded"
                                               : "nothing") +
                        ", asked for is a " + std::string(wanted));
}

}  // namespace temporal
