// For tests: a tracer that keeps what it is told.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "telemetry/trace.h"

namespace telemetry {

struct RecordedSpan {
  SpanOptions options = {};
  std::string id = {};  // of its own
  std::map<std::string, std::string, std::less<>> values = {};
  std::string error = {};
};

class RecordedSpans final : public Tracer {
 public:
  static constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";

  // Traces from here on, and no longer when the test is over.
  RecordedSpans() = default;
  static std::shared_ptr<RecordedSpans> begin() {
    auto recorded = std::make_shared<RecordedSpans>();
    set_tracer(recorded);
    return recorded;
  }
  static void end() { set_tracer(nullptr); }
  static TraceContext context(const std::string& id) {
    return {.parent = "00-" + std::string(kTrace) + "-" + id + "-01"};
  }

  std::unique_ptr<TracedSpan> start(SpanOptions options) override {
    const std::lock_guard lock(mutex_);
    auto id = std::to_string(1'000'000'000'000'000 + ++made_);
    return std::make_unique<One>(*this, RecordedSpan{.options = std::move(options), .id = id});
  }
  std::vector<RecordedSpan> take() {  // in the order of their ends
    const std::lock_guard lock(mutex_);
    return std::exchange(ended_, {});
  }

 private:
  class One final : public TracedSpan {
   public:
    One(RecordedSpans& all, RecordedSpan span) : all_(all), span_(std::move(span)) {}
    ~One() override {
      const std::lock_guard lock(all_.mutex_);
      all_.ended_.push_back(std::move(span_));
    }
    TraceContext context() const override { return RecordedSpans::context(span_.id); }
    void set_name(std::string name) override { span_.options.name = std::move(name); }
    void set(std::string_view key, SpanValue value) override {
      span_.values[std::string(key)] = std::visit([](const auto& v) { return text(v); }, value);
    }
    void fail(std::string_view sentence) override { span_.error = sentence; }

   private:
    static std::string text(std::string_view value) { return std::string(value); }
    static std::string text(bool value) { return value ? "true" : "false"; }
    static std::string text(auto value) { return std::to_string(value); }
    RecordedSpans& all_;
    RecordedSpan span_;
  };

  std::mutex mutex_;
  std::uint64_t made_ = 0;
  std::vector<RecordedSpan> ended_;
};

}  // namespace telemetry
