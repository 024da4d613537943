// Server-sent events (WHATWG HTML, "Server-sent events"): text/event-stream, which browsers read
// with EventSource and shells with `curl -N`.
//
//   co_return http::event_stream(std::make_shared<Ticks>(last_event_id));
//   co_await stream.write(http::to_text({.id = "7", .event = "tick", .data = "{\"at\":7}"}));
#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

namespace http {

inline constexpr std::string_view kEventStream = "text/event-stream";

// Each on one line: no line break in any.
struct ServerSentEvent {
  std::string id = {};  // what a client that reconnects sends as Last-Event-ID
  std::string event = {};
  std::string data = {};
};
std::string to_text(const ServerSentEvent& event);

// What readers skip: for a silence, so that both sides know of each other.
inline constexpr std::string_view kSilence = ":\n\n";

Response event_stream(std::shared_ptr<StreamedBody> body);

}  // namespace http
