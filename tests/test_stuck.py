"""Stuck compensations (docs/orders.md, R4): a person has one tried now, or counts it as done by hand."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from invariants import audited, check, row
from local.postgres import programs
from shop import Answer, Shop, wait_until
from test_orders_api import is_korean, is_problem

BY_HAND = {"by": "kim", "reason": "paid back by bank transfer"}


@pytest.fixture(scope="module")
def shop(file_shop: Callable[..., Shop]) -> Shop:
    return file_shop(DELIVERY_TIME_SCALE="0.02", PAYMENT_FAILURE_RATE="0")


@contextmanager
def no_refunds(shop: Shop) -> Iterator[None]:
    """The payment service's store refuses every refund, which is a failure and no business refusal."""
    trigger = "CREATE TRIGGER broken BEFORE UPDATE ON payment"
    if shop.settings.postgres:
        execute(shop, f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse('broken')")
    else:
        execute(shop, f"{trigger} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    try:
        yield
    finally:
        execute(shop, "DROP TRIGGER broken" + (" ON payment" if shop.settings.postgres else ""))


def execute(shop: Shop, sql: str) -> None:
    """In the payment service's database."""
    if shop.settings.postgres:
        psql = [programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "jumun", "-c", sql]
        subprocess.run(psql, env=shop.database().environment("payment"), check=True, timeout=30)
        return
    path = shop.settings.data_dir / "payment.db"
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as database:
        database.execute(sql)


def refund_of(shop: Shop, order_id: str) -> dict:
    undone = [c for c in shop.order(order_id)["compensations"] if c["name"] == "refundPayment"]
    return undone[0] if undone else {}


def wait_stuck(shop: Shop, *orders: str) -> None:
    for order_id in orders:
        wait_until(
            lambda: shop.order(order_id)["stuck"], 60, lambda: f"a stuck order: {shop.order(order_id)}"
        )


def listed(shop: Shop, order_id: str) -> dict:
    (item,) = shop.get("order", f"/orders?q={order_id}").json()["items"]
    return item


def stuck_in_metrics(shop: Shop) -> int:
    metrics = shop.get("order", "/metrics").body.decode()
    return int(re.search(r"^orders_stuck (\d+)$", metrics, re.MULTILINE)[1])


def ask(shop: Shop, order_id: str, what: str, body: object = None, name: str = "refundPayment") -> Answer:
    return shop.post("order", f"/orders/{order_id}/compensations/{name}/{what}", body)


def asked_in_history(shop: Shop, workflow_id: str) -> list[tuple[str, dict]]:
    """The updates that the workflow has accepted, and what came with each."""
    history = shop.temporal("GET", f"/workflows/{workflow_id}/history").json()["history"]["events"]
    accepted = [
        event["workflowExecutionUpdateAcceptedEventAttributes"]["acceptedRequest"]["input"]
        for event in history
        if "workflowExecutionUpdateAcceptedEventAttributes" in event
    ]
    return [(update["name"], decoded(update["args"])) for update in accepted]


def decoded(args: dict | list) -> dict:
    """Temporal's HTTP API writes JSON payloads as they are, or in Base64."""
    first = args[0] if isinstance(args, list) else args["payloads"][0]
    return json.loads(base64.b64decode(first["data"])) if "data" in first else first


@pytest.mark.timeout(240)
def test_a_stuck_refund_is_tried_again_or_counted_as_done(shop: Shop) -> None:
    orders = ["retried-2", "resolved-2", "waits-2", "repaired-2"]  # charged, then out of stock
    with no_refunds(shop):
        for order_id in orders:
            shop.place(order_id)
        wait_until(lambda: refund_of(shop, "resolved-2"), 15, "a refund under way")
        is_problem(ask(shop, "resolved-2", "resolve", BY_HAND), 409, "ORD007")  # not stuck yet
        wait_until(lambda: refund_of(shop, "repaired-2"), 15, "a refund under way")
        ended = shop.temporal("POST", "/workflows/order-workflow-repaired-2/terminate", {"reason": "test"})
        assert ended.status == 200, ended

        wait_stuck(shop, *orders)
        wait_until(lambda: stuck_in_metrics(shop) == len(orders), 40, "the metric to say so")
        before = refund_of(shop, "waits-2")["attempts"]
        assert before >= 5
        again = ask(shop, "waits-2", "retry")
        assert (again.status, again.json()["status"]) == (202, "PROCESSING"), again
        wait_until(
            lambda: refund_of(shop, "waits-2")["attempts"] > before, 5, lambda: f"{shop.order('waits-2')}"
        )
        assert shop.order("waits-2")["stuck"] is True  # it failed again, and goes on
        assert listed(shop, "waits-2")["stuck"] is True
        assert audited(shop)["ok"] is True
        shop.kill("order")
        shop.start("order")
        shop.wait_ready("order")
        assert shop.order("waits-2")["stuck"] is True
        assert wait_until(lambda: stuck_in_metrics(shop), 40, "the first count") == len(orders)

        # Tasks for the worker that died wait up to 10 s for it: then a call may be 503, to be repeated.
        wait_until(lambda: ask(shop, "resolved-2", "resolve", BY_HAND).status == 202, 30, "a 202")
        assert shop.ended("resolved-2") == "FAILED"
        refund = refund_of(shop, "resolved-2")
        assert (refund["state"], refund["result"]) == ("COMPLETED", "RESOLVED"), refund
        assert refund["attempts"] >= 5, refund
        assert shop.order("resolved-2")["failure"]["code"] == "I003"
        assert row(shop, "payment", "/payments/resolved-2")["state"] == "CAPTURED"
        assert ask(shop, "resolved-2", "resolve", BY_HAND).status == 202  # again
        is_problem(ask(shop, "resolved-2", "retry"), 409, "ORD007")
        (name, request), *more = asked_in_history(shop, "order-workflow-resolved-2")
        assert (name, more) == ("resolveCompensation", [])
        assert request | BY_HAND | {"name": "refundPayment"} == request

        wait_until(lambda: ask(shop, "repaired-2", "resolve", BY_HAND).status == 202, 30, "a 202")
        assert shop.ended("repaired-2") == "FAILED"
        assert shop.order("repaired-2")["failure"]["code"] == "ORD003"  # it was its repair that was asked
        assert refund_of(shop, "repaired-2")["result"] == "RESOLVED"
        assert asked_in_history(shop, "order-repair-repaired-2")
    assert ask(shop, "retried-2", "retry", {"by": "kim"}).status == 202
    assert shop.ended("retried-2", 5) == "FAILED"  # the next attempt was due in up to a minute
    assert refund_of(shop, "retried-2")["result"] == "UNDONE"
    ask(shop, "waits-2", "retry")
    assert shop.ended("waits-2") == "FAILED"
    check(shop, {"retried-2": 10_000, "waits-2": 10_000})
    assert set(audited(shop)["resolved"]) == {"resolved-2", "repaired-2"}


@pytest.mark.timeout(240)
@pytest.mark.long
def test_a_refund_that_nobody_takes_can_be_resolved(new_shop) -> None:
    shop = new_shop()
    shop.kill("payment")
    shop.place("nobody-1")
    wait_until(lambda: shop.order("nobody-1")["stage"] == "PAYMENT", 10, "the first step")
    assert shop.post("order", "/orders/nobody-1/cancel").status == 202
    wait_until(lambda: shop.order("nobody-1")["stuck"], 80, "nobody-1 to be stuck")
    assert ask(shop, "nobody-1", "retry").status == 202
    assert shop.order("nobody-1")["stuck"] is True
    assert ask(shop, "nobody-1", "resolve", BY_HAND).status == 202
    assert shop.ended("nobody-1") == "CANCELLED"
    assert refund_of(shop, "nobody-1")["result"] == "RESOLVED"


def test_only_what_is_stuck_can_be_asked_for(shop: Shop) -> None:
    shop.place("fine-1")
    shop.place("refused-2")
    assert shop.ended("fine-1") == "COMPLETED"
    assert shop.ended("refused-2") == "FAILED"
    for what in ("retry", "resolve"):
        is_problem(ask(shop, "unknown", what, BY_HAND), 404)
        is_problem(ask(shop, "fine-1", what, BY_HAND, name="startDelivery"), 404)
        is_problem(ask(shop, "fine-1", what, BY_HAND, name="refund"), 404)
        is_problem(ask(shop, "fine-1", what, BY_HAND), 409, "ORD007")  # it was never scheduled
        is_problem(ask(shop, "refused-2", what, BY_HAND), 409, "ORD007")  # it is done
    path = "/orders/refused-2/compensations/refundPayment/resolve"
    korean = shop.post("order", path, BY_HAND, **{"Accept-Language": "ko"})
    is_problem(korean, 409, "ORD007")
    assert is_korean(korean)
    is_problem(shop.get("order", path), 405)


@pytest.mark.parametrize(
    "body",
    [
        None, b"{", {}, {"by": "kim"}, {"reason": "x"}, {"by": "", "reason": "x"}, {"by": "kim", "reason": " "},
        {"by": 1, "reason": "x"}, {"by": "k" * 101, "reason": "x"}, {"by": "kim", "reason": "x" * 1001},
    ],
)  # fmt: skip
def test_who_resolves_says_who_and_why(shop: Shop, body: object) -> None:
    path = "/orders/unknown/compensations/refundPayment/resolve"
    is_problem(shop.call("order", "POST", path, body), 400)
    if body not in (None, {}, {"by": "kim"}, {"reason": "x"}):
        is_problem(shop.call("order", "POST", path.replace("resolve", "retry"), body), 400)
    if isinstance(body, dict):
        korean = shop.call("order", "POST", path, body, {"Accept-Language": "ko"})
        assert is_korean(korean), korean
