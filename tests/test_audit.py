"""GET /audit: right where the shop is, and each check red where somebody had his hands in the rows."""

from __future__ import annotations

import re
import sqlite3
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timezone

import pytest
from invariants import audit, audited, check
from shop import Answer, Shop, wait_until
from test_many_orders import end_all, place_all

SCENARIOS = [*(f"order-{n}" for n in range(1, 11)), "order-abc", "order-16", "order-12345", "주문-7"]
CHECKS = (
    "M1 M2 M3 M4 M5 M6 M7 S1 S2 S3 S4 S5 D1 D2 D3 D4 D5 T1 T2 T3 T4 T5 T6 X1".split()
)
DECIDED_BY_FAULT_TESTS = {"S5", "T1", "T3"}


@contextmanager
def by_hand(shop: Shop, service: str, *statements: str) -> Iterator[None]:
    """Rows changed past the service and what its schema forbids; as they were again afterwards."""
    if shop.settings.postgres:
        pytest.skip("the hands are in SQLite's file")
    path = shop.settings.data_dir / f"{service}.db"
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        tables = [name for (name,) in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )]
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute("BEGIN IMMEDIATE")
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for table in tables:
            db.execute(f"CREATE TABLE before_{table} AS SELECT * FROM {table}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement
        db.execute("COMMIT")
        try:
            yield
        finally:
            db.execute("BEGIN IMMEDIATE")
            for table in tables:
                db.execute(f"DELETE FROM {table}")
                db.execute(f"INSERT INTO {table} SELECT * FROM before_{table}")
                db.execute(f"DROP TABLE before_{table}")
            for _, sql in triggers:
                db.execute(sql)
            db.execute("COMMIT")


@pytest.fixture(scope="module")
def served(shop: Shop) -> Shop:
    """A shop that has seen every kind of end, many at once."""
    place_all(shop, SCENARIOS)
    crowd = [f"crowd-{n}" for n in range(40)]
    place_all(shop, crowd)
    shop.place("cancelled-4")
    shop.post("order", "/orders/cancelled-4/cancel")
    end_all(shop, [*SCENARIOS, *crowd, "cancelled-4"])
    return shop


def test_a_shop_that_is_right_is_ok(served: Shop) -> None:
    result = audited(served)
    assert result["ok"] is True, result
    assert [check["id"] for check in result["checks"]] == CHECKS
    for one in result["checks"]:
        assert (one["ok"], one["violations"], one["count"]) == (True, [], 0), one
        assert one.get("note") == ("fault tests" if one["id"] in DECIDED_BY_FAULT_TESTS else None)
    assert result["resolved"] == []
    sums = result["sums"]
    assert sums["completed"] + sums["failed"] + sums["cancelled"] == len(SCENARIOS) + 40 + 1
    assert sums["ledgerMinor"] == 0
    assert sums["netMinor"] == sums["completed"] * 10_000
    assert sums["netMinor"] == sums["capturedMinor"] - sums["refundedMinor"]
    assert sums["reserved"] == sums["delivered"] == sums["completed"]


@pytest.mark.parametrize(
    ("service", "statements", "red"),
    [
        ("payment", ["DELETE FROM ledger WHERE order_id = 'order-1'"], {"M4"}),
        ("payment", ["DELETE FROM ledger WHERE order_id = 'order-1' AND account = 'customer'"], {"M6"}),
        (
            "payment",
            ["UPDATE ledger SET amount_minor = amount_minor * 2 WHERE order_id = 'order-1'"],
            {"M3", "M4"},
        ),
        (
            "payment",
            [
                "UPDATE payment SET amount_minor = 10001 WHERE order_id = 'order-9'",
            ],
            {"M7"},
        ),
        (
            "payment",
            [
                "DELETE FROM ledger WHERE order_id = 'order-9' AND movement = 'REFUND'",
            ],
            {"M5"},
        ),
        (
            "payment",
            [
                "INSERT INTO payment VALUES ('nobody-1', 'CAPTURED', 5, NULL, 4102444800000)",
                "INSERT INTO ledger (at, order_id, movement, account, amount_minor) VALUES "
                "(0, 'nobody-1', 'CAPTURE', 'revenue', 5), (0, 'nobody-1', 'CAPTURE', 'customer', -5)",
            ],
            {"X1"},
        ),
        ("payment", ["UPDATE payment SET state = 'REFUNDED' WHERE order_id = 'order-1'"], {"D5"}),
        ("inventory", ["UPDATE item SET available = available + 1 WHERE item_id = 'ITEM_6'"], {"S2"}),
        (
            "inventory",
            [
                "UPDATE reservation SET state = 'REJECTED' WHERE order_id = 'order-1'",
                "UPDATE item SET available = available + 1, reserved = reserved - 1 "
                "WHERE item_id = 'ITEM_1'",
            ],
            {"S4"},
        ),
        (
            "inventory",
            ["INSERT INTO reservation VALUES ('nobody-1', 'ITEM_1', 'VOID', NULL, 4102444800000)"],
            {"X1"},
        ),
        (
            "delivery",
            [
                "DELETE FROM delivery_event WHERE order_id = 'order-1' AND state = 'DELIVERED'",
                "UPDATE delivery SET state = 'IN_TRANSIT' WHERE order_id = 'order-1'",
            ],
            {"D2"},
        ),
        ("delivery", ["UPDATE delivery SET state = 'REQUESTED' WHERE order_id = 'order-9'"], {"D3", "D4"}),
    ],
)
def test_a_row_changed_by_hand_is_seen(
    served: Shop, service: str, statements: list[str], red: set[str]
) -> None:
    with by_hand(served, service, *statements):
        result = audited(served)
        assert {one["id"] for one in result["checks"] if not one["ok"]} == red, result
        assert result["ok"] is False
        for one in result["checks"]:
            assert one["count"] == len(one["violations"]) == (0 if one["ok"] else 1), one
    assert audited(served)["ok"] is True


def test_the_last_result_is_in_the_metrics(served: Shop) -> None:
    with by_hand(
        served, "inventory", "UPDATE item SET available = available + 1 WHERE item_id = 'ITEM_6'"
    ):
        audited(served)
        wait_until(
            lambda: b'audit_ok{check="S2"} 0' in served.get("order", "/metrics").body, 30, "S2 to be red"
        )
        metrics = served.get("order", "/metrics").body
        assert b'audit_violations{check="S2"} 1' in metrics
        assert b'audit_ok{check="S1"} 1' in metrics
    audited(served)
    wait_until(
        lambda: b'audit_ok{check="S2"} 1' in served.get("order", "/metrics").body, 30, "S2 to be green"
    )


def test_old_audits_are_deleted(served: Shop) -> None:
    def describe(run: str = "") -> Answer:
        return served.temporal("GET", f"/workflows/order-audit{run and '?execution.runId=' + run}")

    def run_of_audit() -> str:
        audited(served)
        return describe().json()["workflowExecutionInfo"]["execution"]["runId"]

    kept = 10
    runs = [run_of_audit() for _ in range(kept + 2)]
    assert len(set(runs)) == len(runs)
    wait_until(lambda: describe(runs[0]).status == 404, 90, "the oldest audit to be deleted")
    assert describe(runs[-1]).status == 200


def test_audits_asked_for_at_once_are_one(served: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: audit(served), range(8)))
    assert all(result["ok"] for result in results)
    assert len({result["at"] for result in results}) <= 2  # one that ended just then, and the next


def test_the_audit_is_on_temporals_schedule(served: Shop) -> None:
    answer = served.temporal("GET", "/schedules/order-audit")
    assert answer.status == 200, answer
    schedule = answer.json()["schedule"]
    assert schedule["spec"]["interval"][0]["interval"] == "600s"
    assert schedule["policies"]["overlapPolicy"] == "SCHEDULE_OVERLAP_POLICY_SKIP"
    assert schedule["action"]["startWorkflow"]["workflowType"]["name"] == "AuditWorkflow"
    assert schedule["action"]["startWorkflow"]["taskQueue"]["name"] == "OrderTaskQueue"


def test_what_the_schedule_starts_is_an_audit(served: Shop) -> None:
    audited(served)
    asked = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    now = {"triggerImmediately": {"overlapPolicy": "SCHEDULE_OVERLAP_POLICY_SKIP"}}
    answer = served.temporal("POST", "/schedules/order-audit/patch", {"patch": now, "requestId": "now"})
    assert answer.status == 200, answer
    query = f"TemporalScheduledById='order-audit' AND ExecutionStatus='Completed' AND CloseTime>'{asked}'"
    path = f"/workflows?query={urllib.parse.quote(query, safe='')}"
    ended = wait_until(
        lambda: served.temporal("GET", path).json().get("executions"), 60, "the schedule's audit to end"
    )
    closed = datetime.fromisoformat(ended[0]["closeTime"])

    def told() -> float:
        metrics = served.get("order", "/metrics").body.decode()
        found = re.search(r"^audit_last_timestamp_seconds (\S+)$", metrics, re.MULTILINE)
        return float(found[1]) if found else 0

    wait_until(lambda: told() >= int(closed.timestamp()), 30, "the metrics to tell of it")


def test_a_second_start_of_an_order_is_seen_and_a_reset_is_none(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0")
    for order in ("reset-4", "again-1"):
        shop.place(order)
        shop.ended(order)
    reset(shop, "order-workflow-reset-4")
    assert shop.ended("reset-4") == "COMPLETED"
    wait_until(lambda: listed(shop, "reset-4") == [shop.order("reset-4")["createdAt"]], 5, "its current run")
    assert audited(shop)["ok"] is True
    order = {"orderId": "again-1", "amountMinor": 10_000, "stepDeadlineMs": 600_000, "deliveryTimeMs": 0}
    started = shop.temporal(
        "POST",
        "/workflows/order-workflow-again-1",
        {
            "workflowType": {"name": "OrderWorkflow"},
            "taskQueue": {"name": "OrderTaskQueue"},
            "input": [order],
            "memo": {"fields": {"amountMinor": 10_000}},
            "workflowIdReusePolicy": "WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE",
        },
    )
    assert started.status == 200, started
    shop.ended("again-1")
    red = [one for one in audited(shop)["checks"] if not one["ok"]]
    assert [(one["id"], one["violations"][0]["subject"]) for one in red] == [("T4", "again-1")]


def listed(shop: Shop, order_id: str) -> list[str]:
    """When each of those that are listed was created."""
    return [item["createdAt"] for item in shop.get("order", f"/orders?q={order_id}").json()["items"]]


def reset(shop: Shop, workflow: str) -> None:
    """To its last workflow task, as a person does in the Web UI."""
    events = shop.temporal("GET", f"/workflows/{workflow}/history").json()["history"]["events"]
    tasks = [e["eventId"] for e in events if e["eventType"] == "EVENT_TYPE_WORKFLOW_TASK_COMPLETED"]
    execution = shop.temporal("GET", f"/workflows/{workflow}").json()["workflowExecutionInfo"]["execution"]
    body = {"workflowExecution": execution, "reason": "test", "workflowTaskFinishEventId": tasks[-1]}
    answer = shop.temporal("POST", f"/workflows/{workflow}/reset", body | {"requestId": "reset"})
    assert answer.status == 200, answer


def test_orders_in_flight_make_no_false_alarm(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="1")
    orders = [f"flight-{n}" for n in range(40)]
    assert {answer.status for answer in place_all(shop, orders)} == {200}
    amid = 0
    while under_way(shop, orders):
        result = audited(shop)
        assert result["ok"] is True, result
        amid += under_way(shop, orders)
    assert amid > 0
    end_all(shop, orders)
    check(shop, dict.fromkeys(orders, 10_000))


def under_way(shop: Shop, orders: list[str]) -> bool:
    return any(shop.status(order) == "PROCESSING" for order in orders)


@pytest.mark.timeout(240)
def test_a_service_that_is_away_is_told_and_the_audit_goes_on_when_it_is_back(new_shop) -> None:
    shop = new_shop(DELIVERY_TIME_SCALE="0")
    shop.place("order-1")
    shop.ended("order-1")
    before = audited(shop)
    shop.kill("inventory")
    answer = shop.get("order", "/audit", **{"Accept-Language": "ko"}, seconds=110)
    assert answer.status == 503, answer
    assert answer.json()["code"] == "ORD002"
    assert "감사" in answer.json()["message"]
    assert int(answer.headers["Retry-After"]) >= 1
    shop.start("inventory")
    shop.wait_ready("inventory")
    after = audited(shop)
    assert after["ok"] is True
    assert after["at"] > before["at"]
