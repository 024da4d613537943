"""A Temporal server alone, for tests: `tools/temporal -- COMMAND` runs a command against one."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from . import ports
from .console import Console
from .parts import Binaries, Part, temporal_server
from .settings import Settings, TemporalPorts
from .supervisor import GaveUp, Limits, Supervisor


def part(data_dir: Path, temporal_ports: TemporalPorts, binaries: Binaries) -> Part:
    settings = Settings(data_dir, temporal_ports, ui_port=0, ports={})
    return temporal_server(settings, binaries, "dynamic_config_test.yaml")


def main() -> int:
    arguments = _parse()
    with tempfile.TemporaryDirectory(prefix="jumun-temporal-") as fresh:
        data_dir = arguments.data.absolute() if arguments.data else Path(fresh)
        taken = TemporalPorts(arguments.port) if arguments.port else ports.free_temporal_ports()
        if sentence := ports.in_use({port: "--port" for port in taken.all().values()}):
            print(sentence, file=sys.stderr)
            return 2
        binaries = Binaries(temporal=arguments.binaries) if arguments.binaries else Binaries()
        return asyncio.run(_serve(part(data_dir, taken, binaries), arguments.command))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/temporal",
        description="Starts a Temporal server with the namespace `default` and the switches that "
        "tests need, on a free port, and runs COMMAND with TEMPORAL_ADDRESS set; without a command "
        "it serves until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, help="of gRPC; the others keep their distance to it")
    parser.add_argument("--data", type=Path, help="folder to keep; without it nothing is kept")
    parser.add_argument("--binaries", type=Path, help="where temporal-server is (build/bin)")
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    return parser.parse_args()


async def _serve(server: Part, command: list[str]) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    console = Console()
    supervisor = Supervisor([server], [[server]], console, Limits(deaths=1))
    try:
        await supervisor.start()
        if not command:
            await supervisor.watch(stop)
            return 0
        return await _run(command, server.address, stop)
    except GaveUp as failure:
        console.say(str(failure))
        console.log_end(server.log, failure.log_start)
        return 1
    finally:
        supervisor.kill()  # quicker than its own farewell; SQLite's log survives it


async def _run(command: list[str], address: str, stop: asyncio.Event) -> int:
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | {"TEMPORAL_ADDRESS": address}
    )
    ended = asyncio.ensure_future(process.wait())
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        process.terminate()
    stopped.cancel()
    return await ended


if __name__ == "__main__":
    sys.exit(main())
