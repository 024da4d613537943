// The only file that knows Boost.JSON.
#include "temporal/json.h"

#include <boost/json.hpp>

namespace temporal {
namespace bj = boost::json;
namespace {
bj::value& of(void* v) {
  return *static_cast<bj::value*>(v);
}
const bj::value& of(const void* v) {
  return *static_cast<const bj::value*>(v);
}
}  // namespace

void JsonOut::null() {
  of(value_) = nullptr;
}
void JsonOut::boolean(bool b) {
  of(value_) = b;
}
void JsonOut::integer(std::int64_t i) {
  of(value_) = i;
}
void JsonOut::natural(std::uint64_t i) {
  of(value_) = i;
}
void JsonOut::number(double d) {
  of(value_) = d;
}
void JsonOut::string(std::string_view s) {
  of(value_) = bj::string_view(s.data(), s.size());
}
void JsonOut::object() {
  of(value_).emplace_object();
}
void JsonOut::array() {
  of(value_).emplace_array();
}
JsonOut JsonOut::member(std::string_view k) {
  return JsonOut(
      &of(value_).as_object().emplace(bj::string_view(k.data(), k.size()), nullptr).first->value());
}
JsonOut JsonOut::element() {
  return JsonOut(&of(value_).as_array().emplace_back(nullptr));
}

bool JsonIn::is_null() const {
  return of(value_).is_null();
}
bool JsonIn::boolean() const {
  return of(value_).is_bool() ? of(value_).get_bool() : (fail("is no boolean"), false);
}
std::int64_t JsonIn::integer() const {
  bj::error_code ec;
  auto n = of(value_).to_number<std::int64_t>(ec);
  return ec ? (fail("is no whole number"), 0) : n;
}
std::uint64_t JsonIn::natural() const {
  bj::error_code ec;
  auto n = of(value_).to_number<std::uint64_t>(ec);
  return ec ? (fail("is no natural number"), 0) : n;
}
double JsonIn::number() const {
  bj::error_code ec;
  auto n = of(value_).to_number<double>(ec);
  return ec ? (fail("is no number"), 0) : n;
}
std::string_view JsonIn::string() const {
  if (!of(value_).is_string()) fail("is no string");
  return {of(value_).get_string().data(), of(value_).get_string().size()};
}
void JsonIn::expect_object() const {
  if (!of(value_).is_object()) fail("is no object");
}
std::size_t JsonIn::size() const {
  return of(value_).is_array() ? of(value_).get_array().size() : (fail("is no array"), 0);
}
JsonIn JsonIn::at(std::size_t i) const {
  return {&of(value_).get_array()[i], this, {}, i};
}
std::optional<JsonIn> JsonIn::find(std::string_view k) const {
  auto* v = of(value_).get_object().if_contains(bj::string_view(k.data(), k.size()));
  return v ? std::optional(JsonIn{v, this, k, 0}) : std::nullopt;
}
std::string JsonIn::path() const {
  if (!parent_) return "$";
  if (key_.data()) return parent_->path() + "." + std::string(key_);
  return parent_->path() + "[" + std::to_string(index_) + "]";
}
void JsonIn::fail(std::string_view what) const {
  throw ConversionError(path() + " " + std::string(what));
}

std::string detail::write_json(void (*write)(JsonOut, const void*), const void* value) {
  bj::value v;
  write(JsonOut(&v), value);
  return bj::serialize(v);
}
void detail::read_json(std::string_view text, void (*read)(const JsonIn&, void*), void* out) {
  bj::error_code ec;
  auto v = bj::parse(bj::string_view(text.data(), text.size()), ec);
  if (ec) throw ConversionError("no JSON: " + ec.message());
  read(JsonIn(&v), out);
}

}  // namespace temporal
