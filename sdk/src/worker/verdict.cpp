#include "worker/verdict.h"

#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>

#include <utility>

namespace temporal::detail {

namespace {

using Eviction = coresdk::workflow_activation::RemoveFromCache;

std::string reason_text(int reason, std::string_view message) {
  if (reason == Eviction::CACHE_FULL || reason == Eviction::LANG_REQUESTED ||
      reason == Eviction::WORKFLOW_EXECUTION_ENDING)
    return {};
  return message.empty() ? "evicted for reason " + std::to_string(reason) : std::string(message);
}

}  // namespace

ReplayResult verdict(std::string_view run_id, int reason, std::string_view message,
                     std::optional<std::string> failed) {
  ReplayResult result{.run_id = std::string(run_id)};
  result.failure = failed ? *std::move(failed) : reason_text(reason, message);
  // Core finds commands that differ; the SDK, events that the code cannot meet.
  result.nondeterministic =
      reason == Eviction::NONDETERMINISM || result.failure.starts_with("[TMPRL1100]");
  return result;
}

}  // namespace temporal::detail
