#include "http/server_sent_events.h"

#include <utility>

namespace http {

std::string to_text(const ServerSentEvent& event) {
  std::string text;
  text.append("id: ").append(event.id).append("\nevent: ").append(event.event);
  text.append("\ndata: ").append(event.data).append("\n\n");
  return text;
}

Response event_stream(std::shared_ptr<StreamedBody> body) {
  return {.content_type = std::string(kEventStream),
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
          .streamed = std::move(body)};
}

}  // namespace http
