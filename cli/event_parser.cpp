#include "cli/event_parser.h"

#include <stdexcept>
#include <utility>

namespace ordering::cli {

std::vector<ServerEvent> EventParser::feed(std::string_view bytes) {
  std::vector<ServerEvent> events;
  pending_ += bytes;
  std::string_view rest = pending_;
  for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    auto line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take_line(line, events);
    rest.remove_prefix(end + 1);
  }
  pending_.erase(0, pending_.size() - rest.size());
  if (pending_.size() + event_.data.size() > kMostBytes)
    throw std::length_error("an event is too long");
  return events;
}

void EventParser::take_line(std::string_view line, std::vector<ServerEvent>& events) {
  if (line.empty()) {
    auto complete = std::exchange(event_, ServerEvent{.id = event_.id});
    if (complete.type.empty()) complete.type = "message";
    if (std::exchange(has_data_, false)) events.push_back(std::move(complete));
    return;
  }
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") {
    event_.id = value;
  } else if (field == "event") {
    event_.type = value;
  } else if (field == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
  }
}

}  // namespace ordering::cli
