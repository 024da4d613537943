"""What the crash tests are worth: with a guard removed each goes red (docs/orders.md, section 7).

A guard is removed from a copy of one source file, which is compiled and linked into a service of its own.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from crash_points import (
    IMPATIENT,
    QUICK,
    short_polls,
    told_too_late,
    told_twice,
    told_when_undone,
    woken_too_late,
)
from local.settings import REPOSITORY
from shop import Shop

pytestmark = [pytest.mark.shop, pytest.mark.timeout(300)]

BUILD = REPOSITORY / "build" / os.environ.get("JUMUN_PRESET", "release")
BUILD_SECONDS = 120


@dataclass(frozen=True)
class Guard:
    service: str
    source: str
    removed: dict[str, str]
    """Of the source: what stands there, and what stands there without the guard."""
    story: Callable[[Shop, str], None]
    seen: str
    """In what the story finds wrong."""
    tables: dict[str, str] | None = None
    """Of the migrations, likewise."""


GUARDS = {
    "no tombstone": Guard(
        "payment",
        "payment/payment.cpp",
        {
            "return {.row = Payment{.state = State::voided}, .answer = UndoResult::nothing};": (
                "return {.answer = UndoResult::nothing};"
            )
        },
        woken_too_late,
        "CAPTURED",
    ),
    # The row that is asked first is a guard of its own: both go.
    "no unique key": Guard(
        "payment",
        "payment/store.cpp",
        {
            "const Payment& found) { return payment::charge(found": (
                "const Payment&) { return payment::charge(Payment()"
            ),
            "write_row(connection, id, found.state,": (
                "write_row(connection, id, "
                "decision.row->state == State::captured ? State::none : found.state,"
            ),
        },
        told_twice,
        "'seq': 4",  # of the ledger: two entries more
        {
            "NOT NULL PRIMARY KEY": "NOT NULL",
            " REFERENCES payment (order_id)": "",
            " /*sqlite WITHOUT ROWID*/": "",
            ",\n  UNIQUE (order_id, movement, account)": "",
        },
    ),
    "a compensation registered after its step": Guard(
        "order",
        "order/order_saga.cpp",
        {
            "  compensate_with(refund_payment, kPaymentTaskQueue);\n": "",
            "  co_return refused(co_await charged.settled(), Code::payment_system_error);": (
                "  auto settled = co_await charged.settled();\n"
                "  if (settled) compensate_with(refund_payment, kPaymentTaskQueue);\n"
                "  co_return refused(settled, Code::payment_system_error);"
            ),
        },
        told_too_late,
        "CAPTURED",
    ),
    "the end told before the undo": Guard(
        "order",
        "order/order_saga.cpp",
        {"if (!co_await turn_back()) why.reset();": "auto undoing = workflow::spawn(turn_back());"},
        told_when_undone,
        "'status': 'FAILED'",
    ),
}


def without(removed: dict[str, str], text: str) -> str:
    for there, instead in removed.items():
        assert there in text, f"no guard any more: {there}"
        text = text.replace(there, instead)
    return text


def build_without(guard: Guard, folder: Path) -> Path:
    """The service's program without the guard."""
    source = REPOSITORY / "services" / guard.source
    changed = folder / source.name
    changed.write_text(without(guard.removed, source.read_text()))
    if guard.tables:
        made = BUILD / "services" / guard.service / "generated" / guard.service / "migrations.h"
        header = folder / guard.service / made.name
        header.parent.mkdir()
        header.write_text(without(guard.tables, made.read_text()))
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    (command,) = {one["command"] for one in commands if one["file"] == str(source)}
    compiler, *options = shlex.split(command)
    options = options[: options.index("-o")]
    run([compiler, f"-I{folder}", *options, "-c", str(changed), "-o", str(folder / "changed.o")])

    # What it defines comes before the service's library, whose own of it is then not taken.
    name = f"services/{guard.service}/jumun-{guard.service}"
    link = run(["ninja", "-t", "commands", name]).splitlines()[-1]
    program = folder / f"jumun-{guard.service}"
    link, found = re.subn(f"-o {name}(?= )", f"-o {program} {folder}/changed.o", link)
    assert found == 1, link
    run(["sh", "-c", link])
    return program


def run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, timeout=BUILD_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.mark.parametrize("name", GUARDS)
def test_it_is_missed(tmp_path: Path, name: str) -> None:
    guard = GUARDS[name]
    settings = QUICK if guard.story is told_twice else IMPATIENT
    shop = Shop(tmp_path / "shop", dynamic_config=short_polls(tmp_path), **settings)
    part = shop.parts[guard.service]
    shop.parts[guard.service] = replace(part, command=[str(build_without(guard, tmp_path))])
    with shop, pytest.raises(AssertionError, match=guard.seen):
        guard.story(shop, "guarded-1")
