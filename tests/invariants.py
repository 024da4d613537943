"""What must be true of the orders (docs/orders.md, section 6): by the shop's own audit, and beside it the money
and the stock once more, read from the services' own HTTP by other code than the audit's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from shop import Shop, wait_until

AUDIT_SECONDS = 110
"""More than the 100 that GET /audit waits."""

ENDED = {"COMPLETED": "COMPLETED", "FAILED": "FAILED", "CANCELED": "CANCELLED"}
"""A workflow's status and its order's. One that was ended from outside has its repair's (R9)."""


def check(shop: Shop, amounts: dict[str, int]) -> Counter[str]:
    """Each of these ended orders (id to amount in minor units) is right, and so are the sums and the
    whole shop. Gives how many ended how."""
    ended = Counter[str]()
    for order_id, amount_minor in amounts.items():
        order = shop.order(order_id)
        assert order["status"] in ("COMPLETED", "FAILED", "CANCELLED"), order
        ended[order["status"]] += 1
        check_order(shop, order, amount_minor)
    check_stock(shop, shop.get("inventory", "/inventory/items").json()["items"])
    result = audited(shop)
    assert result["ok"], [one for one in result["checks"] if not one["ok"]]
    return ended


def audit(shop: Shop) -> dict[str, Any]:
    answer = shop.get("order", "/audit", seconds=AUDIT_SECONDS)
    assert answer.status == 200, answer
    return answer.json()


def audited(shop: Shop) -> dict[str, Any]:
    """The result of an audit that began after this call: of one that was joined, the next."""
    asked = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def fresh() -> dict[str, Any] | None:
        result = audit(shop)
        return result if result["at"] >= asked else None

    return wait_until(fresh, AUDIT_SECONDS, "an audit of its own")


def check_order(shop: Shop, order: dict[str, Any], amount_minor: int) -> None:
    order_id = order["orderId"]
    completed = order["status"] == "COMPLETED"
    check_agrees(shop, order)
    check_money(shop, order_id, amount_minor if completed else 0, amount_minor)
    reservation = row(shop, "inventory", f"/inventory/reservations/{order_id}")
    assert (reservation.get("state") == "RESERVED") == completed, (order, reservation)  # S4
    delivery = row(shop, "delivery", f"/deliveries/{order_id}")
    assert (delivery.get("state") == "DELIVERED") == completed, (order, delivery)  # D2
    if not completed:
        assert delivery.get("state") in (None, "REJECTED", "CANCELLED", "VOID"), delivery  # D3


def check_agrees(shop: Shop, order: dict[str, Any]) -> None:
    """T5: with Temporal, and the two calls with each other."""
    order_id = order["orderId"]
    assert shop.status(order_id) == order["status"], order
    run = temporal_status(shop, f"order-workflow-{order_id}")
    assert order.get("repaired", False) == (run not in ENDED), (run, order)
    if run in ENDED:
        assert order["status"] == ENDED[run], (run, order)
    else:
        assert run in ("TERMINATED", "TIMED_OUT"), (run, order)
        assert temporal_status(shop, f"order-repair-{order_id}") == "COMPLETED", order
        assert order.get("failure", {}).get("code") == (None if order["status"] == "COMPLETED" else "ORD003")


def check_money(shop: Shop, order_id: str, net: int, ordered: int) -> None:
    payment = row(shop, "payment", f"/payments/{order_id}")
    kept = payment.get("amountMinor", 0) if payment.get("state") == "CAPTURED" else 0
    assert kept == net, (order_id, payment)  # M4, M5
    entries = shop.get("payment", f"/ledger?orderId={order_id}").json()["entries"]
    assert sum(entry["amountMinor"] for entry in entries) == 0, entries  # M6
    into_the_shop = [e["amountMinor"] for e in entries if e["account"] == "revenue"]
    assert abs(sum(into_the_shop)) == net, entries  # M3
    assert len(into_the_shop) <= 2, entries  # M1, M2
    assert all(abs(moved) == ordered for moved in into_the_shop), entries  # M7


def check_stock(shop: Shop, items: Iterable[dict[str, Any]]) -> None:
    for item in items:
        assert item["available"] >= 0, item  # S1
        assert max(item["initial"], 0) == item["available"] + item["reserved"], item  # S2


def run_of(shop: Shop, workflow_id: str) -> dict[str, Any]:
    """The current run, as Temporal describes it; nothing where there is none."""
    answer = shop.temporal("GET", f"/workflows/{quote(workflow_id)}")
    assert answer.status in (200, 404), (workflow_id, answer)
    return answer.json()["workflowExecutionInfo"] if answer.status == 200 else {}


def temporal_status(shop: Shop, workflow_id: str) -> str | None:
    status = run_of(shop, workflow_id).get("status")
    return status and status.removeprefix("WORKFLOW_EXECUTION_STATUS_")


def row(shop: Shop, service: str, path: str) -> dict[str, Any]:
    """A service's row, or nothing where it has none."""
    answer = shop.get(service, path)
    assert answer.status in (200, 404), (path, answer)
    return answer.json() if answer.status == 200 else {}


def available(shop: Shop, item_id: str) -> int:
    return shop.get("inventory", f"/inventory/items/{item_id}").json()["available"]
