"""Deliveries that take long, and many of them at once (docs/orders.md, R6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from crash_points import ROWS, wait_running
from invariants import audited, row
from shop import Shop, wait_until
from test_many_orders import place_all

AT_ONCE = 1_000
THREADS_AT_MOST = 64


def attempts(shop: Shop, order_id: str) -> int:
    return shop.order(order_id)["steps"][2]["attempts"]


def test_a_stage_longer_than_the_heartbeat_timeout_is_one_attempt(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="6", PAYMENT_FAILURE_RATE="0")
    assert shop.place("long-4").status == 200
    wait_running(shop, "long-4", "startDelivery")
    path = ROWS["delivery"] + "long-4"
    # twelve seconds, of which the worker says something every two; after ten silent ones it is given up
    wait_until(lambda: row(shop, "delivery", path)["state"] == "DEPARTED", 30, "the courier to depart")
    assert attempts(shop, "long-4") == 1


def test_a_new_worker_waits_for_what_is_left_alone(new_shop) -> None:
    """A stage's time counts from its row, not from the worker's start."""
    shop = new_shop(DELIVERY_TIME_SCALE="8", PAYMENT_FAILURE_RATE="0")
    assert shop.place("left-4").status == 200
    path = ROWS["delivery"] + "left-4"
    wait_until(lambda: row(shop, "delivery", path).get("state") == "REQUESTED", 20, "the delivery")
    shop.kill("delivery")
    shop.start("delivery")
    shop.wait_ready("delivery")
    wait_until(lambda: row(shop, "delivery", path)["state"] == "DEPARTED", 40, "the courier to depart")
    assert attempts(shop, "left-4") == 2
    requested, departed = (
        datetime.fromisoformat(change["at"]) for change in row(shop, "delivery", path)["changes"][:2]
    )
    stage = timedelta(seconds=16)
    assert stage <= departed - requested < stage + timedelta(seconds=6)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_one_worker_carries_1000_deliveries(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="60", PAYMENT_FAILURE_RATE="0")
    stocked = {"delta": AT_ONCE, "reason": "a thousand orders"}
    assert shop.post("inventory", "/inventory/items/ITEM_4/adjust", stocked).status == 200
    orders = [f"crowd-{n}4" for n in range(AT_ONCE)]
    assert {answer.status for answer in place_all(shop, orders)} == {200}

    def all_under_way() -> bool:
        return all(row(shop, "delivery", ROWS["delivery"] + order) for order in orders)

    wait_until(all_under_way, 300, "all deliveries to be under way")
    status = Path(f"/proc/{shop.process_id('delivery')}/status").read_text()
    threads = int(status.partition("Threads:")[2].split()[0])
    assert threads < THREADS_AT_MOST
    states = {row(shop, "delivery", ROWS["delivery"] + order)["state"] for order in orders}
    assert states <= {"REQUESTED", "DEPARTED"}
    assert {attempts(shop, order) for order in orders[::50]} == {1}
    assert audited(shop)["ok"]
