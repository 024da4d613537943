"""./build_and_run: builds what is not built, starts the shop, and keeps it up until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from . import containers, ports, postgres
from .console import BOLD, RED, YELLOW, Console
from .parts import PROBE_SECONDS, Binaries, Part, all_parts, postgres_access, stop_order
from .process import NotPrepared
from .settings import REPOSITORY, Settings, WrongSetting
from .supervisor import GaveUp, Limits, Supervisor

HELP = """\
Builds the shop if need be, starts it on this machine, and keeps it up until Ctrl-C.

It starts Temporal, Temporal's Web UI, and the four services. A part that dies is started again. All
data (SQLite files) and logs are in ./var: started again, the shop goes on where it was.

With --postgres it starts a PostgreSQL, too, and Temporal and the services keep their data in it.
With --docker it makes each part's image and starts all of them, PostgreSQL too, as containers, whose
data is in volumes.
"""

SETTINGS = """\
settings, by environment (a wrong one is named and nothing starts):
  DATA_DIR               ./var       where all data and logs live
  ORDER_PORT             8081        the API that takes orders
  PAYMENT_PORT           8082
  INVENTORY_PORT         8083
  DELIVERY_PORT          8084
  TEMPORAL_UI_PORT       8088        Temporal's Web UI
  TEMPORAL_PORT          7233        the Temporal server that is started here
  TEMPORAL_ADDRESS       -           use the Temporal server there and start none
  POSTGRES_PORT          5432        the PostgreSQL that --postgres starts
  DATABASE_URL           -           with --postgres: use the PostgreSQL there and start none;
                                     postgresql://ADMINISTRATOR:PASSWORD@HOST:PORT
  PAYMENT_FAILURE_RATE   0.2         how many payments fail, 0 to 1
  PAYMENT_FAILURE_SEED   8262        which ones
  DELIVERY_TIME_SCALE    1           times the 5 s of a delivery; 0 is at once
  STEP_DEADLINE          10m         how long a step of an order may take
  LOG_FORMAT, LOG_LEVEL  json, info  of the services' logs
  OTEL_EXPORTER_OTLP_ENDPOINT  -     an OpenTelemetry collector for traces
The README has them all.

examples:
  ./build_and_run
  PAYMENT_FAILURE_RATE=0 DELIVERY_TIME_SCALE=0 ./build_and_run
  DATA_DIR=/tmp/shop ORDER_PORT=9081 ./build_and_run --no-build
  ./build_and_run --postgres
  ./build_and_run --docker
"""

USAGE_ERROR = 2
COMMAND_LINE = REPOSITORY / "build" / "release" / "cli" / "orders"
DEFAULT_ORDER_URL = "http://127.0.0.1:8081"  # where `orders` looks by itself
BUILD_STOP_SECONDS = 10


class CannotStart(Exception):
    """The text is one sentence for the person who typed the command."""


def main() -> int:
    arguments = _parse()
    console = Console()
    for number in (signal.SIGTERM, signal.SIGHUP):  # until there are parts to stop
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        if arguments.docker:
            return _run_containers(console, build=not arguments.no_build)
        settings = Settings.read(os.environ, arguments.postgres)
        lock = _lock(settings.data_dir)
        _check_temporal(os.environ.get("TEMPORAL_ADDRESS"))
        _check_postgres(settings, may_install=not arguments.no_build)
        _check_ports(settings)
        if not arguments.no_build:
            _build()
            _check_ports(settings)  # a first build takes long
        binaries = Binaries()
        if missing := binaries.missing(settings):
            raise CannotStart(f"{missing[0]} is not built; run tools/build first.")
        with lock:
            return asyncio.run(_run(settings, all_parts(settings, binaries), console))
    except (WrongSetting, CannotStart, NotPrepared) as refusal:
        print(refusal, file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:  # before anything was started
        return 130


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="build_and_run",
        description=HELP,
        epilog=SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--no-build", action="store_true", help="start what is built already")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--postgres", action="store_true", help="keep the data in PostgreSQL")
    where.add_argument(
        "--docker", action="store_true", help="each part in a container, PostgreSQL too, by Docker Compose"
    )
    return parser.parse_args()


def _run_containers(console: Console, build: bool) -> int:
    containers.write_env_file(containers.ENV_FILE)
    environment = containers.with_env_file(os.environ)
    if environment.get("DATABASE_URL"):
        raise CannotStart("DATABASE_URL is not for --docker, whose PostgreSQL is a container; unset it.")
    if files := containers.of_files(environment):
        raise CannotStart(
            f"{files[0]} is not for --docker, whose containers have no file of yours; unset it and set "
            "TEMPORAL_ADDRESS, TEMPORAL_TLS_…_DATA or what else it stands for."
        )
    settings = Settings.read(environment)
    if sentence := containers.why_not(os.environ):
        raise CannotStart(sentence)
    if containers.Containers(settings, console, os.environ).running():
        raise CannotStart("The shop's containers are running already; stop them: docker compose down")
    if sentence := ports.in_use(containers.published_ports(settings)):
        raise CannotStart(sentence)
    return containers.run(settings, console, os.environ, build)


def _lock(data_dir: Path) -> IO[str]:
    path = data_dir / "lock"
    try:
        lock = path.open("a+")
    except OSError as error:
        raise CannotStart(f"DATA_DIR cannot be used: {path}: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        raise CannotStart(
            f"The shop in {data_dir} is running already (process {lock.read().strip() or '?'}); "
            "stop it, or set DATA_DIR to another folder."
        ) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _check_temporal(address: str | None) -> None:
    """A server that somebody else runs; how the address is written is the services' to judge."""
    host, colon, port = (address or "").rpartition("://")[2].rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), PROBE_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise CannotStart(
            f"No Temporal server answers at {address}; check TEMPORAL_ADDRESS."
        ) from error


def _check_postgres(settings: Settings, may_install: bool) -> None:
    """That it is installed; one that somebody else runs is made ready for the shop."""
    if not settings.postgres:
        return
    try:
        postgres.programs()
    except NotPrepared:
        if not may_install or subprocess.run([REPOSITORY / "tools" / "setup", "--postgres"]).returncode != 0:
            raise
    access = postgres_access(settings)
    if settings.external_postgres:
        postgres.place(access)


def _check_ports(settings: Settings) -> None:
    if sentence := ports.in_use(settings.listeners(), settings.addresses()):
        raise CannotStart(sentence)


def _build() -> None:
    building = subprocess.Popen([REPOSITORY / "tools" / "build"])
    try:
        status = building.wait()
    except BaseException:  # asked to stop: so is the build
        building.terminate()
        building.wait(BUILD_STOP_SECONDS)
        raise
    if status != 0:
        sys.exit(status if status > 0 else 1)


async def _run(settings: Settings, parts: list[Part], console: Console) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    supervisor = Supervisor(parts, stop_order(parts), console, Limits())

    def asked_to_stop() -> None:
        if stop.is_set():
            console.say("Killing all parts.", RED)
            supervisor.kill()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked_to_stop)

    started = time.monotonic()
    if leftovers := settings.temporal_leftovers():
        console.say(f"Not used with the Temporal started here: {', '.join(leftovers)}.", YELLOW)
    if not settings.postgres and (settings.data_dir / postgres.FOLDER).exists():
        console.say("Not used without --postgres: the PostgreSQL in the data folder, and its orders.", YELLOW)
    console.say(f"Starting {', '.join(part.name for part in parts)} …", BOLD)
    status = 0
    try:
        if await _until(stop, supervisor.start()):
            _welcome(settings, console, time.monotonic() - started)
            await supervisor.watch(stop)
    except GaveUp as failure:
        console.say(str(failure), RED)
        if failure.exit_status != USAGE_ERROR:
            console.log_end(failure.part.log, failure.log_start)
        status = failure.exit_status
    except (OSError, sqlite3.Error) as failure:
        console.say(f"Cannot go on: {failure}.", RED)
        status = 1
    after = ", then PostgreSQL" if settings.starts_postgres else ""
    console.say(f"Stopping: the services, then Temporal{after} …", BOLD)
    await supervisor.stop()
    console.say("Stopped.")
    return status


async def _until(stop: asyncio.Event, starting) -> bool:
    """Waits for the start; false if it was asked to stop first."""
    stopped = asyncio.ensure_future(stop.wait())
    starting = asyncio.ensure_future(starting)
    await asyncio.wait([stopped, starting], return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return False
    stopped.cancel()
    starting.result()
    return True


def _welcome(settings: Settings, console: Console, seconds: float) -> None:
    console.say()
    console.say(f"The shop is open, after {seconds:.1f} s.", BOLD)
    for name in settings.ports:
        console.row(name, settings.service_url(name))
    if not settings.external_temporal:
        console.row("web-ui", f"http://127.0.0.1:{settings.ui_port}")
    console.row("temporal", settings.temporal_address)
    if settings.starts_postgres:
        console.row("postgres", f"127.0.0.1:{settings.postgres_port}")
    console.row("data", f"{settings.data_dir}")
    console.row("logs", f"{settings.log_dir}")
    console.say()
    order = settings.service_url("order")
    console.first_order(order)
    if COMMAND_LINE.exists():
        console.say("The same, watched from the command line (--help has more):", BOLD)
        away = "" if order == DEFAULT_ORDER_URL else f"ORDER_URL={order} "
        console.say(f"  {away}{_shown(COMMAND_LINE)} create order-12345 100 --watch\n")
    console.say("Ctrl-C stops all of it.")


def _shown(program: Path) -> str:
    """As short as it can be typed from here."""
    return os.path.relpath(program) if program.is_relative_to(Path.cwd()) else str(program)


if __name__ == "__main__":
    sys.exit(main())
