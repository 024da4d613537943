"""The scenario table of docs/orders.md, section 4, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from invariants import available, check_order, row
from shop import KIND, Shop

# On SQLite, and with everything, Temporal too, on PostgreSQL.
KINDS = ["sqlite", "postgres"] if KIND == "sqlite" else [KIND]
pytestmark = pytest.mark.parametrize("shop", KINDS, indirect=True, scope="module")

UNDO_OF = {
    "chargePayment": "refundPayment",
    "reserveInventory": "restockInventory",
    "startDelivery": "cancelDelivery",
}


@dataclass(frozen=True)
class Scenario:
    order: str
    status: str = "COMPLETED"
    code: str | None = None
    steps: tuple[str, str, str] = ("COMPLETED", "COMPLETED", "COMPLETED")
    undone: dict[str, str] = field(default_factory=dict)  # in the order in which they ran
    amount: float = 100
    item: str | None = None  # whose stock it takes when it completes

    def __str__(self) -> str:
        return f"{self.order}-{self.amount:g}"


REFUSED_STOCK = dict(
    status="FAILED",
    steps=("COMPLETED", "FAILED", "SKIPPED"),
    undone={"restockInventory": "NOTHING", "refundPayment": "UNDONE"},
)
REFUSED_PAYMENT = dict(
    status="FAILED",
    steps=("FAILED", "SKIPPED", "SKIPPED"),
    undone={"refundPayment": "NOTHING"},
)
SCENARIOS = [
    Scenario("order-1", item="ITEM_1"),
    Scenario("order-2", code="I003", **REFUSED_STOCK),
    Scenario("order-3", code="I002", **REFUSED_STOCK),
    *(Scenario(f"order-{n}", item=f"ITEM_{n}") for n in range(4, 9)),
    Scenario(
        "order-9",
        status="FAILED",
        code="D002",
        steps=("COMPLETED", "COMPLETED", "FAILED"),
        undone={
            "cancelDelivery": "NOTHING",
            "restockInventory": "UNDONE",
            "refundPayment": "UNDONE",
        },
    ),
    Scenario("order-10", code="I001", **REFUSED_STOCK),
    Scenario("order-abc", code="I001", **REFUSED_STOCK),
    Scenario("order-limit-1", code="P001", amount=1_000_000.01, **REFUSED_PAYMENT),
    Scenario("order-limit-4", amount=1_000_000, item="ITEM_4"),
    Scenario("order-16", code="P002", **REFUSED_PAYMENT),
    Scenario("order-12345", item="ITEM_5"),
    Scenario("주문-7", item="ITEM_7"),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_scenario(shop: Shop, scenario: Scenario) -> None:
    stock_before = available(shop, scenario.item) if scenario.item else 0
    placed = shop.place(scenario.order, scenario.amount)
    assert placed.status == 200, placed
    assert shop.ended(scenario.order) == scenario.status

    order = shop.order(scenario.order)
    assert order["stage"] == "DONE"
    assert order["stuck"] is False
    assert order.get("failure", {}).get("code") == scenario.code
    assert [step["name"] for step in order["steps"]] == list(UNDO_OF)
    assert tuple(step["state"] for step in order["steps"]) == scenario.steps
    assert {c["name"]: c["result"] for c in order["compensations"]} == scenario.undone
    assert [c["name"] for c in order["compensations"]] == list(scenario.undone)
    check_order(shop, order, round(scenario.amount * 100))
    if scenario.item:
        assert available(shop, scenario.item) == stock_before - 1


def test_compensations_run_last_in_first_out_and_before_the_end(shop: Shop) -> None:
    shop.place("late-9")
    assert shop.ended("late-9") == "FAILED"
    order = shop.order("late-9")
    undos = order["compensations"]
    assert [undo["name"] for undo in undos] == [
        "cancelDelivery",
        "restockInventory",
        "refundPayment",
    ]
    for earlier, later in zip(undos, undos[1:]):
        assert earlier["endedAt"] <= later["startedAt"]
    assert undos[-1]["endedAt"] <= order["closedAt"]


def test_an_item_is_sold_out_when_its_last_piece_is_reserved(shop: Shop) -> None:
    assert shop.post(
        "inventory", "/inventory/items/ITEM_z/adjust", {"delta": 1, "reason": "test"}
    ).status == 200
    shop.place("one-z")
    assert shop.ended("one-z") == "COMPLETED"
    shop.place("two-z")
    assert shop.ended("two-z") == "FAILED"
    assert shop.order("two-z")["failure"]["code"] == "I003"


def test_closed_warehouses_refuse(shop: Shop) -> None:
    # ITEM_2 is in BUSAN alone
    shop.post("inventory", "/inventory/items/ITEM_2/adjust", {"delta": 5, "reason": "test"})
    assert shop.put("inventory", "/warehouses/BUSAN", {"open": False}).status == 200
    try:
        shop.place("closed-2")
        assert shop.ended("closed-2") == "FAILED"
        assert shop.order("closed-2")["failure"]["code"] == "I004"
    finally:
        shop.put("inventory", "/warehouses/BUSAN", {"open": True})


def test_an_address_that_ends_in_0_is_met_once_item_0_is_stocked(shop: Shop) -> None:
    shop.post("inventory", "/inventory/items/ITEM_0/adjust", {"delta": 1, "reason": "test"})
    shop.place("stocked-0")
    assert shop.ended("stocked-0") == "FAILED"
    assert shop.order("stocked-0")["failure"]["code"] == "D001"
    assert available(shop, "ITEM_0") == 1


def test_without_couriers_delivery_refuses(shop: Shop) -> None:
    assert shop.put("delivery", "/couriers", {"available": 0}).status == 200
    try:
        shop.place("nobody-4")
        assert shop.ended("nobody-4") == "FAILED"
        assert shop.order("nobody-4")["failure"]["code"] == "D003"
        assert row(shop, "payment", "/payments/nobody-4")["state"] == "REFUNDED"
    finally:
        shop.put("delivery", "/couriers", {"available": 100})
