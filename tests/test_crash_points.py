"""Killed at the worst moments (docs/orders.md, section 7): orders go on within 30 s, every invariant holds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest
from crash_points import (
    IMPATIENT,
    QUICK,
    GO_ON_SECONDS,
    STEPS,
    away,
    blocked,
    check_ends,
    short_polls,
    start_again,
    told_too_late,
    told_twice,
    unreachable,
    wait_state,
    woken_too_late,
)
from shop import Shop, wait_until
from test_faults import check_all_right, orders_of
from test_many_orders import place_all

pytestmark = [pytest.mark.shop, pytest.mark.timeout(180)]

SCALE = 2
"""A delivery takes ten seconds: there is time to stop it at each of its stages."""
DELIVERED_SECONDS = GO_ON_SECONDS + 5 * SCALE

COMMITTED = {  # by a step, and by its undo; a delivery may depart beside its cancellation
    "payment": (("CAPTURED",), ("REFUNDED",)),
    "inventory": (("RESERVED",), ("RELEASED",)),
    "delivery": (("REQUESTED", "DEPARTED"), ("CANCELLED", "DEPARTED", "IN_TRANSIT")),
}


@pytest.fixture(scope="module")
def crashing(file_shop: Callable[..., Shop]) -> Shop:
    return file_shop(PAYMENT_FAILURE_RATE="0", DELIVERY_TIME_SCALE=str(SCALE))


def under_way(shop: Shop) -> bool:
    """A request beside this one."""
    return b"http_connections 2" in shop.get("order", "/metrics").body


def check_both(shop: Shop, service: str, step: str, undo: str) -> None:
    if service == "delivery":  # whether a delivery departs or is cancelled is decided once, either way
        ends = {step: ("COMPLETED",), undo: ("CANCELLED", "COMPLETED")}
        check_ends(shop, ends, DELIVERED_SECONDS)
    else:
        check_ends(shop, {step: ("FAILED",), undo: ("FAILED",)})


@pytest.mark.parametrize("victim", ["the service", "order", "temporal"])
@pytest.mark.parametrize("service", STEPS)
def test_killed_before_a_transaction(crashing: Shop, service: str, victim: str) -> None:
    """The service: with its activities begun. Order and Temporal: between two steps, and amid the undoing."""
    with ExitStack() as stack:
        step, undo = blocked(crashing, service, f"before-{victim.split()[-1]}", stack)
        killed = service if victim == "the service" else victim
        crashing.kill(killed)
    start_again(crashing, killed)
    check_both(crashing, service, step, undo)


@pytest.mark.parametrize("service", STEPS)
def test_killed_after_the_commit_and_before_the_report(crashing: Shop, service: str) -> None:
    done, undone = COMMITTED[service]
    with ExitStack() as stack:
        step, undo = blocked(crashing, service, "after", stack)
        with away(crashing):
            stack.close()
            wait_state(crashing, service, step, *done)
            wait_state(crashing, service, undo, *undone)
            crashing.kill(service)
    start_again(crashing, service)
    check_both(crashing, service, step, undo)


def test_a_delivery_killed_at_each_stage_arrives(crashing: Shop) -> None:
    """Between heartbeats: one order, three crashes."""
    assert crashing.place("stages-5").status == 200
    for state in ("REQUESTED", "DEPARTED", "IN_TRANSIT"):
        wait_state(crashing, "delivery", "stages-5", state)
        crashing.kill("delivery")
        start_again(crashing, "delivery")
    check_ends(crashing, {"stages-5": ("COMPLETED",)}, DELIVERED_SECONDS)


def test_the_api_killed_before_it_starts_a_workflow(crashing: Shop) -> None:
    with ThreadPoolExecutor(1) as pool, unreachable(crashing):
        posting = pool.submit(crashing.place, "unheard-9")
        wait_until(lambda: under_way(crashing), 10, "the POST to be under way")
        crashing.kill("order")
        assert posting.exception(10) is not None
    start_again(crashing, "order")
    assert crashing.place("unheard-9").status == 200  # whether or not it has begun
    check_ends(crashing, {"unheard-9": ("FAILED",)})


def test_what_the_api_accepted_before_it_was_killed_exists(crashing: Shop) -> None:
    """T1, and T3: an ended status stays."""
    orders = orders_of("posts")
    with ThreadPoolExecutor(len(orders)) as pool:
        posts = [pool.submit(crashing.place, order) for order in orders]
        wait(posts, 10, FIRST_COMPLETED)
        crashing.kill("order")
    start_again(crashing, "order")
    accepted = [order for order, post in zip(orders, posts) if not post.exception()]
    assert accepted
    for order in accepted:
        crashing.status(order)
    assert {answer.status for answer in place_all(crashing, orders)} == {200}
    check_all_right(crashing, orders)

    before = {order: crashing.status(order) for order in orders}
    crashing.kill("temporal", *STEPS, "order")
    start_again(crashing, "temporal", *STEPS, "order")
    assert {order: crashing.status(order) for order in orders} == before
    check_all_right(crashing, orders)


def test_a_charge_nobody_heard_of_is_made_once(new_shop) -> None:
    told_twice(new_shop(**QUICK), "twice-1")


def test_a_charge_told_too_late_is_given_back(new_shop) -> None:
    told_too_late(new_shop(**IMPATIENT), "late-1")


def test_a_charge_that_wakes_after_its_refund_takes_nothing(tmp_path: Path) -> None:
    with Shop(tmp_path, dynamic_config=short_polls(tmp_path), **IMPATIENT) as shop:
        woken_too_late(shop, "woken-1")
