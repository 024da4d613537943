// The one table of codes: every refusal the business knows, and what each place makes of it.
//
//   return std::unexpected(Refusal{Code::out_of_stock});   // a refusal is a value
//   explain(Code::out_of_stock).korean                      // what the user reads
//
// Choosing: a refusal is an answer of the business, the same on every attempt, so it is a value and
// ends the step. Anything that another attempt may cure (a database away, a bug repaired by the
// next release) is an exception and is retried until the step's deadline.
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace ordering {

enum class Code {
  limit_exceeded,
  invalid_amount,
  payment_system_error,
  item_not_found,
  item_discontinued,
  out_of_stock,
  warehouse_unavailable,
  reservation_failed,
  restock_failed,
  invalid_address,
  area_not_supported,
  no_available_courier,
  already_started,
  start_failed,
  unavailable,
  repaired,
  cancelled,
  already_ended,
  amount_mismatch,
  not_stuck,
  fenced,
};

struct CodeEntry {
  Code id = {};
  std::string_view code = {};     // "P001": on the wire, in histories, in answers. Never changes
  std::string_view name = {};     // "LIMIT_EXCEEDED"
  std::string_view service = {};  // who refuses: "payment", "inventory", "delivery", "order"
  bool retryable = false;         // whether the activity that meets it is tried again
  int http_status = 0;            // where an HTTP call answers it
  std::string_view english = {};  // one sentence for the user
  std::string_view korean = {};
};

// In the order of Code; P001 stands twice, under both its names.
std::span<const CodeEntry> all_codes();
const CodeEntry& explain(Code id);
// The entry of a code on the wire, the first where there are two; empty when it is none of ours.
std::optional<Code> find_code(std::string_view code);
// The one of them whose sentence this is, for P001, which has two names; else as above.
std::optional<Code> find_code(std::string_view code, std::string_view english);
std::optional<Code> find_name(std::string_view name);  // names are unique: rows keep them

struct Refusal {
  Code code = {};
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace ordering
