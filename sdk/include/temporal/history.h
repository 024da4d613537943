// History: what has happened to a run, all of it or some events. For people (JSON), for the replayer,
// and, with temporal/api.h, as a temporal::api::history::v1::History.
//
//   auto history = co_await handle.fetch_history();
//   write_file("order-7.json", history.to_json());
//   auto same = temporal::History::from_json("order-7", read_file("order-7.json"));
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace temporal {

class History {
 public:
  History() = default;
  // Of a temporal.api.history.v1.History in protobuf. Throws std::invalid_argument if it is none.
  static History from_bytes(std::string workflow_id, std::string bytes);
  // Of its JSON, as `temporal workflow show --output json`, the Web UI and the other SDKs write it;
  // enumerators may also be in the form of older tools ("WorkflowExecutionStarted"). Throws
  // std::invalid_argument with a sentence that says what is wrong.
  static History from_json(std::string workflow_id, std::string_view json);

  // The same form, one object {"events": […]}.
  std::string to_json() const;
  const std::string& bytes() const { return bytes_; }

  const std::string& workflow_id() const { return workflow_id_; }
  // Of the first event, if that is the workflow's start; else empty.
  std::string run_id() const;
  std::size_t size() const;  // events
  bool operator==(const History&) const = default;

 private:
  History(std::string workflow_id, std::string bytes)
      : workflow_id_(std::move(workflow_id)), bytes_(std::move(bytes)) {}
  std::string workflow_id_;
  std::string bytes_;
};

// Some events of a history, in order, and where the next ones are.
struct HistoryPage {
  History history = {};
  std::string next_page_token = {};  // empty: the last page
};

}  // namespace temporal
