"""Runs commands side by side: their output into logs, their progress on one line, the end of a log when
one fails."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.process import die_with_parent

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "build" / "logs"
LINE_COLUMNS = 240
REDRAW_SECONDS = 0.2
REPORT_SECONDS = 60
"""How often the progress line is printed where it cannot be drawn over."""
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/go/bin:{Path.home()}/.cargo/bin"


@dataclass
class Job:
    """Commands that follow one another, each only if the one before went well."""

    name: str
    commands: list[list[str]]
    progress: Callable[[str], str | None] = lambda line: None
    """What a line of output says about how far it is; None: nothing."""
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    timeout_seconds: float = 3600
    after: Callable[[], None] = lambda: None
    """Called when all went well."""
    log_end_lines: int = 40
    """So much of its log is shown when it fails."""
    state: str = "…"
    seconds: float = 0
    ok: bool | None = None

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name.replace(' ', '-').replace('/', '-')}.log"


def run(jobs: list[Job], keep_going: bool = False) -> bool:
    """Runs them all at once and shows the log's end of one that fails; the others are ended then, unless
    `keep_going`."""
    LOGS.mkdir(parents=True, exist_ok=True)
    try:
        return asyncio.run(_run(jobs, keep_going))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Stopped.")


async def _run(jobs: list[Job], keep_going: bool) -> bool:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    tasks = {asyncio.create_task(_work(job)): job for job in jobs}
    display = asyncio.create_task(_display(jobs, time.monotonic()))
    pending = set(tasks)
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for job in (tasks[task] for task in done):
                _erase()
                print(f"  {'ok    ' if job.ok else 'FAILED'}  {job.name:<28} {minutes(job.seconds)}")
                if not job.ok:
                    show_log_end(job.log, job.log_end_lines)
            if not keep_going and any(tasks[task].ok is False for task in done):
                break
        return all(job.ok for job in jobs)
    finally:
        display.cancel()
        for task in pending:
            task.cancel()
        await asyncio.gather(display, *pending, return_exceptions=True)
        _erase()


async def _work(job: Job) -> None:
    started = time.monotonic()
    try:
        async with asyncio.timeout(job.timeout_seconds):
            with job.log.open("wb") as log:
                job.ok = await _all(job, log)
    except TimeoutError:
        with job.log.open("a") as log:
            log.write(f"\nnot done after {minutes(job.timeout_seconds)}\n")
        job.ok = False
    job.seconds = time.monotonic() - started
    if job.ok:
        job.after()


async def _all(job: Job, log) -> bool:
    for command in job.commands:
        if not await _command(job, command, log):
            return False
    return True


async def _command(job: Job, command: list[str], log) -> bool:
    log.write(f"$ {' '.join(command)}\n".encode())
    log.flush()
    try:
        process = await _started(
            *command,
            cwd=job.folder,
            env=os.environ | {"PATH": _PATH} | job.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    except OSError as error:
        log.write(f"{error}\n".encode())
        return False
    try:
        rest = b""
        while chunk := await process.stdout.read(1 << 16):
            log.write(chunk)
            log.flush()
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                job.state = job.progress(line.decode("utf-8", "replace")) or job.state
        return await process.wait() == 0
    finally:
        await _end(process)


async def _started(*command: str, **options: Any) -> asyncio.subprocess.Process:
    """Cancelled meanwhile, it ends what it has started: nobody else knows of that yet."""
    starting = asyncio.create_task(asyncio.create_subprocess_exec(*command, **options))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(OSError):
            await _end(await starting)
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _display(jobs: list[Job], started: float) -> None:
    drawn_over = sys.stdout.isatty()
    while True:
        await asyncio.sleep(REDRAW_SECONDS if drawn_over else REPORT_SECONDS)
        running = [f"{job.name} {job.state}" for job in jobs if job.ok is None]
        line = f"  {minutes(time.monotonic() - started)}  {' · '.join(running)}"
        if drawn_over:
            print("\r\033[K" + line[: shutil.get_terminal_size().columns - 1], end="", flush=True)
        else:
            print(line, flush=True)


def _erase() -> None:
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    sys.stdout.flush()


def show_log_end(log: Path, most: int) -> None:
    lines = log.read_text("utf-8", "replace").splitlines()[-most:]
    print(f"  The end of {log}:")
    for line in lines:
        print(f"    {line[:LINE_COLUMNS]}")
    sys.stdout.flush()


def minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
