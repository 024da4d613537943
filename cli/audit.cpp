#include "cli/audit.h"

#include <algorithm>
#include <iterator>

#include "cli/text.h"

namespace ordering::cli {

Task<ExitCode> ShowAudit::run() {
  co_await with_beside(ask(), turn_spinner(means_.terminal, "the shop is being audited"));
  means_.terminal.clear_progress();
  const auto audit = read<Audit>(answer_);
  if (means_.json) {
    means_.terminal.say(answer_.body);
  } else {
    for (const auto& line : in_full(audit, means_.terminal)) means_.terminal.say(line);
  }
  co_return audit.ok ? ExitCode::ok : ExitCode::failed;
}

Task<> ShowAudit::ask() {
  answer_ = co_await shop_.audit();
}

namespace {

std::string outcome(const Check& check) {
  if (check.ok) return "ok";
  const auto count = check.count.value_or(static_cast<std::int64_t>(check.violations.size()));
  return std::to_string(count) + (count == 1 ? " violation" : " violations");
}

}  // namespace

std::vector<std::string> in_full(const Audit& audit, const Terminal& terminal) {
  std::vector<std::string> lines;
  Table table;
  for (const auto& check : audit.checks) {
    const auto colour = check.ok ? Colour::green : Colour::red;
    table.add({{.text = printable(check.id)},
               terminal.cell(colour, outcome(check)),
               {.text = printable(check.note.value_or(""))}});
    for (const auto& violation : check.violations)
      table.add(
          {{}, {.text = printable(violation.subject)}, {.text = printable(violation.detail)}});
  }
  std::ranges::move(table.lines(), std::back_inserter(lines));
  Table sums;
  for (const auto& [name, sum] : audit.sums)
    sums.add({{.text = printable(name)}, {.text = std::to_string(sum)}});
  std::ranges::move(sums.lines(), std::back_inserter(lines));
  if (!audit.resolved.empty()) {
    std::string resolved = "Counted as done by hand:";
    for (const auto& order : audit.resolved) resolved += ' ' + printable(order);
    lines.push_back(std::move(resolved));
  }
  const auto verdict = audit.ok ? terminal.painted(Colour::green, "All holds")
                                : terminal.painted(Colour::red, "Not all holds");
  lines.push_back(verdict + ", as of " + local_time(audit.at) + '.');
  return lines;
}

}  // namespace ordering::cli
