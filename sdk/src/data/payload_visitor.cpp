#include "data/payload_visitor.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include "data/proto.h"

namespace temporal::detail {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool is_payload(const Descriptor* type) {
  return type == common::Payload::descriptor();
}

bool is_a_codecs(const FieldDescriptor* field) {
  const auto* type = field->message_type();
  if (type == common::SearchAttributes::descriptor() || type == common::Header::descriptor())
    return false;
  const auto& name = field->name();
  const bool is_header_map = name == "headers" || name == "header_fields";
  return !(field->is_map() && is_header_map) && name != "group_values";
}

// For each type the fields by which a payload can be reached. Types refer to each other (a failure
// to its cause), so all that can be reached from a type are looked at together.
class Paths {
 public:
  using Fields = std::vector<const FieldDescriptor*>;

  const Fields& of(const Descriptor* type) {
    const std::lock_guard lock(mutex_);
    const auto known = fields_.find(type);
    return known != fields_.end() ? known->second : learn(type);
  }

 private:
  const Fields& learn(const Descriptor* root) {
    std::set<const Descriptor*> reached;
    reach(root, reached);
    std::set<const Descriptor*> leading = {common::Payload::descriptor()};
    for (bool grown = true; grown;) {  // at most once for each type
      grown = false;
      for (const auto* type : reached)
        if (!leading.contains(type) && !leading_fields(type, leading).empty())
          grown = leading.insert(type).second;
    }
    for (const auto* type : reached) fields_.try_emplace(type, leading_fields(type, leading));
    return fields_.at(root);
  }

  static void reach(const Descriptor* type, std::set<const Descriptor*>& reached) {
    if (is_payload(type) || !reached.insert(type).second) return;
    for (int i = 0; i < type->field_count(); ++i)
      if (const auto* field = type->field(i); field->message_type() && is_a_codecs(field))
        reach(field->message_type(), reached);
  }

  static Fields leading_fields(const Descriptor* type, const std::set<const Descriptor*>& leading) {
    Fields fields;
    for (int i = 0; i < type->field_count(); ++i)
      if (const auto* field = type->field(i);
          field->message_type() && is_a_codecs(field) && leading.contains(field->message_type()))
        fields.push_back(field);
    return fields;
  }

  std::mutex mutex_;
  std::map<const Descriptor*, Fields> fields_;  // places in it are kept while it grows
};

void collect(Message& message, PayloadRefs& found) {
  static Paths paths;
  if (is_payload(message.GetDescriptor()))
    return found.push_back(static_cast<common::Payload*>(&message));
  const auto& reflection = *message.GetReflection();
  for (const auto* field : paths.of(message.GetDescriptor())) {
    if (field->is_repeated()) {
      for (int i = 0, n = reflection.FieldSize(message, field); i < n; ++i)
        collect(*reflection.MutableRepeatedMessage(&message, field, i), found);
    } else if (reflection.HasField(message, field)) {
      collect(*reflection.MutableMessage(&message, field), found);
    }
  }
}

std::vector<Payload> taken(const PayloadRefs& refs) {
  std::vector<Payload> payloads;
  payloads.reserve(refs.size());
  for (const auto* ref : refs) payloads.push_back(from_proto(*ref));
  return payloads;
}

void put(std::vector<Payload> payloads, const PayloadRefs& refs) {
  if (payloads.size() != refs.size())
    throw std::logic_error("the payload codec was given " + std::to_string(refs.size()) +
                           " payloads and gave back " + std::to_string(payloads.size()));
  for (std::size_t i = 0; i < refs.size(); ++i) to_proto(std::move(payloads[i]), refs[i]);
}

}  // namespace

PayloadRefs payloads_in(Message& message) {
  PayloadRefs found;
  collect(message, found);
  return found;
}

Async<void> encode(std::shared_ptr<PayloadCodec> codec, PayloadRefs payloads,
                   SerializationContext context) {
  if (!codec || payloads.empty()) co_return;
  auto encoded = co_await codec->encode(taken(payloads), std::move(context));
  put(std::move(encoded), payloads);
}

Async<void> decode(std::shared_ptr<PayloadCodec> codec, PayloadRefs payloads,
                   SerializationContext context) {
  if (!codec || payloads.empty()) co_return;
  auto decoded = co_await codec->decode(taken(payloads), std::move(context));
  put(std::move(decoded), payloads);
}

}  // namespace temporal::detail
