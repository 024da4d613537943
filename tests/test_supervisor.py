"""The supervisor by itself, with small programs in place of the shop's."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from local.console import Console
from local.parts import Part
from local.process import NotPrepared
from local.supervisor import GaveUp, Limits, Supervisor

QUICK = Limits(ready_seconds=10, deaths=3, first_pause_seconds=0.01, longest_pause_seconds=0.1, stop_seconds=1)
SECONDS = 20

SERVES = """
    import signal, sys, pathlib
    name = sys.argv[1]
    def leave(*_):
        with open("stopped", "a") as stopped:
            stopped.write(name + "\\n")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    pathlib.Path(name + ".up").touch()
    while True:
        signal.pause()
"""
IGNORES_SIGTERM = SERVES.replace("sys.exit(0)", "return")
DIES = """
    import sys
    print("the till is on fire")
    sys.exit(7)
"""
REFUSES = """
    import sys
    print("COLOUR is \\"loud\\", but it takes red or green", file=sys.stderr)
    sys.exit(2)
"""


def program(folder: Path, name: str, text: str = SERVES, refuses_settings: bool = False) -> Part:
    up = folder / f"{name}.up"
    return Part(
        name=name,
        command=[sys.executable, "-c", textwrap.dedent(text), name],
        environment=dict(os.environ),
        log=folder / f"{name}.log",
        ready=up.exists,
        folder=folder,
        prepare=lambda: up.unlink(missing_ok=True),
        refuses_settings=refuses_settings,
    )


@contextlib.asynccontextmanager
async def supervising(*parts: Part, limits: Limits = QUICK) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(list(parts), [[part] for part in parts], Console(), limits)
    try:
        async with asyncio.timeout(SECONDS):
            yield supervisor
    finally:
        supervisor.kill()
        await supervisor.stop()


def test_starts_all_and_stops_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        parts = [program(tmp_path, name) for name in ("till", "shelf", "van")]
        async with supervising(*parts) as supervisor:
            await supervisor.start()
            await supervisor.stop()

    asyncio.run(scenario())
    assert (tmp_path / "stopped").read_text().split() == ["till", "shelf", "van"]
    assert capsys.readouterr().out.count("ready in") == 3


def test_a_part_waits_for_the_one_that_it_comes_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = asyncio.Event()

    async def scenario() -> None:
        till = dataclasses.replace(program(tmp_path, "till"), ready=opened.is_set)
        van = dataclasses.replace(program(tmp_path, "van"), after="till")
        async with supervising(till, van) as supervisor:
            starting = asyncio.create_task(supervisor.start())
            while supervisor.process_id("till") is None:
                await asyncio.sleep(0.01)
            assert supervisor.process_id("van") is None
            opened.set()
            await starting
            assert supervisor.process_id("van") is not None

    asyncio.run(scenario())
    ready = [line.split()[0] for line in capsys.readouterr().out.splitlines() if "ready in" in line]
    assert ready == ["till", "van"]


def test_starts_again_what_was_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        async with supervising(program(tmp_path, "till")) as supervisor:
            await supervisor.start()
            first = supervisor.process_id("till")
            watching = asyncio.create_task(supervisor.watch(asyncio.Event()))
            os.kill(first, signal.SIGKILL)
            output = ""
            while "ready again" not in output:
                await asyncio.sleep(0.01)
                output += capsys.readouterr().out
            assert "till       was killed by SIGKILL; starting it again" in output
            assert supervisor.process_id("till") != first
            watching.cancel()

    asyncio.run(scenario())


def test_gives_up_what_keeps_dying(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with supervising(program(tmp_path, "till", DIES), program(tmp_path, "shelf")) as all_of_it:
            await all_of_it.start()

    with pytest.raises(GaveUp, match="till keeps dying: 3 times") as failure:
        asyncio.run(scenario())
    assert failure.value.exit_status == 1
    assert (tmp_path / "till.log").read_text().count("the till is on fire") == QUICK.deaths


def test_what_cannot_be_prepared_is_not_tried_again(tmp_path: Path) -> None:
    def prepare() -> None:
        raise NotPrepared("There is no till; buy one.")

    async def scenario() -> None:
        till = dataclasses.replace(program(tmp_path, "till"), prepare=prepare)
        async with supervising(till) as supervisor:
            await supervisor.start()

    with pytest.raises(GaveUp, match=r"^till does not start: There is no till; buy one\.$") as failure:
        asyncio.run(scenario())
    assert failure.value.exit_status == 2


def test_what_was_ready_once_waits_until_it_can_be_prepared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = [NotPrepared("The shelf is away.")] * (2 * QUICK.deaths)
    answers = iter([None, *away, None])

    def prepare() -> None:
        if answer := next(answers):
            raise answer

    async def scenario() -> None:
        till = dataclasses.replace(program(tmp_path, "till"), prepare=prepare)
        async with supervising(till) as supervisor:
            await supervisor.start()
            watching = asyncio.create_task(supervisor.watch(asyncio.Event()))
            os.kill(supervisor.process_id("till"), signal.SIGKILL)
            output = ""
            while "ready again" not in output:
                await asyncio.sleep(0.01)
                output += capsys.readouterr().out
            assert output.count("till       waits: The shelf is away\n") == 1
            watching.cancel()

    asyncio.run(scenario())


def test_a_part_is_stopped_by_its_own_signal(tmp_path: Path) -> None:
    text = SERVES.replace("signal.SIGTERM", "signal.SIGINT")
    till = dataclasses.replace(program(tmp_path, "till", text), stop_signal=signal.SIGINT)

    async def scenario() -> None:
        async with supervising(till) as supervisor:
            await supervisor.start()
            await supervisor.stop()

    asyncio.run(scenario())
    assert (tmp_path / "stopped").read_text().split() == ["till"]


def test_a_wrong_setting_is_not_tried_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        till = program(tmp_path, "till", REFUSES, refuses_settings=True)
        async with supervising(till) as supervisor:
            await supervisor.start()

    sentence = 'till does not start: COLOUR is "loud", but it takes red or green.'
    with pytest.raises(GaveUp) as failure:
        asyncio.run(scenario())
    assert str(failure.value) == sentence
    assert failure.value.exit_status == 2
    assert len((tmp_path / "till.log").read_text().splitlines()) == 1


def test_status_2_of_a_part_that_is_no_service_is_a_death(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with supervising(program(tmp_path, "till", REFUSES)) as supervisor:
            await supervisor.start()

    with pytest.raises(GaveUp, match="till keeps dying: 3 times") as failure:
        asyncio.run(scenario())
    assert failure.value.exit_status == 1


def test_names_the_part_that_is_not_ready_in_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        never = program(tmp_path, "shelf", SERVES.replace('".up"', '".down"'))
        limits = Limits(ready_seconds=1, stop_seconds=1)
        async with supervising(program(tmp_path, "till"), never, limits=limits) as supervisor:
            await supervisor.start()

    with pytest.raises(GaveUp, match="shelf was not ready within 1 s"):
        asyncio.run(scenario())


def test_kills_what_does_not_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        async with supervising(program(tmp_path, "till", IGNORES_SIGTERM)) as supervisor:
            await supervisor.start()
            await supervisor.stop()

    asyncio.run(scenario())
    assert "did not stop in 1 s; killed" in capsys.readouterr().out


def test_a_long_log_is_set_aside(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with supervising(
            program(tmp_path, "till"), limits=Limits(log_bytes=10, stop_seconds=1)
        ) as supervisor:
            await supervisor.start()

    (tmp_path / "till.log").write_text("yesterday's long log\n")
    asyncio.run(scenario())
    assert (tmp_path / "till.log.1").read_text() == "yesterday's long log\n"
