"""Brings orders to the moments at which a crash is worst (docs/orders.md, section 7), and holds them there.

A service's transactions are kept from beginning by a lock that the test has in its database. While Temporal is
away they commit, and nobody can report it.

    with ExitStack() as stack:
        orders = blocked(shop, "payment", "name", stack)   # each right before a transaction of payment's
        shop.kill("payment")
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from invariants import check, row
from local import postgres, temporal
from local.parts import answers
from local.ports import free_ports
from shop import Shop, wait_until

STEPS = {"payment": "chargePayment", "inventory": "reserveInventory", "delivery": "startDelivery"}
UNDOS = {"payment": "refundPayment", "inventory": "restockInventory", "delivery": "cancelDelivery"}
ROWS = {"payment": "/payments/", "inventory": "/inventory/reservations/", "delivery": "/deliveries/"}
TABLES = {"payment": "payment", "inventory": "reservation", "delivery": "delivery"}

QUICK = {"PAYMENT_FAILURE_RATE": "0", "DELIVERY_TIME_SCALE": "0"}
IMPATIENT = QUICK | {"STEP_DEADLINE": "8s"}
"""Of the stories' shops: a step is given up before its attempt is, which may take 10 s."""

GO_ON_SECONDS = 30
"""R3: after SIGKILL and restart of any service every order under way goes on within so long."""
STAGE_SECONDS = 20
"""For an order to come to the moment that is wanted."""


@contextmanager
def held(shop: Shop, service: str) -> Iterator[None]:
    """No transaction of this service's begins; reading goes on."""
    with _lock_in_postgres(shop, service) if shop.settings.postgres else _lock_in_sqlite(shop, service):
        yield


@contextmanager
def _lock_in_sqlite(shop: Shop, service: str) -> Iterator[None]:
    store = sqlite3.connect(shop.settings.data_dir / f"{service}.db", timeout=10, isolation_level=None)
    try:
        store.execute("BEGIN IMMEDIATE")
        yield
    finally:
        store.close()


@contextmanager
def _lock_in_postgres(shop: Shop, service: str) -> Iterator[None]:
    psql = subprocess.Popen(
        [postgres.programs() / "psql", "-X", "-q", "-At", "-d", "jumun"],
        env=shop.database().environment(service),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        psql.stdin.write(f"BEGIN; LOCK TABLE {TABLES[service]} IN EXCLUSIVE MODE; SELECT 'held';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "held\n"
        yield
    finally:
        psql.stdin.close()
        psql.wait(10)
        psql.stdout.close()


@contextmanager
def away(shop: Shop) -> Iterator[None]:
    """Temporal is dead meanwhile. (What is sent to a stopped one it may still read when it goes on.)"""
    shop.kill("temporal")
    try:
        yield
    finally:
        start_again(shop, "temporal")


@contextmanager
def unreachable(shop: Shop) -> Iterator[None]:
    """Temporal hangs: connections stay up, nothing is answered."""
    shop.signal(signal.SIGSTOP, "temporal")
    try:
        yield
    finally:
        shop.signal(signal.SIGCONT, "temporal")


def blocked(shop: Shop, service: str, name: str, stack: ExitStack) -> tuple[str, str]:
    """Two orders whose next transaction is this service's, a step's and an undo's; `stack` holds them back.

    A service waits for a lock for 5 s and then tries again: what is done to it has to follow soon.
    """
    step, undo = f"{name}-{service}-step-9", f"{name}-{service}-undo-9"
    if service == "delivery":
        step, undo = step[:-1] + "4", undo[:-1] + "4"
        assert shop.place(undo).status == 200
        wait_state(shop, "delivery", undo, "REQUESTED")
        with held(shop, "inventory"):
            assert shop.place(step).status == 200
            wait_running(shop, step, "reserveInventory")
            stack.enter_context(held(shop, "delivery"))
        cancelling = ThreadPoolExecutor(1)
        cancelling.submit(shop.post, "order", f"/orders/{undo}/cancel")
        cancelling.shutdown(wait=False)  # it may be answered long after
    else:
        with held(shop, "delivery"):
            assert shop.place(undo).status == 200
            wait_running(shop, undo, "startDelivery")
            stack.enter_context(held(shop, service))
        assert shop.place(step).status == 200
    wait_running(shop, undo, UNDOS[service])
    assert shop.status(undo) == "PROCESSING"  # R7: nothing else is shown before the last undo
    wait_running(shop, step, STEPS[service])
    return step, undo


def wait_running(shop: Shop, order_id: str, activity: str) -> None:
    def is_running() -> bool:
        order = shop.order(order_id)
        return (activity, "RUNNING") in [
            (one["name"], one["state"]) for one in order["steps"] + order["compensations"]
        ]

    wait_until(is_running, STAGE_SECONDS, lambda: f"{activity} to run: {shop.order(order_id)}")


def wait_state(shop: Shop, service: str, order_id: str, *states: str) -> None:
    path = ROWS[service] + order_id
    wait_until(
        lambda: row(shop, service, path).get("state") in states,
        STAGE_SECONDS,
        lambda: f"{' or '.join(states)}: {row(shop, service, path)}",
    )


def start_again(shop: Shop, *victims: str) -> None:
    shop.start(*victims)
    shop.wait_ready(*victims)


def check_ends(shop: Shop, ends: dict[str, tuple[str, ...]], seconds: float = GO_ON_SECONDS) -> None:
    """Each order ends in one of its ways, and the whole shop is right."""
    for order_id, expected in ends.items():
        assert shop.ended(order_id, seconds) in expected, shop.order(order_id)
    check(shop, dict.fromkeys(ends, 10_000))


def short_polls(folder: Path) -> str:
    """The configuration of a Temporal that gives no task to who has hung for 5 s (by default: a minute)."""
    config = folder / "short_polls.yaml"
    usual = (temporal.CONFIGURATION / "dynamic_config_test.yaml").read_text()
    config.write_text(usual + "\nmatching.longPollExpirationInterval:\n  - value: 5s\n")
    return str(config)


def another(shop: Shop, service: str) -> str:
    """A second process of the service, on a port of its own; gives the part's name."""
    (port,) = free_ports(1)
    part = shop.parts[service]
    name = f"{service}-2"
    shop.parts[name] = replace(
        part,
        name=name,
        environment=part.environment | {f"{service.upper()}_PORT": str(port)},
        log=part.log.with_name(f"{name}.log"),
        ready=partial(answers, port, "/readyz"),
    )
    return name


# --- stories; test_guards.py plays them with a guard removed ---


def taken_and_not_told(shop: Shop, order_id: str) -> None:
    """The money is taken, and payment dies before anybody hears of it."""
    with ExitStack() as stack:
        stack.enter_context(held(shop, "payment"))
        assert shop.place(order_id).status == 200
        wait_running(shop, order_id, "chargePayment")
        with away(shop):
            stack.close()
            wait_state(shop, "payment", order_id, "CAPTURED")
            shop.kill("payment")


def told_twice(shop: Shop, order_id: str) -> None:
    """It is asked for again, and taken once. (Of a QUICK shop.)"""
    taken_and_not_told(shop, order_id)
    start_again(shop, "payment")
    check_ends(shop, {order_id: ("COMPLETED",)})


def told_too_late(shop: Shop, order_id: str) -> None:
    """Payment is away until the step's deadline: the order gives up, and gives the money back. (IMPATIENT.)"""
    taken_and_not_told(shop, order_id)
    wait_until(lambda: shop.order(order_id)["steps"][0]["state"] == "FAILED", STAGE_SECONDS, "its deadline")
    start_again(shop, "payment")
    check_ends(shop, {order_id: ("FAILED",)})
    assert row(shop, "payment", f"/payments/{order_id}")["state"] == "REFUNDED"


def woken_too_late(shop: Shop, order_id: str) -> None:
    """The charge hangs, the order gives up and is undone by another process, then the charge wakes up."""
    second = another(shop, "payment")
    with held(shop, "payment"):
        assert shop.place(order_id).status == 200
        wait_running(shop, order_id, "chargePayment")
        shop.signal(signal.SIGSTOP, "payment")
    try:
        start_again(shop, second)
        assert shop.ended(order_id) == "FAILED"
    finally:
        shop.signal(signal.SIGCONT, "payment")
    wait_until(lambda: charge_answered(shop), STAGE_SECONDS, "the charge to be answered")
    check_ends(shop, {order_id: ("FAILED",)})
    assert row(shop, "payment", f"/payments/{order_id}")["state"] == "VOID"


def charge_answered(shop: Shop) -> bool:
    metrics = shop.get("payment", "/metrics").body.decode()
    return 'activity_answers_total{activity="chargePayment"' in metrics


def told_when_undone(shop: Shop, order_id: str) -> None:
    """While the refund waits, nobody is told that the order has failed."""
    with ExitStack() as stack:
        blocked(shop, "payment", order_id, stack)
    check_ends(shop, {f"{order_id}-payment-undo-9": ("FAILED",)})
