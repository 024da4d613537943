"""SIGKILL amid orders: every order ends right, money and stock balance."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from crash_points import unreachable
from invariants import check, row
from shop import Shop, wait_until
from test_many_orders import end_all, place_all

SERVICES = ["order", "payment", "inventory", "delivery"]
# of every kind: completes, refused by stock, by delivery, by payment
ORDERS_A_ROUND = [f"{n}{last}" for n in (0, 1) for last in "1234567890"]


def orders_of(name: str) -> list[str]:
    return [f"{name}-{order}" for order in ORDERS_A_ROUND]


def check_all_right(shop: Shop, orders: list[str]) -> None:
    """The ends are what they would be without the fault: the same orders, undisturbed, give the same."""
    end_all(shop, orders)
    disturbed = {order: shop.order(order) for order in orders}
    check(shop, dict.fromkeys(orders, 10_000))
    for order_id, order in disturbed.items():
        expected = expected_end(shop, order_id)
        assert (order["status"], order.get("failure", {}).get("code")) == expected, order


def expected_end(shop: Shop, order_id: str) -> tuple[str, str | None]:
    """By the payment's stored answer and the last character."""
    if row(shop, "payment", f"/payments/{order_id}").get("code") == "P002":
        return "FAILED", "P002"
    refusals = {"2": "I003", "3": "I002", "9": "D002", "0": "I001"}
    code = refusals.get(order_id[-1])
    return ("FAILED", code) if code else ("COMPLETED", None)


@pytest.mark.parametrize("victim", SERVICES)
def test_a_killed_service_costs_no_order(new_shop, victim: str) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0.2")
    orders = orders_of(f"kill-{victim}")
    half = len(orders) // 2
    assert {answer.status for answer in place_all(shop, orders[:half])} == {200}
    shop.kill(victim)
    if victim != "order":  # without it nobody takes orders
        assert {answer.status for answer in place_all(shop, orders[half:])} == {200}
    shop.start(victim)
    shop.wait_ready(victim)
    if victim == "order":
        assert {answer.status for answer in place_all(shop, orders[half:])} == {200}
    check_all_right(shop, orders)


def test_all_killed_at_once_temporal_too(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0.2")
    orders = orders_of("all")
    assert {answer.status for answer in place_all(shop, orders)} == {200}
    shop.kill("temporal", *SERVICES)
    shop.start("temporal", *SERVICES)
    shop.wait_ready()
    check_all_right(shop, orders)


def test_an_order_cancelled_while_its_worker_is_dead_is_cancelled(new_shop) -> None:
    shop = new_shop()
    shop.place("cancel-4")
    wait_until(
        lambda: row(shop, "delivery", "/deliveries/cancel-4").get("state") == "REQUESTED",
        10,
        "the delivery's start",
    )
    shop.kill("delivery")
    answer = shop.post("order", "/orders/cancel-4/cancel")  # decided by delivery's row: nobody is there
    assert answer.status == 503, answer
    assert answer.json()["code"] == "ORD002"
    shop.start("delivery")
    shop.wait_ready("delivery")
    assert shop.ended("cancel-4", 60) == "CANCELLED"
    assert shop.post("order", "/orders/cancel-4/cancel").status == 202
    assert check(shop, {"cancel-4": 10_000}) == Counter(CANCELLED=1)


def test_with_temporal_away_a_post_is_refused_and_repeating_it_is_safe(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0")
    shop.kill("temporal")
    refused = shop.place("away-1")
    assert refused.status == 503, refused
    assert refused.json()["code"] == "ORD001"
    assert int(refused.headers["Retry-After"]) >= 1
    assert shop.get("order", "/orders/away-1").json()["code"] == "ORD002"
    assert shop.get("order", "/livez").status == 200
    for service in SERVICES:
        ready = shop.get(service, "/readyz")
        assert (ready.status, ready.json()["dependencies"]["temporal"]) == (503, "DOWN")
    shop.start("temporal")
    shop.wait_ready()
    assert wait_until(lambda: shop.place("away-1").status == 200, 30, "an accepted order")
    assert shop.ended("away-1") == "COMPLETED"


def test_a_post_that_temporal_does_not_answer_is_refused_after_5_s(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0", PAYMENT_FAILURE_RATE="0")
    with unreachable(shop):
        asked = time.monotonic()
        refused = shop.place("hangs-1")
        waited = time.monotonic() - asked
        assert (refused.status, refused.json()["code"]) == (503, "ORD001"), refused
        assert int(refused.headers["Retry-After"]) >= 1
        assert 4.5 < waited < 10, waited
        cancelled = shop.post("order", "/orders/hangs-1/cancel")
        assert (cancelled.status, cancelled.json()["code"]) == (503, "ORD002"), cancelled
    assert shop.place("hangs-1").status == 200  # it may have been started all the same
    assert shop.ended("hangs-1") == "COMPLETED"
    assert check(shop, {"hangs-1": 10_000}) == Counter(COMPLETED=1)


@pytest.mark.shop
def test_a_task_queue_that_was_never_polled_is_named_at_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with shop.some_parts("temporal", "order"):
        ready = shop.get("order", "/readyz")
        assert ready.status == 200
        assert ready.json()["taskQueues"]["PaymentTaskQueue"] == {"pollers": 0, "lastPollAgeSeconds": None}
        assert "PaymentTaskQueue has no poller." in ready.json()["warnings"]


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_task_queue_that_nobody_polls_is_named(new_shop) -> None:
    shop = new_shop()
    shop.kill("delivery")

    def named() -> bool:
        ready = shop.get("order", "/readyz")
        queue = ready.json()["taskQueues"]["DeliveryTaskQueue"]
        return (ready.status, queue["pollers"]) == (200, 0) and "DeliveryTaskQueue" in str(
            ready.json().get("warnings")
        )

    wait_until(named, 120, lambda: f"the warning: {shop.get('order', '/readyz').body}")
    shop.start("delivery")
    wait_until(lambda: not named(), 30, "the poller")


@pytest.mark.parametrize(
    ("away", "stage", "code"),
    [("payment", "PAYMENT", "P002"), ("inventory", "INVENTORY", "I005"), ("delivery", "DELIVERY", "D003")],
)
def test_a_step_that_nobody_takes_gives_up_at_its_deadline(new_shop, away: str, stage: str, code: str) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0", STEP_DEADLINE="8s", PAYMENT_FAILURE_RATE="0")
    shop.kill(away)
    shop.place("late-1")
    wait_until(lambda: shop.order("late-1")["stage"] == "COMPENSATING", 40, f"the end of {stage}")
    shop.start(away)  # the undo waits for it
    assert shop.ended("late-1") == "FAILED"
    assert shop.order("late-1")["failure"]["code"] == code
    assert check(shop, {"late-1": 10_000}) == Counter(FAILED=1)


@pytest.mark.long
@pytest.mark.timeout(240)
def test_an_undo_that_nobody_takes_is_stuck_after_a_minute(new_shop) -> None:
    shop = new_shop()
    shop.kill("payment")
    shop.place("stuck-1")
    wait_until(lambda: shop.order("stuck-1")["stage"] == "PAYMENT", 10, "the first step")
    assert shop.post("order", "/orders/stuck-1/cancel").status == 202  # before the delivery: at once
    assert shop.order("stuck-1")["stuck"] is False
    wait_until(lambda: shop.order("stuck-1")["stuck"], 80, "stuck-1 to be stuck")
    wait_until(
        lambda: b"orders_stuck 1" in shop.get("order", "/metrics").body, 40, "the metric to say so"
    )
    shop.start("payment")
    assert shop.ended("stuck-1") == "CANCELLED"
    wait_until(lambda: b"orders_stuck 0" in shop.get("order", "/metrics").body, 40, "none stuck")
