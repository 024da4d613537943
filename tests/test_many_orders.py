"""Many orders at once: nothing is done twice, nothing is sold twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from invariants import available, check
from shop import Answer, Shop

AT_ONCE = 20


def place_all(shop: Shop, orders: list[str], at_once: int = AT_ONCE) -> list[Answer]:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(shop.place, orders))


def end_all(shop: Shop, orders: list[str], seconds: float = 120) -> Counter[str]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(lambda order: shop.ended(order, seconds), orders))


def test_100_equal_posts_start_one_workflow_and_capture_once(shop: Shop) -> None:
    answers = place_all(shop, ["equal-1"] * 100, at_once=100)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert replayed.count(None) == 1
    assert replayed.count("true") == 99
    assert shop.ended("equal-1") == "COMPLETED"
    assert check(shop, {"equal-1": 10_000}) == {"COMPLETED": 1}


def test_60_orders_that_delivery_refuses_leave_the_stock_as_it_was(shop: Shop) -> None:
    before = available(shop, "ITEM_9")
    orders = [f"north-{n}9" for n in range(60)]
    # these ids' payments pass, or fail by the 20 %: either way nothing stays
    assert {answer.status for answer in place_all(shop, orders)} == {200}
    assert end_all(shop, orders) == {"FAILED": 60}
    assert available(shop, "ITEM_9") == before
    check(shop, dict.fromkeys(orders, 10_000))


def test_of_90_orders_for_50_pieces_exactly_50_complete(new_shop) -> None:
    shop = new_shop(PAYMENT_FAILURE_RATE="0", DELIVERY_TIME_SCALE="0.02")
    orders = [f"rush-{n}8" for n in range(90)]
    assert {answer.status for answer in place_all(shop, orders)} == {200}
    assert end_all(shop, orders) == {"COMPLETED": 50, "FAILED": 40}
    assert available(shop, "ITEM_8") == 0
    assert check(shop, dict.fromkeys(orders, 10_000)) == {"COMPLETED": 50, "FAILED": 40}
