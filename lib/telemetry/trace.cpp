#include "telemetry/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>

namespace telemetry {
namespace {

std::shared_ptr<Tracer>& the_tracer() {
  static auto* tracer = new std::shared_ptr<Tracer>;  // never destroyed, as the log
  return *tracer;
}

thread_local const Scope* innermost = nullptr;

// W3C Baggage: what is none of these is percent-encoded.
bool plain(char c) {
  constexpr std::string_view kMarks = "!#$&'()*+-./:<=>?@[]^_`{|}~";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.contains(c);
}

}  // namespace

void TraceContext::carry(std::string_view name, std::string_view value) {
  if (!baggage.empty()) baggage += ',';
  baggage.append(name) += '=';
  for (const char c : value) {
    if (plain(c))
      baggage += c;
    else
      fmt::format_to(std::back_inserter(baggage), "%{:02X}", static_cast<unsigned char>(c));
  }
}

std::string TraceContext::carried(std::string_view name) const {
  std::string value;
  for (std::string_view rest = baggage; !rest.empty();) {
    auto member = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), member.size() + 1));
    member = member.substr(0, member.find(';'));  // its properties
    if (!member.starts_with(name) || !member.substr(name.size()).starts_with('=')) continue;
    member.remove_prefix(name.size() + 1);
    for (std::size_t i = 0; i < member.size(); ++i) {
      unsigned char byte = 0;
      const auto* at = member.data() + i + 1;
      const bool encoded = member[i] == '%' && i + 2 < member.size() &&
                           std::from_chars(at, at + 2, byte, 16).ptr == at + 2;
      value += encoded ? static_cast<char>(byte) : member[i];
      if (encoded) i += 2;
    }
    break;
  }
  return value;
}

void set_tracer(std::shared_ptr<Tracer> tracer) {
  the_tracer() = std::move(tracer);
}
Tracer* tracer() {
  return the_tracer().get();
}

Scope::Scope(TraceContext trace, ScopeFields fields)
    : outer_(innermost), trace_(std::move(trace)), fields_(std::move(fields)) {
  innermost = this;
}
Scope::~Scope() {
  innermost = outer_;
}
const Scope* Scope::current() {
  return innermost;
}

BorrowedScope::BorrowedScope(const Scope* scope) : before_(std::exchange(innermost, scope)) {}
BorrowedScope::~BorrowedScope() {
  innermost = before_;
}

Span start_span(std::string_view name, SpanKind kind) {
  auto* tracer = telemetry::tracer();
  if (!tracer || !innermost || innermost->trace().empty()) return {};
  return Span(
      tracer->start({.name = std::string(name), .kind = kind, .parent = innermost->trace()}));
}

}  // namespace telemetry
