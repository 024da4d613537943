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
    const auto code = find_code(f->type());
    if (!code) continue;
    // P001 has two names; the sentence, which is the table's own, tells them apart.
    for (const CodeEntry& entry : all_codes())
      if (entry.code == f->type() && entry.english == f->message()) return Refusal{entry.id};
    return Refusal{*code};
  }
  return std::nullopt;
}

}  // namespace ordering
