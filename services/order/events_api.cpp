#include "order/events_api.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <utility>

#include "http/server_sent_events.h"
#include "order/answers.h"
#include "order/event_streams.h"
#include "process/problems.h"

namespace ordering::order {

namespace {

constexpr std::string_view kLastEventId = "Last-Event-ID";

http::Problem no_such_event() {
  return process::bad_request({"Last-Event-ID is no id of an event of this stream",
                               "Last-Event-ID가 이 스트림의 이벤트 id가 아닙니다"});
}

std::string with_position(const OrderEvent& event) {
  auto text = to_json(event);
  return "{\"id\":\"" + to_string(event.position) + "\"," + text.substr(1);
}

}  // namespace

void EventsApi::add_to(http::Router& router) {
  const http::RouteOptions events{.produces = std::string(http::kEventStream)};
  router.get("/orders/{orderId}/timeline", *this, &EventsApi::timeline)
      .get("/orders/{orderId}/events", *this, &EventsApi::follow_one, events)
      .get("/events", *this, &EventsApi::follow_all, events);
}

http::Task<http::Response> EventsApi::timeline(const http::Request& request) {
  const auto id = id_in(request);
  const auto events = co_await ask(request, reader_.timeline(id));
  std::string body =
      "{\"orderId\":" + boost::json::serialize(boost::json::string(id.text())) +
      ",\"workflowId\":" + boost::json::serialize(boost::json::string(workflow_id(id))) +
      ",\"events\":[";
  for (const auto& event : events) {
    if (body.back() != '[') body += ',';
    body += with_position(event);
  }
  co_return http::Response{.body = body + "]}"};
}

// 204 tells a browser not to come back: there is nothing left to tell.
http::Task<http::Response> EventsApi::follow_one(const http::Request& request) {
  const auto id = id_in(request);
  EventPosition after;
  if (const auto last = request.header(kLastEventId); !last.empty()) {
    const auto position = parse_position(last);
    if (!position) throw no_such_event();
    after = *position;
  }
  if (co_await ask(request, is_told(id, after))) co_return http::Response{.status = 204};
  co_return http::event_stream(std::make_shared<OrderFollower>(client_, id, after, draining_));
}

// Whether the order has ended and this was its last event.
temporal::Async<bool> EventsApi::is_told(OrderId id, EventPosition last) const {
  const auto events = co_await reader_.timeline(std::move(id));
  co_return !events.empty() && events.back().type == EventType::ended &&
      events.back().position == last;
}

http::Task<http::Response> EventsApi::follow_all(const http::Request& request) {
  std::optional<Time> since;
  if (const auto last = request.header(kLastEventId); !last.empty()) {
    const auto moment = parse_feed_id(last);
    if (!moment) throw no_such_event();
    since = *moment - OrderFeed::kLateness;
  }
  co_return http::event_stream(std::make_shared<FeedFollower>(feed_, since));
}

}  // namespace ordering::order
