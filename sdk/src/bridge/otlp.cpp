#include "temporal/otlp.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/crossing.h"
#include "bridge/runtime.h"

namespace temporal {
namespace {

using namespace tracing;

constexpr std::string_view kLibrary = "temporal-cpp";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

template <class Number>
void number_in(const char* name, Number& value) {
  const auto text = variable(name);
  if (text.empty()) return;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value <= 0)
    throw std::invalid_argument(std::string(name) + " is \"" + text +
                                "\", but it takes a whole number above 0");
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const auto* at = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(at, at + 2, byte, 16).ptr == at + 2) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// "key=value,key=value", percent-encoded.
void add_resource(std::map<std::string, std::string>& resource) {
  const auto text = variable("OTEL_RESOURCE_ATTRIBUTES");
  for (std::string_view rest = text; !rest.empty();) {
    const auto pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw std::invalid_argument("OTEL_RESOURCE_ATTRIBUTES is \"" + text +
                                  "\", but it takes key=value,key=value");
    resource[percent_decoded(pair.substr(0, equals))] = percent_decoded(pair.substr(equals + 1));
  }
}

std::string endpoint() {
  auto url = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const char* name = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  if (url.empty()) {
    name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    url = variable(name);
    if (url.empty()) return url;
    url += url.ends_with('/') ? "v1/traces" : "/v1/traces";
  }
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    throw std::invalid_argument(std::string(name) + " is \"" + variable(name) +
                                "\", but it takes http://HOST:PORT or https://HOST:PORT");
  return url;
}

void check_protocol() {
  for (const char* name : {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"}) {
    const auto protocol = variable(name);
    if (!protocol.empty() && protocol != "http/protobuf")
      throw std::invalid_argument(std::string(name) + " is \"" + protocol +
                                  "\", but it takes http/protobuf");
    if (!protocol.empty()) return;
  }
}

std::uint64_t nanos(Time time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 0));
}

tb_span_context lent(const SpanContext& context) {
  tb_span_context out{.sampled = context.sampled,
                      .trace_state = bridge::bytes(context.trace_state)};
  std::ranges::copy(context.trace_id, std::begin(out.trace_id));
  std::ranges::copy(context.span_id, std::begin(out.span_id));
  return out;
}

tb_attribute lent(const Attribute& attribute) {
  tb_attribute out{.key = bridge::bytes(attribute.key)};
  if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    out.text = bridge::bytes(*text);
  } else if (const auto* truth = std::get_if<bool>(&attribute.value)) {
    out.kind = TB_ATTRIBUTE_BOOL;
    out.integer = *truth ? 1 : 0;
  } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    out.kind = TB_ATTRIBUTE_INTEGER;
    out.integer = *integer;
  } else {
    out.kind = TB_ATTRIBUTE_REAL;
    out.real = std::get<double>(attribute.value);
  }
  return out;
}

template <class T>
auto all_lent(const std::vector<T>& all) {
  std::vector<decltype(lent(all.front()))> out;
  out.reserve(all.size());
  for (const auto& each : all) out.push_back(lent(each));
  return out;
}

}  // namespace

std::optional<OtlpOptions> otlp_options_from_environment(const std::string& service_name) {
  OtlpOptions options{.endpoint = endpoint()};
  if (options.endpoint.empty() || variable("OTEL_SDK_DISABLED") == "true" ||
      variable("OTEL_TRACES_EXPORTER") == "none")
    return {};
  check_protocol();
  options.resource["service.name"] = service_name;
  add_resource(options.resource);
  const auto name = variable("OTEL_SERVICE_NAME");
  if (!name.empty()) options.resource["service.name"] = name;
  number_in("OTEL_BSP_MAX_QUEUE_SIZE", options.max_queue);
  number_in("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", options.max_batch);
  auto delay = options.delay.count();
  number_in("OTEL_BSP_SCHEDULE_DELAY", delay);
  options.delay = std::chrono::milliseconds(delay);
  return options;
}

struct OtlpExporter::Impl {
  Runtime runtime;  // outlives the handle
  tb_span_exporter* handle = nullptr;
};

OtlpExporter::OtlpExporter(Runtime runtime, OtlpOptions options)
    : impl_(new Impl{.runtime = std::move(runtime)}) {
  options.resource.emplace("telemetry.sdk.name", kLibrary);
  options.resource.emplace("telemetry.sdk.language", "cpp");
  std::vector<tb_pair> resource;
  for (const auto& [key, value] : options.resource)
    resource.push_back({bridge::bytes(key), bridge::bytes(value)});
  const tb_span_exporter_options core{
      .endpoint = bridge::bytes(options.endpoint),
      .scope = bridge::bytes(kLibrary),
      .resource = resource.data(),
      .resource_count = resource.size(),
      .max_queue = options.max_queue,
      .max_batch = options.max_batch,
      .delay_millis = static_cast<std::uint64_t>(options.delay.count())};
  bridge::CoreError error;
  impl_->handle = bridge::call_core(tb_span_exporter_new, impl_->runtime.core()->handle(), &core,
                                    static_cast<void*>(&error), bridge::store_error);
  if (!impl_->handle) bridge::throw_error(error);
}

OtlpExporter::~OtlpExporter() {
  bridge::call_core(tb_span_exporter_free, impl_->handle);
}

void OtlpExporter::export_span(SpanData span) {
  const auto attributes = all_lent(span.attributes);
  const auto links = all_lent(span.links);
  tb_span core{.context = lent(span.context),
               .name = bridge::bytes(span.name),
               .kind = static_cast<std::int32_t>(span.kind),
               .start_nanos = nanos(span.start),
               .end_nanos = nanos(span.end),
               .attributes = attributes.data(),
               .attribute_count = attributes.size(),
               .links = links.data(),
               .link_count = links.size(),
               .failed = span.error.has_value(),
               .error = bridge::bytes(span.error ? *span.error : std::string_view())};
  std::ranges::copy(span.parent, std::begin(core.parent_span_id));
  bridge::call_core(tb_span_export, impl_->handle, &core);
}

Async<void> OtlpExporter::flush() {
  return Async<void>(impl_->runtime.executor(), [handle = impl_->handle](std::stop_token,
                                                                         Callback<void> done) {
    auto* sent = bridge::send<void>([done = std::move(done)](bridge::Result<void> result) mutable {
      if (result) return done({});
      done(detail::thrown(std::runtime_error(result.error().message)));
    });
    bridge::call_core(tb_span_exporter_flush, handle, sent,
                      [](void* user_data, const tb_error* error) {
                        bridge::Received<void> received(user_data);
                        if (error)
                          received(error);
                        else
                          received(bridge::Result<void>());
                      });
  });
}

SpanCounts OtlpExporter::counts() const {
  const auto counts = bridge::call_core(tb_span_exporter_counts, impl_->handle);
  return {.exported = counts.exported, .failed = counts.failed, .dropped = counts.dropped};
}

}  // namespace temporal
