#!/usr/bin/env python3
"""What the shop costs: CPU an order, memory, time to ready, of its four services.

    bench/shop_cost.py [--orders 500] [--at-once 50]

Temporal is the yardstick of the same run: its own CPU an order stands beside. Figures of a shared
machine are noisy; compare within one run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "deploy")]

from shop import SERVICES, Shop  # noqa: E402  (it needs the path above)

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
LAST_CHARACTERS = "145678459"  # every ninth is refused by the delivery and undone


def cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def memory_mb(process_id: int, kind: str) -> float:
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith(kind + ":"):
            return int(line.split()[1]) / 1024
    raise ValueError(kind)


def run(orders: int, at_once: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DELIVERY_TIME_SCALE": "0", "PAYMENT_FAILURE_RATE": "0"}
        shop = Shop(Path(folder), "dynamic_config.yaml", **settings)
        with shop:
            measure(shop, orders, at_once)


def measure(shop: Shop, orders: int, at_once: int) -> None:
    ready_ms = {name: time_to_ready(shop, name) * 1000 for name in SERVICES}
    stock_up(shop, orders)
    place(shop, [f"warm-{n}4" for n in range(20)], at_once)
    ids = {name: shop.process_id(name) for name in [*SERVICES, "temporal"]}
    idle = {name: memory_mb(process, "VmRSS") for name, process in ids.items()}
    before = {name: cpu_seconds(process) for name, process in ids.items()}
    begun = time.monotonic()
    place(shop, [f"o{n}{LAST_CHARACTERS[n % 9]}" for n in range(orders)], at_once)
    took = time.monotonic() - begun
    cpu = {name: (cpu_seconds(p) - before[name]) * 1000 / orders for name, p in ids.items()}

    print(f"{orders} orders, {at_once} at once: {orders / took:.0f} orders a second")
    print(f"{'':12}{'CPU ms an order':>16}{'MB warm':>10}{'MB peak':>10}{'ready ms':>10}")
    for name, process in ids.items():
        ready = f"{ready_ms[name]:.0f}" if name in ready_ms else ""
        peak = memory_mb(process, "VmHWM")
        print(f"{name:12}{cpu[name]:16.2f}{idle[name]:10.0f}{peak:10.0f}{ready:>10}")
    services = sum(cpu[name] for name in SERVICES)
    peak = sum(memory_mb(ids[name], "VmHWM") for name in SERVICES)
    print(f"{'four services':12}{services:15.2f}{sum(idle[n] for n in SERVICES):10.0f}{peak:10.0f}")


def time_to_ready(shop: Shop, name: str) -> float:
    shop.stop(name)
    begun = time.monotonic()
    shop.start(name)
    shop.wait_ready(name)
    return time.monotonic() - begun


def stock_up(shop: Shop, orders: int) -> None:
    for last in sorted(set(LAST_CHARACTERS)):
        change = {"delta": orders, "reason": "benchmark"}
        answer = shop.post("inventory", f"/inventory/items/ITEM_{last}/adjust", change)
        assert answer.status == 200, answer


def place(shop: Shop, orders: list[str], at_once: int) -> None:
    def one(order: str) -> str:
        answer = shop.place(order)
        assert answer.status == 200, answer
        return shop.ended(order)

    with ThreadPoolExecutor(at_once) as pool:
        ends = list(pool.map(one, orders))
    assert set(ends) <= {"COMPLETED", "FAILED"}, set(ends)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=50)
    arguments = parser.parse_args()
    run(arguments.orders, arguments.at_once)


if __name__ == "__main__":
    main()
