// Boost.JSON's values as arguments, results and members: JSON whose shape is not known beforehand.
//
//   struct Event { std::string name; boost::json::value payload; };
//
// An opt-in header: it includes Boost's, and the program links Boost.JSON.
#pragma once
#include <boost/json/value.hpp>
#include <string_view>

#include "temporal/json.h"

namespace temporal {

template <>
struct Json<boost::json::value> {
  static void write(JsonOut out, const boost::json::value& value) {
    switch (value.kind()) {
      case boost::json::kind::null:
        return out.null();
      case boost::json::kind::bool_:
        return out.boolean(value.get_bool());
      case boost::json::kind::int64:
        return out.integer(value.get_int64());
      case boost::json::kind::uint64:
        return out.natural(value.get_uint64());
      case boost::json::kind::double_:
        return out.number(value.get_double());
      case boost::json::kind::string:
        return out.string(std::string_view(value.get_string().data(), value.get_string().size()));
      case boost::json::kind::array:
        out.array();
        for (const auto& element : value.get_array()) write(out.element(), element);
        return;
      case boost::json::kind::object:
        out.object();
        for (const auto& member : value.get_object())
          write(out.member(std::string_view(member.key().data(), member.key().size())),
                member.value());
        return;
    }
  }

  static boost::json::value read(const JsonIn& in) {
    if (in.is_boolean()) return in.boolean();
    if (in.is_whole()) return whole(in);
    if (in.is_number()) return in.number();
    if (in.is_string()) return boost::json::string(in.string());
    if (in.is_array()) {
      boost::json::array array;
      in.for_each_element([&](const JsonIn& element) { array.push_back(read(element)); });
      return array;
    }
    if (in.is_object()) {
      boost::json::object object;
      in.for_each_member(
          [&](std::string_view key, const JsonIn& value) { object.emplace(key, read(value)); });
      return object;
    }
    return nullptr;
  }

 private:
  static boost::json::value whole(const JsonIn& in) {
    if (in.is_beyond_integer()) return in.natural();
    return in.integer();
  }
};

}  // namespace temporal
