"""Starts the parts, tells when they are ready, starts again what dies, and stops all in order."""

from __future__ import annotations

import asyncio
import signal
import time
from asyncio.subprocess import Process
from collections import deque
from dataclasses import dataclass, field

from .console import GREEN, RED, YELLOW, Console, log_end
from .parts import Part
from .process import NotPrepared, die_with_parent

WRONG_SETTING = 2
"""The exit status by which a service says that a setting is wrong: starting it again would not help."""


@dataclass(frozen=True)
class Limits:
    ready_seconds: float = 60
    """All parts together, from the start."""
    deaths: int = 5
    """So many deaths within `death_window_seconds`, and the part is given up."""
    death_window_seconds: float = 60
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 5
    stop_seconds: float = 20
    """Then SIGKILL; a service hands over within 15."""
    probe_pause_seconds: float = 0.05
    log_bytes: int = 32 * 1024 * 1024
    """A longer log is set aside as NAME.log.1 when its part starts."""


class GaveUp(Exception):
    """A part that cannot be kept up."""

    def __init__(self, part: Part, why: str, log_start: int, exit_status: int = 1) -> None:
        super().__init__(f"{part.name} {why}.")
        self.part = part
        self.log_start = log_start
        self.exit_status = exit_status


@dataclass
class _Run:
    """One part: its process now, and what is remembered of those before."""

    part: Part
    process: Process | None = None
    log_start: int = 0
    was_ready: asyncio.Event = field(default_factory=asyncio.Event)
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    def __init__(
        self, parts: list[Part], stop_order: list[list[Part]], console: Console, limits: Limits
    ) -> None:
        self._runs = {part.name: _Run(part) for part in parts}
        self._stop_order = stop_order
        self._console = console
        self._limits = limits
        self._keepers: list[asyncio.Task[None]] = []

    def process_id(self, name: str) -> int | None:
        process = self._runs[name].process
        return process.pid if process else None

    async def start(self) -> None:
        """Starts all parts, each as soon as it may, and returns when each is ready. Raises GaveUp."""
        self._keepers = [asyncio.create_task(self._keep(run)) for run in self._runs.values()]
        ready = asyncio.create_task(self._all_ready())
        try:
            await self._first(ready, self._limits.ready_seconds)
        finally:
            ready.cancel()

    async def watch(self, stop: asyncio.Event) -> None:
        """Keeps all parts up until `stop` is set. Raises GaveUp."""
        stopped = asyncio.create_task(stop.wait())
        try:
            await self._first(stopped, None)
        finally:
            stopped.cancel()

    async def stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for group in self._stop_order:
            await asyncio.gather(*(self._stop_part(self._runs[part.name]) for part in group))

    def kill(self) -> None:
        """Ends every process at once."""
        for run in self._runs.values():
            if run.process and run.process.returncode is None:
                run.process.kill()

    async def _all_ready(self) -> None:
        for run in self._runs.values():
            await run.was_ready.wait()

    async def _first(self, wanted: asyncio.Task[object], timeout: float | None) -> None:
        """Waits for `wanted`; a keeper that ends before it has given up."""
        done, _ = await asyncio.wait(
            [wanted, *self._keepers], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        for keeper in self._keepers:
            if keeper in done:
                keeper.result()
        if wanted not in done:
            late = next(run for run in self._runs.values() if not run.was_ready.is_set())
            raise GaveUp(late.part, f"was not ready within {timeout:g} s", late.log_start)

    async def _keep(self, run: _Run) -> None:
        if run.part.after:
            await self._runs[run.part.after].was_ready.wait()
        while True:
            await self._prepare(run)
            await self._spawn(run)
            probing = asyncio.create_task(self._tell_when_ready(run, time.monotonic()))
            try:
                status = await run.process.wait()
            finally:
                probing.cancel()
            await asyncio.sleep(self._judge(run, status))

    async def _prepare(self, run: _Run) -> None:
        """What a part needs may be away for a while once it was there: this waits for it. Raises GaveUp."""
        told = ""
        while True:
            try:
                return await asyncio.to_thread(run.part.prepare)
            except NotPrepared as reason:
                sentence = str(reason).rstrip(".")
            if not run.was_ready.is_set():
                raise GaveUp(run.part, f"does not start: {sentence}", 0, WRONG_SETTING)
            if sentence != told:
                self._console.row(run.part.name, f"waits: {sentence}", YELLOW)
            told = sentence
            await asyncio.sleep(self._limits.longest_pause_seconds)

    async def _spawn(self, run: _Run) -> None:
        part = run.part
        part.log.parent.mkdir(parents=True, exist_ok=True)
        if part.log.exists() and part.log.stat().st_size > self._limits.log_bytes:
            part.log.rename(part.log.with_name(part.log.name + ".1"))
        with part.log.open("ab") as log:
            run.log_start = log.tell()
            run.process = await asyncio.create_subprocess_exec(
                *part.command,
                env=part.environment,
                cwd=part.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the launcher alone, which stops all in order
                preexec_fn=die_with_parent(),
            )

    async def _tell_when_ready(self, run: _Run, since: float) -> None:
        while not await asyncio.to_thread(run.part.ready):
            await asyncio.sleep(self._limits.probe_pause_seconds)
        took = time.monotonic() - since
        again = " again" if run.was_ready.is_set() else ""
        self._console.row(run.part.name, f"ready{again} in {took:.1f} s  {run.part.address}", GREEN)
        run.was_ready.set()

    def _judge(self, run: _Run, status: int) -> float:
        """Notes a death and returns the pause before the next start. Raises GaveUp."""
        refused = status == WRONG_SETTING and run.part.refuses_settings
        if refused and not run.was_ready.is_set():
            sentence = (log_end(run.part.log, run.log_start) or ["refused its settings"])[-1]
            raise GaveUp(run.part, f"does not start: {sentence.rstrip('.')}", run.log_start, status)
        now = time.monotonic()
        run.deaths.append(now)
        while run.deaths[0] < now - self._limits.death_window_seconds:
            run.deaths.popleft()
        how = how_it_ended(status)
        if len(run.deaths) >= self._limits.deaths:
            why = f"keeps dying: {len(run.deaths)} times in a minute, the last time it {how}"
            raise GaveUp(run.part, why, run.log_start)
        self._console.row(run.part.name, f"{how}; starting it again", YELLOW)
        pause = self._limits.first_pause_seconds * 2 ** (len(run.deaths) - 1)
        return min(pause, self._limits.longest_pause_seconds)

    async def _stop_part(self, run: _Run) -> None:
        process = run.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(run.part.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self._limits.stop_seconds)
        except asyncio.TimeoutError:
            seconds = self._limits.stop_seconds
            self._console.row(run.part.name, f"did not stop in {seconds:g} s; killed", RED)
            process.kill()
            await process.wait()


def how_it_ended(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"left with exit status {status}"
