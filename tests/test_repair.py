"""Orders whose workflow was ended from outside (docs/orders.md, R9): undone, or finished once departed."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from invariants import check, row, run_of, temporal_status
from local.parts import answers
from local.ports import free_ports
from shop import Shop, wait_until
from test_many_orders import AT_ONCE, end_all, place_all
from test_order_events import short, stream, told
from test_orders_api import is_problem

REPAIR_SECONDS = 60


@pytest.fixture(scope="module")
def shop(file_shop: Callable[..., Shop]) -> Shop:
    """A courier departs a second after the delivery's start, and needs another second and a half."""
    return file_shop(DELIVERY_TIME_SCALE="0.5", PAYMENT_FAILURE_RATE="0")


def terminate(shop: Shop, workflow_id: str) -> None:
    answer = shop.temporal("POST", f"/workflows/{workflow_id}/terminate", {"reason": "a test"})
    assert answer.status == 200, answer


def wait_stage(shop: Shop, order_id: str, stage: str) -> None:
    wait_until(
        lambda: shop.order(order_id)["stage"] == stage, 15, lambda: f"{stage}: {shop.order(order_id)}"
    )


def wait_delivery(shop: Shop, order_id: str, state: str) -> None:
    path = f"/deliveries/{order_id}"
    wait_until(lambda: row(shop, "delivery", path).get("state") == state, 15, f"{order_id} {state}")


def check_undone(shop: Shop, order_id: str) -> dict[str, Any]:
    assert shop.ended(order_id, REPAIR_SECONDS) == "FAILED"
    order = shop.order(order_id)
    assert (order["failure"]["code"], order["repaired"], order["stage"]) == ("ORD003", True, "DONE"), order
    assert check(shop, {order_id: 10_000}) == Counter(FAILED=1)
    is_problem(shop.post("order", f"/orders/{order_id}/cancel"), 409, "ORD005")
    check_listed(shop, order)
    return order


def check_listed(shop: Shop, order: dict[str, Any]) -> None:
    """With its repair's end, also where it is asked for by that."""
    code = order.get("failure", {}).get("code")
    query = f"q={order['orderId']}&status={order['status']}" + (f"&code={code}" if code else "")

    def found() -> list[dict[str, Any]]:
        items = shop.get("order", f"/orders?{query}").json()["items"]
        return [item for item in items if item["orderId"] == order["orderId"]]  # q is but a prefix

    items = wait_until(found, 10, query)
    assert [(i["status"], i.get("code"), i["closedAt"]) for i in items] == [
        (order["status"], code, order["closedAt"])
    ]


def results(order: dict[str, Any]) -> dict[str, str]:
    return {undo["name"]: undo["result"] for undo in order["compensations"]}


def states(order: dict[str, Any]) -> list[str]:
    return [step["state"] for step in order["steps"]]


def test_terminated_before_it_was_charged(shop: Shop) -> None:
    shop.kill("payment")
    shop.place("uncharged-4")
    wait_stage(shop, "uncharged-4", "PAYMENT")
    terminate(shop, "order-workflow-uncharged-4")
    assert shop.status("uncharged-4", wait=1) == "PROCESSING"
    is_problem(shop.post("order", "/orders/uncharged-4/cancel"), 409, "ORD005")  # it is being undone
    wait_stage(shop, "uncharged-4", "COMPENSATING")
    assert "repaired" not in shop.order("uncharged-4")
    shop.start("payment")
    order = check_undone(shop, "uncharged-4")
    assert results(order) == dict.fromkeys(("cancelDelivery", "restockInventory", "refundPayment"), "NOTHING")
    assert states(order) == ["FAILED", "SKIPPED", "SKIPPED"]
    assert row(shop, "payment", "/payments/uncharged-4")["state"] == "VOID"
    shop.wait_ready("payment")


def test_terminated_after_it_was_reserved(shop: Shop) -> None:
    shop.kill("delivery")
    shop.place("reserved-4")
    wait_stage(shop, "reserved-4", "DELIVERY")
    terminate(shop, "order-workflow-reserved-4")
    shop.start("delivery")
    order = check_undone(shop, "reserved-4")
    assert (results(order)["restockInventory"], results(order)["refundPayment"]) == ("UNDONE", "UNDONE")
    assert states(order) == ["COMPLETED", "COMPLETED", "FAILED"]
    shop.wait_ready("delivery")


def test_terminated_once_the_courier_had_departed(shop: Shop) -> None:
    shop.place("departed-4")
    wait_delivery(shop, "departed-4", "DEPARTED")
    with stream(shop, "/orders/departed-4/events") as live:
        terminate(shop, "order-workflow-departed-4")
        events = list(live)  # over the end of its run, to that of its repair
    assert [short(event) for event in events][-7:] == [
        "interrupted",
        "repair STARTED",
        "compensation cancelDelivery SCHEDULED",
        "compensation cancelDelivery FAILED D005",
        "step startDelivery SCHEDULED",
        "step startDelivery COMPLETED",
        "ended",
    ]
    assert [event.data["status"] for event in events][-2:] == ["PROCESSING", "COMPLETED"]
    timeline = shop.get("order", "/orders/departed-4/timeline").json()["events"]
    assert [event["id"] for event in timeline] == [event.id for event in events]
    for n, event in enumerate(events[-6:-1]):  # from its interruption on, amid its repair too
        assert told(shop, "departed-4", event.id) == events[n - 5:]
    done = shop.get("order", "/orders/departed-4/events", **{"Last-Event-ID": events[-1].id})
    assert done.status == 204, done
    assert shop.ended("departed-4", REPAIR_SECONDS) == "COMPLETED"
    order = shop.order("departed-4")
    assert (order["repaired"], results(order)) == (True, {"cancelDelivery": "REFUSED"})
    assert "failure" not in order
    assert states(order) == ["COMPLETED"] * 3
    assert check(shop, {"departed-4": 10_000}) == Counter(COMPLETED=1)
    check_listed(shop, order)
    is_problem(shop.post("order", "/orders/departed-4/cancel"), 409, "ORD005")


def test_terminated_amid_the_compensations(shop: Shop) -> None:
    shop.kill("inventory")
    shop.place("amid-4")
    wait_stage(shop, "amid-4", "INVENTORY")
    shop.kill("payment")
    assert shop.post("order", "/orders/amid-4/cancel").status == 202
    shop.start("inventory")
    wait_until(
        lambda: "refundPayment" in [c["name"] for c in shop.order("amid-4")["compensations"]], 30, "the refund"
    )
    terminate(shop, "order-workflow-amid-4")
    shop.start("payment")
    order = check_undone(shop, "amid-4")
    assert results(order)["refundPayment"] == "UNDONE"
    shop.wait_ready("inventory", "payment")


def test_timed_out(shop: Shop) -> None:
    """Only somebody outside can give an order a timeout: so it is started from outside."""
    shop.kill("inventory")
    order = {"orderId": "late-4", "amountMinor": 10_000, "stepDeadlineMs": 600_000, "deliveryTimeMs": 2500}
    start = {
        "workflowType": {"name": "OrderWorkflow"},
        "taskQueue": {"name": "OrderTaskQueue"},
        "input": [order],
        "memo": {"fields": {"amountMinor": 10_000}},
        "workflowRunTimeout": "4s",
        "requestId": str(uuid.uuid4()),
    }
    answer = shop.temporal("POST", "/workflows/order-workflow-late-4", start)
    assert answer.status == 200, answer
    wait_until(
        lambda: temporal_status(shop, "order-workflow-late-4") == "TIMED_OUT", 15, "the run's timeout"
    )
    shop.start("inventory")
    order = check_undone(shop, "late-4")
    assert results(order)["refundPayment"] == "UNDONE"
    shop.wait_ready("inventory")


def test_a_reset_order_is_not_repaired(shop: Shop) -> None:
    shop.kill("payment")
    for order_id in ("reset-4", "ended-4"):
        shop.place(order_id)
        wait_stage(shop, order_id, "PAYMENT")
    run = run_of(shop, "order-workflow-reset-4")["execution"]
    reset = {
        "workflowExecution": run,
        "reason": "a test",
        "workflowTaskFinishEventId": "4",
        "requestId": str(uuid.uuid4()),
    }
    answer = shop.temporal("POST", "/workflows/order-workflow-reset-4/reset", reset)
    assert answer.status == 200, answer
    terminate(shop, "order-workflow-ended-4")  # after it: once this one is repaired, both were looked at
    shop.start("payment")
    check_undone(shop, "ended-4")
    assert shop.ended("reset-4") == "COMPLETED"
    assert run_of(shop, "order-workflow-reset-4")["execution"]["runId"] != run["runId"]
    assert run_of(shop, "order-repair-reset-4") == {}
    assert "repaired" not in shop.order("reset-4")
    shop.wait_ready("payment")


@pytest.mark.processes
def test_killed_workers_and_a_repair_that_is_terminated_itself(shop: Shop) -> None:
    """Two order services look for orders to repair: each has its repair once, and again where it failed."""
    orders = [f"many-{n}4" for n in range(20)]
    shop.kill("payment")
    for order_id in orders:
        shop.place(order_id)
    wait_stage(shop, orders[-1], "PAYMENT")
    shop.kill("order")
    for order_id in orders:
        terminate(shop, f"order-workflow-{order_id}")
    add_order_service(shop, "order-2")
    shop.start("order", "order-2")
    shop.wait_ready("order", "order-2")
    for order_id in orders:
        wait_stage(shop, order_id, "COMPENSATING")
    repair = f"order-repair-{orders[0]}"
    first = run_of(shop, repair)["execution"]["runId"]
    terminate(shop, repair)
    wait_until(lambda: run_of(shop, repair)["execution"]["runId"] != first, 30, "the repair, begun again")
    shop.kill("order")
    shop.start("payment")
    shop.start("order")
    shop.wait_ready("order", "payment")
    for order_id in orders:
        check_undone(shop, order_id)
    query = "WorkflowType = 'OrderRepair' AND WorkflowId STARTS_WITH 'order-repair-many-'"
    count = shop.temporal("GET", f"/workflow-count?query={query.replace(' ', '%20')}")
    assert count.json()["count"] == str(len(orders) + 1), count
    shop.kill("order-2")


@pytest.mark.long
@pytest.mark.timeout(300)
def test_more_orders_than_a_page_has_are_all_repaired(shop: Shop) -> None:
    orders = [f"page-{n}4" for n in range(250)]
    shop.kill("payment")
    place_all(shop, orders)
    wait_stage(shop, orders[-1], "PAYMENT")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda order_id: terminate(shop, f"order-workflow-{order_id}"), orders))
    shop.start("payment")
    shop.wait_ready("payment")
    assert end_all(shop, orders) == {"FAILED": len(orders)}
    check(shop, dict.fromkeys(orders, 10_000))


def add_order_service(shop: Shop, name: str) -> None:
    """A second one, at a port of its own."""
    (port,) = free_ports(1)
    part = shop.parts["order"]
    shop.parts[name] = replace(
        part,
        name=name,
        environment=part.environment | {"ORDER_PORT": str(port)},
        log=part.log.with_name(f"{name}.log"),
        ready=partial(answers, port, "/readyz"),
    )
