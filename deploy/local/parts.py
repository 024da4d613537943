"""The parts of the shop: each one's command, environment, log, and how it says that it is ready.

The launcher and the end-to-end tests start the same parts from here.
"""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from . import postgres, temporal
from .settings import LOOPBACK, REPOSITORY, SERVICES, Settings

PROBE_SECONDS = 2
TEMPORAL = "temporal"
POSTGRES = "postgres"


@dataclass(frozen=True)
class Part:
    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    ready: Callable[[], bool]
    """Asks once and answers within a few seconds; never raises."""
    address: str = ""
    folder: Path | None = None
    """Where it runs; unset: where the launcher does."""
    prepare: Callable[[], None] = field(default=lambda: None)
    """Called before each start. May raise NotPrepared."""
    refuses_settings: bool = False
    """Whether its exit status 2 says that a setting is wrong, in the last line of its log."""
    after: str = ""
    """The part that must have been ready once before this one starts."""
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(frozen=True)
class Binaries:
    """Where the built programs are."""

    temporal: Path = REPOSITORY / "build" / "bin"
    services: Path = REPOSITORY / "build" / "release" / "services"

    def missing(self, settings: Settings) -> list[Path]:
        return [
            path
            for part in all_parts(settings, self)
            if not (path := Path(part.command[0])).exists()
        ]


def all_parts(
    settings: Settings, binaries: Binaries, dynamic_config: str = "dynamic_config.yaml"
) -> list[Part]:
    """Every part, in the order in which they are shown."""
    parts = [service(settings, binaries, name) for name in SERVICES]
    if not settings.external_temporal:
        server = temporal_server(settings, binaries, dynamic_config)
        parts = [server, web_ui(settings, binaries), *parts]
    if settings.starts_postgres:
        parts = [postgres_server(settings), *parts]
    return parts


def start_order(parts: list[Part]) -> list[list[str]]:
    """Names to start one group after the other."""
    groups: list[list[str]] = []
    started = {""}
    while group := [part.name for part in parts if part.after in started and part.name not in started]:
        groups.append(group)
        started |= set(group)
    return groups


def stop_order(parts: list[Part]) -> list[list[Part]]:
    """Groups to stop one after the other: who takes orders first, who keeps them last."""
    groups = [["order"], ["payment", "inventory", "delivery"], ["web-ui"], [TEMPORAL], [POSTGRES]]
    return [[part for part in parts if part.name in names] for names in groups]


def postgres_access(settings: Settings) -> postgres.Access | None:
    if not settings.postgres:
        return None
    if settings.external_postgres:
        return postgres.elsewhere(settings.data_dir, settings.external_postgres)
    return postgres.own(settings.data_dir, settings.postgres_port)


def postgres_server(settings: Settings) -> Part:
    folder = settings.data_dir / postgres.FOLDER
    access = postgres.own(settings.data_dir, settings.postgres_port)
    log = settings.log_dir / "postgres.log"
    return Part(
        name=POSTGRES,
        command=postgres.command(folder, settings.postgres_port),
        environment={"PATH": os.defpath},
        log=log,
        ready=partial(postgres.ready, access, log),
        address=f"127.0.0.1:{settings.postgres_port}",
        folder=Path("/"),
        prepare=partial(postgres.prepare, folder, access),
        stop_signal=signal.SIGINT,  # SIGTERM would wait for everybody who is connected
    )


def temporal_server(settings: Settings, binaries: Binaries, dynamic_config: str) -> Part:
    folder = settings.data_dir / "temporal"
    environment = temporal.server_environment(settings.temporal, dynamic_config)
    prepare = partial(temporal.prepare_store, folder)
    if access := postgres_access(settings):
        store = postgres.temporal_environment(access)
        environment = temporal.server_environment(settings.temporal, dynamic_config, store)
        folder.mkdir(parents=True, exist_ok=True)
        tool = binaries.temporal / "temporal-sql-tool"
        prepare = partial(
            postgres.prepare_temporal, access, tool, settings.log_dir / "temporal-schema.log"
        )
    return Part(
        name=TEMPORAL,
        command=temporal.server_command(binaries.temporal),
        environment=environment,
        log=settings.log_dir / "temporal.log",
        ready=partial(temporal.namespace_ready, settings.temporal.http, settings.namespace),
        address=settings.temporal_address,
        folder=folder,
        prepare=prepare,
        after=POSTGRES if settings.starts_postgres else "",
    )


def web_ui(settings: Settings, binaries: Binaries) -> Part:
    return Part(
        name="web-ui",
        command=temporal.ui_command(binaries.temporal),
        environment=temporal.ui_environment(
            settings.ui_port, settings.temporal_address, settings.namespace
        ),
        log=settings.log_dir / "web-ui.log",
        ready=partial(answers, settings.ui_port, "/healthz"),
        address=f"http://127.0.0.1:{settings.ui_port}",
    )


def service(settings: Settings, binaries: Binaries, name: str) -> Part:
    port = settings.ports[name]
    environment = dict(settings.environment) | {
        "DATA_DIR": str(settings.data_dir),
        f"{name.upper()}_PORT": str(port),
    }
    environment.pop("DATABASE_URL", None)
    if name != "order" and (access := postgres_access(settings)):
        environment["DATABASE_URL"] = access.url(name)
    if not settings.external_temporal:
        for leftover in settings.temporal_leftovers():
            del environment[leftover]
        environment["TEMPORAL_ADDRESS"] = settings.temporal_address
        environment["TEMPORAL_NAMESPACE"] = settings.namespace
        environment.setdefault("TEMPORAL_UI_PORT", str(settings.ui_port))
    return Part(
        name=name,
        command=[str(binaries.services / name / f"jumun-{name}")],
        environment=environment,
        log=settings.log_dir / f"{name}.log",
        ready=partial(answers, port, "/readyz", settings.service_host),
        address=settings.service_url(name),
        refuses_settings=True,
        # Beside a server that does not serve the namespace yet, a worker's first polls fail, and Core
        # backs off for ten seconds: the first order would wait so long.
        after=TEMPORAL if not settings.external_temporal else POSTGRES if settings.starts_postgres else "",
    )


def answers(port: int, path: str, host: str = LOOPBACK) -> bool:
    """True if a GET on this port is answered 200."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
