// Server-sent events (WHATWG HTML, "Server-sent events"), taken apart as their bytes come.
//
//   EventParser parser;
//   for (const auto& event : parser.feed(bytes)) show(event.data);
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ordering::cli {

struct ServerEvent {
  std::string id = {};    // of this event, or the last that had one
  std::string type = {};  // "message" where it has none
  std::string data = {};
};

class EventParser {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of one event

  // The events that these bytes complete. Throws std::length_error for one over kMostBytes.
  std::vector<ServerEvent> feed(std::string_view bytes);

 private:
  void take_line(std::string_view line, std::vector<ServerEvent>& events);

  std::string pending_;  // of a line whose end has not come
  ServerEvent event_;
  bool has_data_ = false;
};

}  // namespace ordering::cli
