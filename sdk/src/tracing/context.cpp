// How a span's context travels: W3C's forms, and Temporal's header.
#include <algorithm>
#include <map>
#include <utility>

#include "temporal/converter.h"
#include "temporal/tracing.h"

namespace temporal::tracing {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kLength = 55;  // of a traceparent of version 00
constexpr std::string_view kTraceparent = "traceparent";
constexpr std::string_view kTracestate = "tracestate";
constexpr std::string_view kBaggage = "baggage";

// Upper case is not allowed.
bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = kDigits.find(text[2 * i]);
    const auto low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> id) {
  std::string text;
  text.reserve(2 * id.size());
  for (const std::uint8_t byte : id) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

std::string to_traceparent(const SpanContext& context) {
  return "00-" + to_hex(context.trace_id) + "-" + to_hex(context.span_id) +
         (context.sampled ? "-01" : "-00");
}

std::optional<SpanContext> parse_traceparent(std::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  SpanContext context;
  const bool read = read_hex(text, version) && read_hex(text.substr(3), context.trace_id) &&
                    read_hex(text.substr(36), context.span_id) && read_hex(text.substr(53), flags);
  if (!read || !context.valid() || version[0] == 0xFF) return {};
  const bool longer = text.size() > kLength;
  if (longer && (version[0] == 0 || text[kLength] != '-')) return {};
  context.sampled = (flags[0] & 1U) != 0;
  return context;
}

void write_to(Headers& headers, const SpanContext& context) {
  if (!context.valid()) return;
  std::map<std::string, std::string> carrier{{std::string(kTraceparent), to_traceparent(context)}};
  if (!context.trace_state.empty()) carrier.emplace(kTracestate, context.trace_state);
  if (!context.baggage.empty()) carrier.emplace(kBaggage, context.baggage);
  headers[std::string(kHeader)] = DataConverter().to_payload(Value::of(std::move(carrier)));
}

Headers headers_of(const SpanContext& context) {
  Headers headers;
  write_to(headers, context);
  return headers;
}

SpanContext read_from(const Headers& headers) {
  const auto found = headers.find(std::string(kHeader));
  if (found == headers.end()) return {};
  try {
    using Carrier = std::map<std::string, std::string>;
    auto carrier = DataConverter().to_value(found->second).as<Carrier>();
    auto context = parse_traceparent(carrier[std::string(kTraceparent)]);
    if (!context) return {};
    context->trace_state = std::move(carrier[std::string(kTracestate)]);
    context->baggage = std::move(carrier[std::string(kBaggage)]);
    return *context;
  } catch (const ConversionError&) {
    return {};  // another tracing library's, that no one of ours can go on with
  }
}

}  // namespace temporal::tracing
