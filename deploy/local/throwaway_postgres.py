"""A PostgreSQL alone, for tests: `tools/postgres -- COMMAND` runs a command beside one."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from . import postgres
from .ports import free_ports
from .process import NotPrepared, die_with_parent

START_SECONDS = 30
STOP_SECONDS = 10


class Server:
    """Its data is gone with it: nothing is flushed to disk, which costs most of the time otherwise."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)  # for the user that it runs as
        self._folder = folder / "postgres"
        self.access = postgres.own(folder, free_ports(1)[0])
        self._log = folder / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._end(signal.SIGQUIT)

    @property
    def url(self) -> str:
        password = self.access.passwords["POSTGRES_PASSWORD"]
        return f"postgresql://postgres:{password}@127.0.0.1:{self.access.port}/postgres"

    def start(self) -> None:
        postgres.prepare(self._folder, self.access, durable=False)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*postgres.command(self._folder, self.access.port), "-cfsync=off"],
                env={"PATH": os.defpath},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not postgres.answers(self.access):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._end(signal.SIGQUIT)
                raise NotPrepared(f"PostgreSQL does not start: {self._log.read_text()}")
            time.sleep(0.02)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(STOP_SECONDS)


def main() -> int:
    arguments = _parse()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        with tempfile.TemporaryDirectory(prefix="jumun-postgres-") as fresh, Server(Path(fresh)) as server:
            if arguments.talk:
                return _talk(server)
            command = [*arguments.command] or ["sleep", "infinity"]
            return subprocess.run(command, env=os.environ | {"POSTGRES_URL": server.url}).returncode
    except NotPrepared as reason:
        print(reason, file=sys.stderr)
        return 2


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/postgres",
        description="Starts a PostgreSQL of its own on a free port and runs COMMAND with POSTGRES_URL set; "
        "without a command it serves until Ctrl-C. Nothing is kept.",
    )
    parser.add_argument(
        "--talk",
        action="store_true",
        help="print its URL; at each line \"restart\" kill it, start it again and print the URL; "
        "until stdin ends",
    )
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    return parser.parse_args()


def _talk(server: Server) -> int:
    print(server.url, flush=True)
    for line in sys.stdin:
        if line.strip() == "restart":
            server.kill()
            server.start()
            print(server.url, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
