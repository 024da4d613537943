"""What a person may set, read from the environment and checked before anything starts.

Only what the launcher itself needs is read here; every other setting is handed on, and the service it
belongs to refuses a wrong value by leaving with exit status 2 and a sentence.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = ("order", "payment", "inventory", "delivery")
LOOPBACK = "127.0.0.1"


class WrongSetting(Exception):
    """A setting that cannot be used; the text is one sentence that names it."""


@dataclass(frozen=True)
class TemporalPorts:
    """The ports of one Temporal server. Only `grpc` is for others; the rest keep their distance to it."""

    grpc: int = 7233

    @property
    def http(self) -> int:
        return self.grpc + 10

    def all(self) -> dict[str, int]:
        return {
            "FRONTEND_GRPC_PORT": self.grpc,
            "FRONTEND_HTTP_PORT": self.http,
            "HISTORY_GRPC_PORT": self.grpc + 1,
            "MATCHING_GRPC_PORT": self.grpc + 2,
            "WORKER_GRPC_PORT": self.grpc + 6,
            "FRONTEND_MEMBERSHIP_PORT": self.grpc - 300,
            "HISTORY_MEMBERSHIP_PORT": self.grpc - 299,
            "MATCHING_MEMBERSHIP_PORT": self.grpc - 298,
            "WORKER_MEMBERSHIP_PORT": self.grpc - 294,
        }


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    temporal: TemporalPorts
    ui_port: int
    ports: dict[str, int]
    namespace: str = "default"
    external_temporal: str | None = None
    """The address of a Temporal server that somebody else runs; unset: the launcher starts one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    postgres: bool = False
    """Whether the stores are in PostgreSQL; they are SQLite files otherwise."""
    postgres_port: int = 5432
    external_postgres: str | None = None
    """The administrator's URL of a PostgreSQL that somebody else runs; unset: the launcher starts one."""

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def starts_postgres(self) -> bool:
        return self.postgres and not self.external_postgres

    @property
    def temporal_address(self) -> str:
        return self.external_temporal or f"127.0.0.1:{self.temporal.grpc}"

    @property
    def listen_address(self) -> str:
        """Where the services listen; a wrong one is theirs to refuse. Temporal and its UI stay on loopback."""
        text = self.environment.get("LISTEN_ADDRESS", "")
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            return LOOPBACK

    @property
    def service_host(self) -> str:
        """Where the services are asked from this machine."""
        return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.listen_address, self.listen_address)

    def service_url(self, name: str) -> str:
        host = f"[{self.service_host}]" if ":" in self.service_host else self.service_host
        return f"http://{host}:{self.ports[name]}"

    @staticmethod
    def read(environment: Mapping[str, str], postgres: bool = False) -> Settings:
        database_url = environment.get("DATABASE_URL", "")
        if database_url.startswith("sqlite:"):
            raise WrongSetting(
                "DATABASE_URL names one SQLite file, and each service needs one of its own; "
                "unset it and set DATA_DIR to where they shall be."
            )
        if database_url and not postgres:
            raise WrongSetting(
                "DATABASE_URL names one database, and each service needs a role and a schema of its own; "
                "add --postgres, which makes them there."
            )
        # A profile or file may name a server too; what is in it is the SDK's to read.
        elsewhere = environment.get("TEMPORAL_ADDRESS")
        if not elsewhere and (
            environment.get("TEMPORAL_CONFIG_FILE") or environment.get("TEMPORAL_PROFILE")
        ):
            elsewhere = "the address in TEMPORAL_CONFIG_FILE"
        settings = Settings(
            data_dir=_directory(environment),
            temporal=TemporalPorts(_port(environment, "TEMPORAL_PORT", 7233, low=1324, high=65525)),
            ui_port=_port(environment, "TEMPORAL_UI_PORT", 8088),
            ports={
                name: _port(environment, f"{name.upper()}_PORT", 8081 + index)
                for index, name in enumerate(SERVICES)
            },
            namespace=environment.get("TEMPORAL_NAMESPACE") or "default",
            external_temporal=elsewhere,
            environment=environment,
            postgres=postgres,
            postgres_port=_port(environment, "POSTGRES_PORT", 5432),
            external_postgres=database_url or None,
        )
        settings._refuse_shared_ports()
        return settings

    def listeners(self) -> dict[int, str]:
        """Every port that this shop listens on, with the setting that moves it."""
        return {port: name for name, port in self._listeners()}

    def addresses(self) -> dict[int, str]:
        """Of those ports that need not be on loopback."""
        return dict.fromkeys(self.ports.values(), self.listen_address)

    def _listeners(self) -> list[tuple[str, int]]:
        found = [(f"{name.upper()}_PORT", port) for name, port in self.ports.items()]
        if not self.external_temporal:
            found.append(("TEMPORAL_UI_PORT", self.ui_port))
            found += [("TEMPORAL_PORT", port) for port in self.temporal.all().values()]
        if self.starts_postgres:
            found.append(("POSTGRES_PORT", self.postgres_port))
        return found

    def temporal_leftovers(self) -> list[str]:
        """Variables of a server elsewhere, which the one that is started here does not understand."""
        if self.external_temporal:
            return []
        names = ("TEMPORAL_API_KEY", "TEMPORAL_TLS")
        return sorted(name for name in self.environment if name.startswith(names))

    def _refuse_shared_ports(self) -> None:
        taken: dict[int, str] = {}
        for name, port in self._listeners():
            if port in taken:
                raise WrongSetting(f"{taken[port]} and {name} both need port {port}.")
            taken[port] = name


def _port(
    environment: Mapping[str, str], name: str, default: int, low: int = 1, high: int = 65535
) -> int:
    text = environment.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise WrongSetting(f"{name} must be a port from {low} to {high}, not \"{text}\".")
    return int(text)


def _directory(environment: Mapping[str, str]) -> Path:
    text = environment.get("DATA_DIR")
    path = Path(text).absolute() if text else REPOSITORY / "var"
    try:
        (path / "logs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"DATA_DIR cannot be used: {path}: {error.strerror}.") from error
    if not os.access(path, os.W_OK):
        raise WrongSetting(f"DATA_DIR cannot be used: {path} may not be written to.")
    return path
