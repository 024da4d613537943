#!/usr/bin/env python3
"""Records the history of every scenario into tests/histories, for histories_test to replay.

    tests/record_histories.py

Run it when the workflow gains a way to go that no history shows yet: only what is missing is written.
A recorded history stays as long as orders of its time may run: it is what a change of the workflow
must be able to go on with.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "deploy")]

from invariants import row  # noqa: E402  (it needs the path above)
from shop import Shop, http_call, wait_until  # noqa: E402
from test_repair import terminate, wait_stage  # noqa: E402
from test_stuck import BY_HAND, ask, no_refunds, wait_stuck  # noqa: E402

HISTORIES = TESTS / "histories"
ENDED_BY_THEMSELVES = {
    "completed": "order-12345",
    "refused-by-payment": "order-16",
    "refused-by-inventory": "order-2",
    "refused-by-delivery": "order-9",
}


def save(shop: Shop, name: str, order_id: str, workflow: str = "workflow") -> None:
    file = HISTORIES / f"{name}.json"
    if file.exists():
        print(f"{name}: is kept as it is")
        return
    path = (
        f"/api/v1/namespaces/{shop.settings.namespace}"
        f"/workflows/order-{workflow}-{order_id}/history?maximumPageSize=1000"
    )
    as_is = {"Accept": "application/json+no-payload-shorthand"}
    answer = http_call(shop.settings.temporal.http, "GET", path, headers=as_is)
    assert answer.status == 200, answer
    history = answer.json()["history"]
    text = json.dumps(history, indent=1).replace(socket.gethostname(), "host")
    file.write_text(text + "\n")
    print(f"{name}: {len(history['events'])} events")


def wait_for_delivery(shop: Shop, order_id: str, state: str) -> None:
    path = f"/deliveries/{order_id}"
    wait_until(lambda: row(shop, "delivery", path).get("state") == state, 15, f"{order_id} {state}")


def record_cancels(shop: Shop) -> None:
    shop.kill("payment")
    shop.place("at-payment-4")
    shop.post("order", "/orders/at-payment-4/cancel")
    shop.start("payment")
    shop.wait_ready("payment")
    shop.place("amid-delivery-4")
    wait_for_delivery(shop, "amid-delivery-4", "REQUESTED")
    shop.post("order", "/orders/amid-delivery-4/cancel")
    shop.place("too-late-4")
    wait_for_delivery(shop, "too-late-4", "DEPARTED")
    shop.post("order", "/orders/too-late-4/cancel")
    shop.place("from-temporal-4")
    wait_for_delivery(shop, "from-temporal-4", "REQUESTED")
    shop.temporal("POST", "/workflows/order-workflow-from-temporal-4/cancel", {})
    for order_id in ("at-payment-4", "amid-delivery-4", "too-late-4", "from-temporal-4"):
        shop.ended(order_id)
        save(shop, f"cancelled-{order_id.removesuffix('-4')}", order_id)


def record_stuck(shop: Shop) -> None:
    orders = {"retried-2": "retry", "resolved-2": "resolve"}
    with no_refunds(shop):
        for order_id in orders:
            shop.place(order_id)
        wait_stuck(shop, *orders)
        for order_id, what in orders.items():
            ask(shop, order_id, what, BY_HAND)
        shop.ended("resolved-2")
    ask(shop, "retried-2", "retry")  # the attempt that was asked for first has failed
    shop.ended("retried-2")
    for order_id in orders:
        save(shop, f"compensation-{order_id.removesuffix('-2')}", order_id)


def record_repairs(shop: Shop) -> None:
    shop.place("finished-4")
    wait_for_delivery(shop, "finished-4", "DEPARTED")
    shop.kill("delivery")
    shop.place("undone-4")
    wait_stage(shop, "undone-4", "DELIVERY")
    for order_id in ("finished-4", "undone-4"):
        terminate(shop, f"order-workflow-{order_id}")
    shop.start("delivery")
    for order_id in ("finished-4", "undone-4"):
        shop.ended(order_id)
        save(shop, f"repair-{order_id.removesuffix('-4')}", order_id, "repair")


def main() -> None:
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Shop(Path(folder)) as shop:
        for name, order_id in ENDED_BY_THEMSELVES.items():
            shop.place(order_id)
            shop.ended(order_id)
            save(shop, name, order_id)
        record_cancels(shop)
        record_stuck(shop)
        record_repairs(shop)


if __name__ == "__main__":
    main()
