#include <charconv>
#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>

#include "temporal/determinism.h"
#include "temporal/tracing.h"

namespace temporal::tracing {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> random_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::array<std::uint8_t, N> id{};
  do {
    for (std::size_t i = 0; i < N; i += 8) {
      const std::uint64_t draw = random();
      for (std::size_t b = 0; b < 8; ++b) id.at(i + b) = static_cast<std::uint8_t>(draw >> (8 * b));
    }
  } while (id == std::array<std::uint8_t, N>());
  return id;
}

double ratio_in(std::string_view argument) {
  double ratio = 1;
  const auto* end = argument.data() + argument.size();
  const auto [rest, error] = std::from_chars(argument.data(), end, ratio);
  if (!argument.empty() && (error != std::errc() || rest != end || !(ratio >= 0 && ratio <= 1)))
    throw std::invalid_argument("OTEL_TRACES_SAMPLER_ARG is \"" + std::string(argument) +
                                "\", but it takes a number from 0 to 1");
  return ratio;
}

}  // namespace

SpanExporter::~SpanExporter() = default;

Sampler Sampler::parse(std::string_view name, std::string_view argument) {
  constexpr std::string_view kParentBased = "parentbased_";
  Sampler sampler{.parent_based = name.empty() || name.starts_with(kParentBased)};
  auto root = name;
  if (root.starts_with(kParentBased)) root.remove_prefix(kParentBased.size());
  if (name.empty() || root == "always_on")
    sampler.ratio = 1;
  else if (root == "always_off")
    sampler.ratio = 0;
  else if (root == "traceidratio")
    sampler.ratio = ratio_in(argument);
  else
    throw std::invalid_argument(
        "OTEL_TRACES_SAMPLER is \"" + std::string(name) +
        "\", but it takes always_on, always_off or traceidratio, each also after parentbased_");
  return sampler;
}

// The last 8 bytes of the id, as OpenTelemetry's TraceIdRatioBased compares them everywhere.
bool Sampler::sample(const TraceId& trace) const {
  if (ratio >= 1) return true;
  std::uint64_t value = 0;
  for (std::size_t i = 8; i < trace.size(); ++i) value = value << 8U | trace.at(i);
  return static_cast<double>(value >> 1U) < ratio * 0x1p63;
}

Span::Span(std::shared_ptr<SpanExporter> exporter, SpanContext context,
           std::unique_ptr<SpanData> data)
    : exporter_(std::move(exporter)), context_(std::move(context)), data_(std::move(data)) {}
Span::Span(Span&& other) noexcept = default;
Span::~Span() {
  end();
}

void Span::set_name(std::string name) {
  if (data_) data_->name = std::move(name);
}
void Span::set(std::string key, AttributeValue value) {
  if (data_) data_->attributes.push_back({std::move(key), std::move(value)});
}
void Span::fail(std::string sentence) {
  if (data_) data_->error = std::move(sentence);
}
void Span::end(std::optional<Time> at) {
  const auto data = std::exchange(data_, nullptr);
  if (!data) return;
  data->end = at ? *at : std::chrono::system_clock::now();
  detail::Allowed allowed;  // as a logger may
  exporter_->export_span(std::move(*data));
}
void Span::drop() {
  data_.reset();
}

Span Tracer::start(SpanOptions options) const {
  const bool root = !options.parent.valid();
  SpanContext context = root ? SpanContext() : options.parent;
  if (root) context.trace_id = options.trace_id ? *options.trace_id : random_id<16>();
  context.baggage = options.parent.baggage;  // which may come without a trace
  if (root || !sampler_.parent_based) context.sampled = sampler_.sample(context.trace_id);
  context.span_id = options.span_id ? *options.span_id : random_id<8>();
  if (!context.sampled || !exporter_) return {nullptr, std::move(context), nullptr};
  auto data = std::make_unique<SpanData>(
      SpanData{.name = std::move(options.name),
               .kind = options.kind,
               .context = context,
               .parent = root ? SpanId() : options.parent.span_id,
               .start = options.start ? *options.start : std::chrono::system_clock::now(),
               .attributes = std::move(options.attributes),
               .links = std::move(options.links)});
  return {exporter_, std::move(context), std::move(data)};
}

}  // namespace temporal::tracing
