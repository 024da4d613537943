// JSON of enumerators, bytes, durations and times.
#include <array>
#include <charconv>
#include <cstdio>

#include "data/base64.h"
#include "data/time.h"
#include "temporal/json.h"

namespace temporal {

void detail::write_enumerator(JsonOut out, std::int64_t value, const std::string_view* names,
                              std::string_view type) {
  if (value < 0 || value >= kEnumeratorLimit || names[value].empty())
    out.fail("is " + std::to_string(value) + ", which is no enumerator of " + std::string(type));
  out.string(names[value]);
}

std::size_t detail::read_enumerator(const JsonIn& in, const std::string_view* names,
                                    std::string_view type) {
  const auto name = in.string();
  for (std::size_t i = 0; i < kEnumeratorLimit; ++i)
    if (!name.empty() && names[i] == name) return i;
  in.fail("is no enumerator of " + std::string(type) + ": " + std::string(name));
}

void Json<Bytes>::write(JsonOut out, const Bytes& v) {
  out.string(detail::to_base64(v.data));
}

Bytes Json<Bytes>::read(const JsonIn& in) {
  auto bytes = detail::from_base64(in.string());
  if (!bytes) in.fail("is no base64");
  return {std::move(*bytes)};
}

void detail::write_duration(JsonOut out, std::chrono::nanoseconds value) {
  out.string(format_duration(value));
}

std::chrono::nanoseconds detail::read_duration(const JsonIn& in) {
  const auto value = parse_duration(in.string());
  if (!value) in.fail("is no duration like \"1.5s\"");
  return *value;
}

void detail::write_time(JsonOut out, std::chrono::sys_time<std::chrono::nanoseconds> value) {
  out.string(format_time(value));
}

std::chrono::sys_time<std::chrono::nanoseconds> detail::read_time(const JsonIn& in) {
  const auto value = parse_time(in.string());
  if (!value) in.fail("is no time like \"2026-01-02T03:04:05Z\"");
  return *value;
}

}  // namespace temporal
