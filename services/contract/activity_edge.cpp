#include "contract/activity_edge.h"

#include <string>

namespace ordering {
temporal::ApplicationFailure to_failure(Refusal refusal) {
  const CodeEntry& entry = explain(refusal.code);
  return temporal::ApplicationFailure(
      std::string(entry.english),
      {.type = std::string(entry.code), .non_retryable = !entry.retryable});
}

std::optional<Refusal> refusal_in(const temporal::Failure& failure) {
  for (const temporal::Failure* f = &failure; f != nullptr; f = f->cause()) {
    if (f->kind() != temporal::FailureKind::application) continue;
    if (const auto code = find_code(f->type(), f->message())) return Refusal{*code};
  }
  return std::nullopt;
}

}  // namespace ordering
