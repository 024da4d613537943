// Protobuf messages as payloads. As an argument or a result a message needs nothing but its own
// generated header: it travels as json/protobuf, as in the other SDKs, and binary/protobuf is read
// too. This header adds messages as members of JSON: in an aggregate, a vector, a map.
//
//   struct Shipment { OrderId order_id; acme::v1::Address address; };   // address: protobuf's JSON
//
// An opt-in header: it includes protobuf's, and the program links libprotobuf.
#pragma once
#include <google/protobuf/message.h>

#include <concepts>
#include <memory>

#include "temporal/json.h"

namespace temporal {

namespace detail {
void write_message(JsonOut out, const google::protobuf::Message& message);
void read_message(const JsonIn& in, google::protobuf::Message& message);  // unknown fields ignored
}  // namespace detail

template <class T>
  requires std::derived_from<T, google::protobuf::Message>
struct Json<T> {
  static void write(JsonOut out, const T& message) { detail::write_message(out, message); }
  static T read(const JsonIn& in) {
    T message;
    detail::read_message(in, message);
    return message;
  }
};

}  // namespace temporal
