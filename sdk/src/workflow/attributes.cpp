// What a run knows of itself, and what of it the run may change: info, random numbers, the log, search
// attributes, the memo, patches.
#include <array>

#include "temporal/tracing.h"
#include "workflow/run.h"

namespace temporal {
namespace detail {

// Core scans ahead and notifies of the patches in a history, so the answer is the history's while it
// is replayed; after that true, unless the worker has a say in it.
bool Run::patch(std::string_view id, bool deprecated) {
  check_not_read_only("workflow::patched");
  if (auto known = patches.find(id); known != patches.end()) return known->second;
  const bool notified = notified_patches.contains(id);
  bool yes = notified || !replaying;
  const auto& ask = options.patch_activation_callback;
  if (ask && yes && !notified && !deprecated && !dead) {
    ReadOnly guard(*this);
    Allowed allowed;
    yes = ask({.info = info, .patch_id = std::string(id)});
  }
  patches.emplace(id, yes);
  if (yes && !dead) {
    auto& marker = *command().mutable_set_patch_marker();
    marker.set_patch_id(std::string(id));
    marker.set_deprecated(deprecated);
  }
  return yes;
}

Logger Run::logger() const {
  if (!log_sink) return {};
  std::vector<LogField> fields{{"namespace", info.name_space},
                               {"task_queue", info.task_queue},
                               {"workflow_type", info.workflow_type},
                               {"workflow_id", info.workflow_id},
                               {"run_id", info.run_id},
                               {"attempt", std::to_string(info.attempt)}};
  if (const auto* update = current_update()) {
    fields.push_back({"update_id", update->id});
    fields.push_back({"update_name", update->name});
  }
  if (span) fields.push_back({"trace_id", tracing::to_hex(span->trace_id)});
  return Logger(log_sink, "workflow", std::move(fields));
}

MetricMeter& Run::metric_meter() {
  if (!meter) {
    MetricLabels labels{{"namespace", info.name_space},
                        {"task_queue", info.task_queue},
                        {"workflow_type", info.workflow_type}};
    meter = std::make_shared<ReplaySafeMeter>(options.meter, std::move(labels));
    meter->silent = replaying;
  }
  return *meter;
}

workflow::Random& Run::made_random() {
  if (!random) random = std::make_unique<workflow::Random>(randomness_seed);
  return *random;
}

// In place, as the workflow may hold references.
void Run::reseed(std::uint64_t seed) {
  randomness_seed = seed;
  if (random) random->reseed(seed);
  for (auto& [name, stream] : random_streams) stream.reseed(workflow::stream_seed(seed, name));
}

std::optional<Value> last_completion_result() {
  return current_run().last_completion_result;
}
std::optional<Value> memo(std::string_view key) {
  const auto& memo = current_run().memo;
  auto found = memo.find(std::string(key));
  return found == memo.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace detail

namespace workflow {

using detail::current_run;

const Info& info() {
  return current_run().info;
}
bool unsafe::is_replaying() {
  return current_run().replaying;
}

Random& random() {
  auto& run = current_run();
  run.check_not_read_only("workflow::random");
  return run.made_random();
}
Random& random(std::string_view name) {
  auto& run = current_run();
  run.check_not_read_only("workflow::random");
  auto stream = run.random_streams.find(name);
  if (stream == run.random_streams.end())
    stream = run.random_streams
                 .emplace(std::string(name), Random(stream_seed(run.randomness_seed, name)))
                 .first;
  return stream->second;
}
std::string uuid4() {
  return random().uuid4();
}
std::string Random::uuid4() {
  std::array<std::uint64_t, 2> draws = {engine_(), engine_()};
  std::array<unsigned char, 16> bytes = {};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(draws[i / 8] >> (56 - 8 * (i % 8)));
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

Logger logger() {
  return current_run().logger();
}
MetricMeter& metric_meter() {
  return current_run().metric_meter();
}

const SearchAttributes& search_attributes() {
  return current_run().search_attributes;
}
void upsert_search_attributes(SearchAttributes changes) {
  auto& run = current_run();
  if (run.dead) return;
  run.check_not_read_only("workflow::upsert_search_attributes");
  *run.command().mutable_upsert_workflow_search_attributes()->mutable_search_attributes() =
      detail::to_proto(changes);
  run.search_attributes.apply(changes);
}

void upsert_memo(std::map<std::string, std::optional<Value>> changes) {
  auto& run = current_run();
  if (run.dead) return;
  run.check_not_read_only("workflow::upsert_memo");
  auto& fields = *run.command()
                      .mutable_modify_workflow_properties()
                      ->mutable_upserted_memo()
                      ->mutable_fields();
  for (auto& [key, value] : changes) {
    run.encode(value.value_or(Value()), &fields[key]);  // a null removes the entry
    if (value)
      run.memo.insert_or_assign(key, std::move(*value));
    else
      run.memo.erase(key);
  }
}

std::optional<Failure> last_failure() {
  return current_run().last_failure;
}

bool patched(std::string_view id) {
  return current_run().patch(id, false);
}
void deprecate_patch(std::string_view id) {
  current_run().patch(id, true);
}

}  // namespace workflow
}  // namespace temporal
