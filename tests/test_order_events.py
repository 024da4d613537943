"""The timeline of an order, and the two streams of server-sent events."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from shop import Shop, wait_until
from test_audit import reset

STREAM_SECONDS = 40


@dataclass(frozen=True)
class Event:
    id: str
    event: str
    data: dict[str, Any]


def parse(lines: Iterator[bytes]) -> Iterator[Event]:
    """Each event is an id, an event and one line of data, in this order; comments are skipped."""
    fields: list[str] = []
    for raw in lines:
        line = raw.decode().rstrip("\n")
        if line.startswith(":"):
            continue
        if line:
            fields.append(line)
        elif fields:
            names = [field.split(": ")[0] for field in fields]
            assert names == ["id", "event", "data"], fields
            id_, event, data = (field.partition(": ")[2] for field in fields)
            yield Event(id_, event, json.loads(data))
            fields = []


@contextmanager
def stream(shop: Shop, path: str, last: str | None = None) -> Iterator[Iterator[Event]]:
    port = shop.settings.ports["order"]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=STREAM_SECONDS)
    try:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        connection.request("GET", quote(path), headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, (answer.status, answer.read())
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield parse(iter(answer.readline, b""))
    finally:
        connection.close()


def told(shop: Shop, order: str, last: str | None = None) -> list[Event]:
    """All events until the server closes."""
    with stream(shop, f"/orders/{order}/events", last) as events:
        return list(events)


def short(event: Event) -> str:
    parts = (event.data.get(key) for key in ("step", "state", "code"))
    return " ".join([event.event, *(part for part in parts if part)])


def test_an_order_is_followed_to_its_end(shop: Shop) -> None:
    assert shop.place("follow-9").status == 200
    events = told(shop, "follow-9")
    assert [short(event) for event in events] == [
        "accepted",
        "step chargePayment SCHEDULED",
        "step chargePayment COMPLETED",
        "step reserveInventory SCHEDULED",
        "step reserveInventory COMPLETED",
        "step startDelivery SCHEDULED",
        "step startDelivery FAILED D002",
        "compensation cancelDelivery SCHEDULED",
        "compensation cancelDelivery COMPLETED",
        "compensation restockInventory SCHEDULED",
        "compensation restockInventory COMPLETED",
        "compensation refundPayment SCHEDULED",
        "compensation refundPayment COMPLETED",
        "ended D002",
    ]
    assert {event.data["orderId"] for event in events} == {"follow-9"}
    assert [e.data["status"] for e in events] == ["PROCESSING"] * (len(events) - 1) + ["FAILED"]
    assert all(event.data["type"] == event.event for event in events)
    assert len({event.id for event in events}) == len(events)


def test_a_stream_goes_on_where_it_broke(shop: Shop) -> None:
    assert shop.place("resume-1").status == 200
    with stream(shop, "/orders/resume-1/events") as live:
        first = [next(live) for _ in range(3)]
    shop.ended("resume-1")
    whole = told(shop, "resume-1")
    assert whole[:3] == first
    for n, event in enumerate(whole[:-1]):
        assert told(shop, "resume-1", event.id) == whole[n + 1:]
    done = shop.get("order", "/orders/resume-1/events", **{"Last-Event-ID": whole[-1].id})
    assert done.status == 204, done


def test_a_stream_goes_on_over_a_reset(shop: Shop) -> None:
    """The new run's history is no longer than the old one's: by its number, its end was told already."""
    shop.place("reset-4")
    assert shop.ended("reset-4") == "COMPLETED"
    before = told(shop, "reset-4")
    reset(shop, "order-workflow-reset-4")
    news = told(shop, "reset-4", before[-1].id)
    assert [short(event) for event in news] == ["ended"]
    whole = told(shop, "reset-4")
    assert whole == before[:-1] + news
    for n, event in enumerate(whole[:-1]):
        assert told(shop, "reset-4", event.id) == whole[n + 1:]
    done = shop.get("order", "/orders/reset-4/events", **{"Last-Event-ID": news[-1].id})
    assert done.status == 204, done
    timeline = shop.get("order", "/orders/reset-4/timeline").json()["events"]
    assert [event["id"] for event in timeline] == [event.id for event in whole]


def test_the_timeline_tells_the_same(shop: Shop) -> None:
    assert shop.place("line-2").status == 200
    shop.ended("line-2")
    answer = shop.get("order", "/orders/line-2/timeline").json()
    assert list(answer) == ["orderId", "workflowId", "events"]
    events = told(shop, "line-2")
    assert answer["events"] == [{"id": event.id} | event.data for event in events]
    links = shop.order("line-2")["links"]
    assert links["timeline"] == "/orders/line-2/timeline"
    assert links["events"] == "/orders/line-2/events"


@pytest.mark.parametrize("path", ["timeline", "events"])
def test_an_unknown_order(shop: Shop, path: str) -> None:
    assert shop.get("order", f"/orders/nobody-1/{path}").status == 404


@pytest.mark.parametrize("path", ["/orders/known-1/events", "/events"])
def test_a_wrong_last_event_id(shop: Shop, path: str) -> None:
    shop.place("known-1")
    answer = shop.get("order", path, **{"Last-Event-ID": "nonsense"})
    assert answer.status == 400, answer
    assert "Last-Event-ID" in answer.json()["message"]


def test_a_stream_is_not_given_to_who_does_not_take_it(shop: Shop) -> None:
    assert shop.get("order", "/events", Accept="application/json").status == 406


class Feed:
    """What a client of GET /events has seen."""

    def __init__(self, shop: Shop, last: str | None = None):
        self.events: list[Event] = []
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(shop, last), daemon=True)
        self._thread.start()
        assert self._heard.wait(STREAM_SECONDS)

    def _read(self, shop: Shop, last: str | None) -> None:
        try:
            with stream(shop, "/events", last) as events:
                self._heard.set()
                for event in events:
                    self.events.append(event)
        except (OSError, http.client.HTTPException):
            pass

    def ids(self) -> list[str]:
        return [event.id for event in self.events]

    def of(self, order: str) -> list[str]:
        return [short(event) for event in self.events if event.data["orderId"] == order]

    def wait_for_end(self, *orders: str) -> None:
        for order in orders:
            wait_until(lambda order=order: any(e.startswith("ended") for e in self.of(order)), 20, order)


def test_all_orders_are_followed(shop: Shop) -> None:
    feed = Feed(shop)
    orders = ["all-1", "all-2", "all-9", "주문-4"]
    for order in orders:
        shop.place(order)
    feed.wait_for_end(*orders)
    for order in orders:
        assert feed.of(order) == [short(event) for event in told(shop, order)]
    assert len({event.id for event in feed.events}) == len(feed.events)


def test_the_feed_goes_on_where_it_broke(shop: Shop) -> None:
    before = Feed(shop)
    shop.place("gap-1")
    before.wait_for_end("gap-1")
    last = before.events[-1]
    shop.place("gap-4")
    shop.ended("gap-4")
    known = {event.id: event for event in before.events}

    after = Feed(shop, last.id)
    after.wait_for_end("gap-4")
    repeated = [event for event in after.events if event.id in known]
    assert all(known[event.id] == event for event in repeated)
    assert after.of("gap-4") == [short(event) for event in told(shop, "gap-4")]


def test_the_feed_of_a_service_started_anew(shop: Shop) -> None:
    before = Feed(shop)
    shop.place("anew-1")
    before.wait_for_end("anew-1")
    shop.kill("order")
    shop.start("order")
    shop.wait_ready("order")
    after = Feed(shop, before.events[0].id)
    after.wait_for_end("anew-1")
    assert set(before.ids()) <= set(after.ids())


def test_hundreds_follow(shop: Shop) -> None:
    shop.place("crowd-1")
    feeds = [Feed(shop) for _ in range(150)]
    shop.place("crowd-4")
    followers: list[list[Event]] = []
    threads = [
        threading.Thread(target=lambda: followers.append(told(shop, "crowd-4"))) for _ in range(150)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(STREAM_SECONDS)
    whole = told(shop, "crowd-4")
    assert len(followers) == 150
    assert all(events == whole for events in followers)
    for feed in feeds:
        feed.wait_for_end("crowd-4")


def test_streams_end_when_the_service_stops(shop: Shop) -> None:
    feed = Feed(shop)
    shop.place("stop-4")
    shop.stop("order")
    feed._thread.join(STREAM_SECONDS)
    assert not feed._thread.is_alive()
    shop.start("order")
    shop.wait_ready("order")
    shop.ended("stop-4")
