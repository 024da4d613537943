"""The order service's HTTP, as docs/orders.md, section 5, has it: answers, refusals, hostile requests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from invariants import row
from local.settings import REPOSITORY
from shop import Answer, Shop, read_to_end, wait_until


def is_problem(answer: Answer, status: int, code: str | None = None) -> None:
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer
    problem = answer.json()
    keys = ["type", "title", "status", "detail", "code", "message", "service", "details"]
    assert list(problem) == keys
    assert problem["status"] == status
    assert problem["code"] == (code or f"HTTP_{status}")
    assert problem["service"] == "order"


# --- the seed's two calls ---


def test_the_seeds_two_calls_byte_for_byte(shop: Shop) -> None:
    placed = shop.place("order-12345")
    assert placed.status == 200
    assert placed.headers["Content-Type"].startswith("application/json")
    assert placed.body == (
        b'{"orderId":"order-12345","workflowId":"order-workflow-order-12345",'
        b'"status":"PROCESSING","message":"Order workflow started successfully"}'
    )
    for name in ("order-workflow-order-12345", "order-12345"):
        answer = shop.get("order", f"/orders/{name}/status?wait=30")
        assert answer.status == 200
        assert answer.body == (
            b'{"orderId":"order-12345","workflowId":"order-workflow-order-12345",'
            b'"status":"COMPLETED","message":"Current workflow status: COMPLETED"}'
        )


def test_waiting_ends_with_the_order_or_with_the_time(new_shop) -> None:
    shop = new_shop()  # a delivery takes 5 s
    shop.place("wait-4")
    before = time.monotonic()
    assert shop.status("wait-4", wait=1) == "PROCESSING"
    assert 0.9 < time.monotonic() - before < 3
    assert shop.status("wait-4", wait=30) == "COMPLETED"
    assert time.monotonic() - before < 15


def test_repeating_a_post(shop: Shop) -> None:
    first = shop.place("again-1", 250.5)
    assert "Idempotency-Replayed" not in first.headers
    running = shop.place("again-1", 250.5)
    assert (running.status, running.body) == (200, first.body)
    assert running.headers["Idempotency-Replayed"] == "true"
    assert shop.ended("again-1") == "COMPLETED"
    ended = shop.place("again-1", 250.50)
    assert (ended.status, ended.body) == (200, first.body)
    assert ended.headers["Idempotency-Replayed"] == "true"
    is_problem(shop.place("again-1", 250.51), 409, "ORD006")


def test_an_order_tells_its_steps(shop: Shop) -> None:
    shop.place("steps-1", 250.5)
    assert shop.ended("steps-1") == "COMPLETED"
    order = shop.order("steps-1")
    assert list(order) == [
        "orderId", "workflowId", "runId", "amount", "amountMinor", "currency", "status", "stage",
        "stuck", "steps", "compensations", "createdAt", "closedAt", "links",
    ]  # fmt: skip
    assert (order["amount"], order["amountMinor"], order["currency"]) == (250.5, 25050, "KRW")
    assert order["compensations"] == []
    for step in order["steps"]:
        assert (step["state"], step["attempts"]) == ("COMPLETED", 1)
        assert order["createdAt"] <= step["startedAt"] <= step["endedAt"] <= order["closedAt"]
    assert order["runId"] in order["links"]["temporalUi"]
    assert order["links"]["timeline"] == "/orders/steps-1/timeline"


def test_an_amount_is_a_plain_decimal(shop: Shop) -> None:
    shop.call("order", "POST", "/orders", b'{"orderId":"plain-1","amount":999999.99}')
    assert b'"amount":999999.99,"amountMinor":99999999,' in shop.get("order", "/orders/plain-1").body


def test_an_order_answers_with_every_worker_dead(new_shop) -> None:
    shop = new_shop()
    shop.kill("payment", "inventory", "delivery")
    shop.place("nobody-1")
    order = wait_until(
        lambda: o if (o := shop.order("nobody-1"))["stage"] == "PAYMENT" else None, 10, "PAYMENT"
    )
    assert order["steps"][0]["state"] == "SCHEDULED"
    assert order["steps"][0]["attempts"] == 0
    assert [step["state"] for step in order["steps"][1:]] == ["PENDING", "PENDING"]


def test_unknown_orders(shop: Shop) -> None:
    for path in ("/orders/unknown", "/orders/unknown/status", "/orders/order-workflow-x/status"):
        is_problem(shop.get("order", path), 404)
    is_problem(shop.post("order", "/orders/unknown/cancel"), 404)


# --- cancel ---


def test_cancel_before_the_courier_departs(new_shop) -> None:
    shop = new_shop()
    shop.place("early-4")
    accepted = shop.post("order", "/orders/early-4/cancel")
    assert accepted.status == 202, accepted
    assert accepted.json()["status"] in ("PROCESSING", "CANCELLED")
    assert shop.ended("early-4") == "CANCELLED"
    order = shop.order("early-4")
    assert order["failure"]["code"] == "ORD004"
    assert row(shop, "inventory", "/inventory/reservations/early-4").get("state") in (None, "RELEASED", "VOID")
    again = shop.post("order", "/orders/early-4/cancel")  # after its end
    assert (again.status, again.json()["status"]) == (202, "CANCELLED")


def test_cancel_once_the_courier_has_departed(new_shop) -> None:
    shop = new_shop()
    shop.place("late-4")
    wait_until(
        lambda: row(shop, "delivery", "/deliveries/late-4").get("state") == "DEPARTED", 15, "departure"
    )
    is_problem(shop.post("order", "/orders/late-4/cancel"), 409, "D005")
    assert shop.ended("late-4") == "COMPLETED"
    order = shop.order("late-4")
    assert [(c["name"], c["result"]) for c in order["compensations"]] == [("cancelDelivery", "REFUSED")]
    assert "failure" not in order


def test_cancel_of_an_ended_order(shop: Shop) -> None:
    shop.place("ended-1")
    shop.place("ended-2")
    assert shop.ended("ended-1") == "COMPLETED"
    assert shop.ended("ended-2") == "FAILED"
    is_problem(shop.post("order", "/orders/ended-1/cancel"), 409, "ORD005")
    is_problem(shop.post("order", "/orders/ended-2/cancel"), 409, "ORD005")


def test_temporals_own_cancel_follows_the_same_rule(new_shop) -> None:
    shop = new_shop()
    shop.place("ui-4")
    assert shop.temporal("POST", "/workflows/order-workflow-ui-4/cancel", {}).status == 200
    assert shop.ended("ui-4") == "CANCELLED"
    assert shop.order("ui-4")["failure"]["code"] == "ORD004"


# --- what is refused ---

HANGUL = "가" * 64


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"orderId":"a"}', b'{"amount":1}',
        b'{"orderId":"a","amount":1}x', b'{"orderId":"a","amount":1,}',
        b'{"orderId":"a","orderId":"b","amount":1}', b'{"orderId":1,"amount":1}',
        b'{"orderId":null,"amount":1}', b'{"orderId":"","amount":1}',
        b'{"orderId":"a b","amount":1}', b'{"orderId":"-a","amount":1}',
        b'{"orderId":"a/b","amount":1}', b'{"orderId":"a\\u0000","amount":1}',
        b'{"orderId":"order-workflow-1","amount":1}',
        b'{"orderId":"\xff\xfe","amount":1}', b'{"orderId":"\xed\xa0\x80","amount":1}',
        b'{"orderId":"a","amount":"1"}', b'{"orderId":"a","amount":null}',
        b'{"orderId":"a","amount":0}', b'{"orderId":"a","amount":-1}',
        b'{"orderId":"a","amount":0.001}', b'{"orderId":"a","amount":1.005}',
        b'{"orderId":"a","amount":NaN}', b'{"orderId":"a","amount":Infinity}',
        b'{"orderId":"a","amount":1e999}', b'{"orderId":"a","amount":1000000000000}',
        b'{"orderId":"a","amount":999999999999.991}', b'{"orderId":"a","amount":01}',
        b"[" * 5000, b'{"a":' * 5000,
        ('{"orderId":"' + "a" * 65 + '","amount":1}').encode(),
        ('{"orderId":"' + HANGUL + 'a","amount":1}').encode(),
    ],
)  # fmt: skip
def test_bad_orders(shop: Shop, body: bytes) -> None:
    answer = shop.call("order", "POST", "/orders", body)
    is_problem(answer, 400)
    assert "/work" not in answer.body.decode() and "terminate" not in answer.body.decode()


@pytest.mark.parametrize(
    ("order_id", "amount"),
    [
        ("a", "1.000"), ("b", "1e-2"), ("c", "0.01"), ("d", "1E2"), (HANGUL, "1"), ("x" * 64, "1"),
        ("a.b_c:d-e", "100.10"), ("9", "1"),
    ],
)  # fmt: skip
def test_good_orders(shop: Shop, order_id: str, amount: str) -> None:
    body = f'{{"unknown":[1],"orderId":{json.dumps(order_id)},"amount":{amount}}}'.encode()
    assert shop.call("order", "POST", "/orders", body).status == 200


@pytest.mark.parametrize("query", ["wait=0", "wait=31", "wait=x", "wait=", "wait=1&wait=2", "wait=1.5"])
def test_wait_out_of_range(shop: Shop, query: str) -> None:
    is_problem(shop.get("order", f"/orders/order-12345/status?{query}"), 400)


def test_methods_types_and_sizes(shop: Shop) -> None:
    is_problem(shop.call("order", "DELETE", "/orders/x"), 405)
    assert "POST" in shop.call("order", "PUT", "/orders", b"{}").headers["Allow"]
    is_problem(shop.get("order", "/nowhere"), 404)
    is_problem(shop.get("order", "/orders/a%ZZ"), 400)
    good = {"orderId": "types-1", "amount": 1}
    is_problem(shop.call("order", "POST", "/orders", good, {"Content-Type": "text/plain"}), 415)
    is_problem(shop.call("order", "POST", "/orders", good, {"Accept": "text/html"}), 406)
    is_problem(shop.get("order", "/orders/" + "a" * 9000), 414)
    is_problem(shop.get("order", "/livez", **{"X-Filler": "a" * 20000}), 431)
    is_problem(shop.call("order", "POST", "/orders", b" " * 70_000), 413)


def test_a_body_too_large_is_refused_by_its_header(shop: Shop) -> None:
    request = (
        b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 70000\r\n\r\n"
    )
    assert b" 413 " in shop.raw("order", request).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /orders HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /livez HTTP/1.1\nHost: x\n\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"GARBAGE\r\n\r\n",
    ],
)
def test_smuggling_and_garbage_are_400_and_closed(shop: Shop, request_bytes: bytes) -> None:
    answer = shop.raw("order", request_bytes)
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert shop.get("order", "/livez").status == 200


def test_a_request_id_is_echoed_or_made(shop: Shop) -> None:
    assert shop.get("order", "/livez", **{"X-Request-Id": "mine-1"}).headers["X-Request-Id"] == "mine-1"
    assert len(shop.get("order", "/livez").headers["X-Request-Id"]) >= 8


def test_errors_are_korean_where_that_is_preferred(shop: Shop) -> None:
    answer = shop.get("order", "/orders/unknown", **{"Accept-Language": "ko,en;q=0.5"})
    assert is_korean(answer)
    for wrong in ({"orderId": "-", "amount": 1}, {"orderId": "a", "amount": 0}):
        answer = shop.post("order", "/orders", wrong, **{"Accept-Language": "ko"})
        is_problem(answer, 400)
        assert is_korean(answer), answer


def is_korean(answer: Answer) -> bool:
    return any("가" <= letter <= "힣" for letter in answer.json()["message"])


def test_slow_headers_are_timed_out(shop: Shop) -> None:
    with shop.connect("order", seconds=25) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n")
        begun = time.monotonic()
        answer = read_to_end(connection)
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert time.monotonic() - begun < 20


# --- operations ---


@pytest.mark.parametrize("service", ["order", "payment", "inventory", "delivery"])
def test_health_and_metrics(shop: Shop, service: str) -> None:
    assert shop.get(service, "/livez").json() == {"status": "UP"}
    ready = shop.get(service, "/readyz")
    assert ready.status == 200
    assert ready.json()["status"] == "UP"
    assert ready.json()["dependencies"]["temporal"] == "UP"
    metrics = shop.get(service, "/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert b"process_resident_memory_bytes" in metrics.body
    assert b"temporal_" in metrics.body


def test_readiness_tells_the_pollers(shop: Shop) -> None:
    queues = [f"{name}TaskQueue" for name in ("Order", "Payment", "Inventory", "Delivery")]

    def all_polled() -> bool:
        told = shop.get("order", "/readyz").json()
        return list(told["taskQueues"]) == queues and "warnings" not in told

    wait_until(all_polled, 20, lambda: f"the pollers: {shop.get('order', '/readyz').body}")
    for queue in shop.get("order", "/readyz").json()["taskQueues"].values():
        assert queue["pollers"] >= 1
        assert 0 <= queue["lastPollAgeSeconds"] <= 75
    assert list(shop.get("payment", "/readyz").json()["taskQueues"]) == ["PaymentTaskQueue"]


def test_what_an_operator_should_know_is_told_with_200(new_shop) -> None:
    shop = new_shop()
    shop.stop("order")
    short = {"config": {"workflowExecutionRetentionTtl": f"{72 * 3600}s"}}
    assert shop.temporal("POST", "/update", short).status == 200
    shop.start("order")

    def warned() -> bool:
        ready = shop.get("order", "/readyz")
        return ready.status == 200 and "keeps an ended order for 72 hours only" in str(ready.json())

    shop.wait_ready("order")
    wait_until(warned, 20, lambda: f"the warning: {shop.get('order', '/readyz').body}")
    assert "keeps an ended order for 72 hours" in shop.log("order")


def test_what_starts_the_containers_raises_a_short_retention(new_shop, tmp_path: Path) -> None:
    shop = new_shop()
    scripts = REPOSITORY / "deploy" / "docker"
    http = tmp_path / "bin" / "http"  # the same, to this server's port
    http.parent.mkdir()
    http.write_text(f"#!/bin/bash\nexec {scripts}/http $1 {shop.settings.temporal.http} ${{@:3}}\n")
    http.chmod(0o755)

    def retention() -> str:
        return shop.temporal("GET", "").json()["config"]["workflowExecutionRetentionTtl"]

    kept = retention()
    short = {"config": {"workflowExecutionRetentionTtl": "86400s"}}
    assert shop.temporal("POST", "/update", short).status == 200
    wait_until(lambda: retention() == "86400s", 20, "the shorter one")
    path = f"{http.parent}:{os.environ['PATH']}"
    subprocess.run([scripts / "temporal-namespace"], env={"PATH": path}, check=True, timeout=70)
    wait_until(lambda: retention() == kept, 20, "it to be raised")


@pytest.mark.processes
def test_a_namespace_that_is_not_there_is_no_unknown_order(new_shop) -> None:
    shop = new_shop()
    shop.stop("order")
    part = shop.parts["order"]
    elsewhere = part.environment | {"TEMPORAL_NAMESPACE": "nowhere"}
    shop.parts["order"] = replace(part, environment=elsewhere, ready=partial(shop.is_live, "order"))
    shop.start("order")
    shop.wait_ready("order")
    is_problem(shop.place("nowhere-1"), 503, "ORD001")
    for path in ("/orders/nowhere-1", "/orders/nowhere-1/status"):
        is_problem(shop.get("order", path), 503, "ORD002")
    is_problem(shop.post("order", "/orders/nowhere-1/cancel"), 503, "ORD002")


def test_who_waits_is_answered_when_the_service_stops(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="10", PAYMENT_FAILURE_RATE="0")
    shop.place("waits-4")
    with shop.connect("order") as waiting:
        waiting.sendall(b"GET /orders/waits-4/status?wait=30 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: shop.order("waits-4")["stage"] == "DELIVERY", 20, "the delivery")
        before = time.monotonic()
        shop.signal(signal.SIGTERM, "order")
        answer = read_to_end(waiting)
    assert b'"status":"PROCESSING"' in answer, answer
    assert time.monotonic() - before < 3


@pytest.mark.parametrize("service", ["order", "payment", "inventory", "delivery"])
def test_sigterm_ends_with_0_within_15_seconds(new_shop, service: str) -> None:
    shop = new_shop()
    shop.place("drain-4")
    before = time.monotonic()
    assert shop.stop(service) == 0
    assert time.monotonic() - before < 15
    shop.start(service)
    shop.wait_ready(service)
    assert shop.ended("drain-4") == "COMPLETED"
