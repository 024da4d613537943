"""The shop in containers, as ./build_and_run --docker starts it, on ports and as a project of its own.

A part is killed, started and read as in a Shop of processes; the names are the same. What dies by itself
Compose starts again; what a test kills with kill() stays dead until start().
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
from functools import partial
from pathlib import Path
from typing import Any, Self

from docker_engine import docker
from local import containers, postgres, temporal
from local.console import Console
from local.parts import answers
from local.ports import free_ports, free_temporal_ports
from local.settings import REPOSITORY, SERVICES, Settings
from shop import READY_SECONDS, Shop, wait_until

BUILD_SECONDS = 600
START_SECONDS = 120
STOP_SECONDS = 90
PARTS = ("postgres", "temporal", "web-ui", *SERVICES)
POSTGRES_PORT = 5432

_numbers = itertools.count(1)


def make_images(engine: dict[str, str], folder: Path) -> None:
    """Of all parts, from what is built, for shops that start without building."""
    environment = engine | {"JUMUN_TAG": "test", "DATA_DIR": str(folder)}
    containers.write_env_file(containers.ENV_FILE)
    settings = Settings.read(containers.with_env_file(environment))
    containers.Containers(settings, Console(), environment).build()


class ComposedShop(Shop):
    def __init__(self, engine: dict[str, str], folder: Path, **settings: str) -> None:
        """`settings` are environment variables of Compose, which hands them to the services."""
        ui, *ports = free_ports(1 + len(SERVICES))
        self.project = f"jumun-test-{os.getpid()}-{next(_numbers)}"
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(
            data_dir=folder,
            temporal=free_temporal_ports(),
            ui_port=ui,
            ports=dict(zip(SERVICES, ports)),
            environment=settings,
            postgres=True,
        )
        self.environment = engine | {
            "COMPOSE_PROJECT_NAME": self.project,
            "JUMUN_TAG": "test",
            "DATA_DIR": str(folder),
            "TEMPORAL_PORT": str(self.settings.temporal.grpc),
            "TEMPORAL_UI_PORT": str(ui),
        }
        self.environment |= {f"{name.upper()}_PORT": str(port) for name, port in self.settings.ports.items()}
        self.environment |= settings
        self.launcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.open("--no-build")
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *failure: object) -> None:
        self.remove()

    # --- the launcher ---

    def open(self, *arguments: str, seconds: float = START_SECONDS) -> None:
        with (self.folder / "out").open("wb") as output:
            self.launcher = subprocess.Popen(
                [REPOSITORY / "build_and_run", "--docker", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

        def is_open() -> bool:
            assert self.launcher.poll() is None, self.output
            return "The shop is open" in self.output

        wait_until(is_open, seconds, lambda: f"the shop to open: {self.output}")

    def close(self) -> int:
        """Ctrl-C."""
        self.launcher.send_signal(signal.SIGINT)
        return self.launcher.wait(STOP_SECONDS)

    def remove(self) -> None:
        """All of it, and its data."""
        if self.launcher and self.launcher.poll() is None:
            self.launcher.terminate()
            self.launcher.wait(STOP_SECONDS)
        down = [*containers.compose_command(self.environment), "down", "--volumes", "--remove-orphans"]
        subprocess.run(
            down,
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
            timeout=STOP_SECONDS,
        )

    @property
    def output(self) -> str:
        return (self.folder / "out").read_text()

    # --- the containers ---

    def docker(self, *arguments: str) -> str:
        done = docker(self.environment, *arguments)
        assert done.returncode == 0, done
        return done.stdout

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker tells of each part, by its name."""
        label = f"label=com.docker.compose.project={self.project}"
        ids = self.docker("ps", "--all", "--quiet", "--filter", label).split()
        found = json.loads(self.docker("inspect", *ids)) if ids else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def crash(self, name: str) -> None:
        """As it would by itself: `docker kill` would count as asked for, and nothing would start it again."""
        before = self.containers()[name]
        os.kill(before["State"]["Pid"], signal.SIGKILL)

        def is_back() -> bool:
            now = self.containers()[name]
            return now["RestartCount"] > before["RestartCount"] and now["State"]["Running"]

        wait_until(is_back, 30, f"{name} to be started again")

    def wait_healthy(self) -> None:
        def are_healthy() -> bool:
            found = self.containers()
            return all(found[name]["State"]["Health"]["Status"] == "healthy" for name in PARTS)

        wait_until(are_healthy, 60, lambda: f"all to be healthy: {self.output}")

    # --- as of any shop ---

    def start(self, *names: str) -> None:
        found = self.containers()
        for name in names:
            assert not found[name]["State"]["Running"], f"{name} is running"
        self.docker("start", *(found[name]["Id"] for name in names))

    def running(self, name: str) -> bool:
        return self.containers()[name]["State"]["Running"]

    def process_id(self, name: str) -> int:
        return self.containers()[name]["State"]["Pid"]

    def kill(self, *names: str) -> None:
        found = self.containers()
        self.docker("kill", *(found[name]["Id"] for name in names))

    def stop(self, name: str) -> int | None:
        before = self.containers()[name]
        if not before["State"]["Running"]:
            return None
        self.docker("stop", before["Id"])
        return self.containers()[name]["State"]["ExitCode"]

    def signal(self, number: signal.Signals, *names: str) -> None:
        found = self.containers()
        for name in names:
            self.docker("kill", f"--signal={number.name}", found[name]["Id"])

    def wait_ready(self, *names: str, seconds: float = READY_SECONDS) -> None:
        asks = {name: partial(answers, port, "/readyz") for name, port in self.settings.ports.items()}
        asks |= {
            "temporal": partial(temporal.namespace_ready, self.settings.temporal.http, "default"),
            "postgres": lambda: self.containers()["postgres"]["State"]["Health"]["Status"] == "healthy",
        }
        for name in names or asks:
            wait_until(asks[name], seconds, lambda: f"{name} ready:\n" + self.log(name)[-2000:])

    def log(self, name: str) -> str:
        done = docker(self.environment, "logs", self.containers()[name]["Id"])
        return done.stdout + done.stderr

    def database(self) -> postgres.Access:
        """Nothing of it is published; this machine reaches the container itself."""
        networks = self.containers()["postgres"]["NetworkSettings"]["Networks"]
        lines = [line.partition("=") for line in containers.ENV_FILE.read_text().splitlines()]
        passwords = {name: value for name, _, value in lines if name in containers.PASSWORDS}
        address = networks[f"{self.project}_data"]["IPAddress"]
        return postgres.Access(address, POSTGRES_PORT, postgres.SUPERUSER, passwords)
