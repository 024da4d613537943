"""GET /orders: filters, pages, and that no order comes twice or is lost while others come and end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shop import Shop, wait_until

LISTED_SECONDS = 3
"""After this a new order is listed, says the contract."""


def listed(shop: Shop, **query: object) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor = None
    for _ in range(100):
        parts = query | ({"cursor": cursor} if cursor else {})
        page = shop.get("order", "/orders?" + "&".join(f"{k}={v}" for k, v in parts.items()))
        assert page.status == 200, page
        items += page.json()["items"]
        cursor = page.json().get("nextCursor")
        if not cursor:
            return items
    raise AssertionError("the pages do not end")


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["orderId"] for item in items]


@pytest.fixture(scope="module")
def orders(shop: Shop) -> list[str]:
    """Orders with every kind of end, in the order they were placed."""
    placed = ["sale-1", "sale-2", "sale-3", "sale-4", "sale-9", "Sale-5", "sale-abc", "주문-6"]
    for order in placed:
        assert shop.place(order).status == 200
    for order in placed:
        shop.ended(order)
    wait_until(
        lambda: all(item["status"] != "PROCESSING" for item in listed(shop))
        and len(listed(shop)) == len(placed),
        LISTED_SECONDS,
        "all orders listed",
    )
    return placed


def test_newest_first(shop: Shop, orders: list[str]) -> None:
    items = listed(shop)
    assert ids(items) == orders[::-1]
    assert items == sorted(items, key=lambda item: item["createdAt"], reverse=True)
    newest = items[0]
    assert newest == {
        "orderId": "주문-6",
        "workflowId": "order-workflow-주문-6",
        "amount": 100,
        "status": "COMPLETED",
        "stuck": False,
        "createdAt": newest["createdAt"],
        "closedAt": newest["closedAt"],
    }
    assert next(item for item in items if item["orderId"] == "sale-9")["code"] == "D002"


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_pages(shop: Shop, orders: list[str], limit: int) -> None:
    assert ids(listed(shop, limit=limit)) == orders[::-1]


def test_filters(shop: Shop, orders: list[str]) -> None:
    assert ids(listed(shop, status="COMPLETED")) == ["주문-6", "Sale-5", "sale-4", "sale-1"]
    assert ids(listed(shop, status="FAILED")) == ["sale-abc", "sale-9", "sale-3", "sale-2"]
    assert ids(listed(shop, status="PROCESSING")) == []
    assert ids(listed(shop, code="I003")) == ["sale-2"]
    assert ids(listed(shop, code="D002", status="FAILED")) == ["sale-9"]
    assert ids(listed(shop, code="D002", status="COMPLETED")) == []
    assert ids(listed(shop, q="sale-")) == ["sale-abc", "sale-9", "sale-4", "sale-3", "sale-2", "sale-1"]
    assert ids(listed(shop, q="Sale")) == ["Sale-5"]
    assert ids(listed(shop, q="주문")) == ["주문-6"]
    middle = next(i for i in listed(shop) if i["orderId"] == "sale-4")["createdAt"]
    assert ids(listed(shop, **{"from": middle})) == ["주문-6", "sale-abc", "Sale-5", "sale-9", "sale-4"]
    assert ids(listed(shop, to=middle)) == ["sale-3", "sale-2", "sale-1"]


def test_temporal_itself_finds_orders_by_their_code(shop: Shop, orders: list[str]) -> None:
    """Once every part of the server knows the attribute, some time after the very first start."""
    refused = iter(f"coded-{n}-2" for n in range(1000))

    def found() -> bool:
        order = next(refused)
        shop.place(order)
        shop.ended(order)
        answer = shop.temporal("GET", "/workflows?query=OrderCode%3D%27I003%27")
        return answer.status == 200 and "executions" in answer.json()

    wait_until(found, 60, "an order in the index of codes")
    assert set(ids(listed(shop, code="I003"))) >= {"sale-2"}


def test_a_new_order_is_listed_at_once(shop: Shop, orders: list[str]) -> None:
    assert shop.place("fresh-7").status == 200
    wait_until(lambda: ids(listed(shop, q="fresh"))[:1] == ["fresh-7"], LISTED_SECONDS, "it is listed")
    shop.ended("fresh-7")


def test_no_order_twice_or_lost_while_others_come(shop: Shop, orders: list[str]) -> None:
    before = [f"a{n}-7" for n in range(30)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shop.place, before))
        wait_until(lambda: len(listed(shop, q="a")) == len(before), LISTED_SECONDS, "all listed")
        arriving = pool.submit(lambda: [shop.place(f"b{n}-7") for n in range(30)])
        for _ in range(5):
            seen = ids(listed(shop, limit=7))
            assert len(seen) == len(set(seen))
            assert set(before) | set(orders) <= set(seen)
        arriving.result()
    for order in before:
        shop.ended(order)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=DONE", "status"),
        ("code=X999", "code"),
        ("q=%27", "q"),
        ("from=yesterday", "from"),
        ("to=2026-13-01T00:00:00Z", "to"),
        ("cursor=zz", "cursor"),
        ("cursor=00", "cursor"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
    ],
)
def test_a_wrong_parameter_is_named(shop: Shop, query: str, field: str) -> None:
    answer = shop.get("order", f"/orders?{query}")
    assert answer.status == 400, answer
    assert field in answer.json()["message"]
