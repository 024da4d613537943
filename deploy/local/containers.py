"""./build_and_run --docker: builds, makes each part's image, starts Docker Compose, keeps it up until Ctrl-C.

Compose itself starts again what dies; all data is in volumes, which stay when the containers go.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .console import BOLD, GREEN, RED, YELLOW, Console, log_end
from .settings import REPOSITORY, SERVICES, Settings

PASSWORDS = [f"{owner}_DB_PASSWORD" for owner in ("TEMPORAL", "PAYMENT", "INVENTORY", "DELIVERY")]
PROJECT = "jumun"
ENV_FILE = REPOSITORY / ".env"
PROGRAMS = REPOSITORY / "build" / "images"
"""The built programs as they go into the images."""

ENV_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<name>\w+)[ \t]*=[ \t]*
        (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>[^']*)' | (?P<bare>[^\n]*?) )
        (?:[ \t]+\#[^\n]*)?[ \t]*$""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
"""As Compose reads ENV_FILE: what is quoted may have several lines."""

READY_SECONDS = 180
CALL_SECONDS = 60
POLL_SECONDS = 1
MOST_RESTARTS = 5
"""While it starts: a part that dies so often is given up."""


class Failed(Exception):
    """A step that failed; the text is one sentence."""


@dataclass(frozen=True)
class PartState:
    """One container, as Docker tells it."""

    status: str
    health: str
    restarts: int
    exit_code: int

    @property
    def ready(self) -> bool:
        if self.health:
            return self.health == "healthy"
        return self.status == "exited" and self.exit_code == 0


def run(settings: Settings, console: Console, environment: Mapping[str, str], build: bool) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    shop = Containers(settings, console, environment)
    try:
        if build:
            shop.build()
        started = time.monotonic()
        try:
            shop.up()
            shop.wait_ready()
            _welcome(settings, console, time.monotonic() - started)
            shop.watch()
        finally:
            console.say("Stopping; the volumes stay …", BOLD)
            shop.down()
            console.say("Stopped.")
    except KeyboardInterrupt:
        return 0
    except Failed as failure:
        console.say(str(failure), RED)
        return 1


def why_not(environment: Mapping[str, str]) -> str | None:
    """One sentence where there is no Docker to use."""
    if not shutil.which("docker"):
        return "Docker is missing; install it, or start the shop without --docker."
    engine = _ask(["docker", "info", "--format", "{{.ServerVersion}}"], environment)
    if engine.returncode != 0:
        return "No Docker engine answers; start it, or start the shop without --docker."
    if not compose_command(environment):
        return "Docker Compose is missing; install it, or start the shop without --docker."
    return None


def compose_command(environment: Mapping[str, str]) -> list[str]:
    """Docker's plugin, else Debian's docker-compose 1.29, else nothing."""
    if _ask(["docker", "compose", "version"], environment).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else []


def published_ports(settings: Settings) -> dict[int, str]:
    """Each with the setting that moves it."""
    found = {port: f"{name.upper()}_PORT" for name, port in settings.ports.items()}
    if not settings.external_temporal:
        found[settings.ui_port] = "TEMPORAL_UI_PORT"
        found |= dict.fromkeys([settings.temporal.grpc, settings.temporal.http], "TEMPORAL_PORT")
    return found


def write_env_file(path: Path) -> None:
    """Gives each role of the database a password of its own; what is in the file already stays."""
    text = path.read_text() if path.exists() else f"COMPOSE_PROJECT_NAME={PROJECT}\n"
    known = _pairs(text)
    missing = [name for name in PASSWORDS if name not in known]
    if not missing:
        return
    text += "" if text.endswith("\n") or not text else "\n"
    lines = "".join(f"{name}={secrets.token_hex(24)}\n" for name in missing)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)  # the mode above is a new file's alone
        file.truncate()
        file.write(text + lines)


def with_env_file(environment: Mapping[str, str], path: Path = ENV_FILE) -> dict[str, str]:
    """What Compose will take for set, for the launcher to read: Compose reads the file itself, with all that
    may stand in it. The passwords are left to it: nobody else needs them."""
    pairs = _pairs(path.read_text()) if path.exists() else {}
    return {name: value for name, value in pairs.items() if name not in PASSWORDS} | dict(environment)


def of_files(environment: Mapping[str, str]) -> list[str]:
    """What is set and names a file, or a part of one: no file of the user's is in a container."""
    names = [name for name in environment if name.startswith("TEMPORAL_TLS_") and name.endswith("_PATH")]
    return [name for name in ("TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", *names) if environment.get(name)]


def for_compose(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """What Compose gets: the environment, not what is in the file, before which it would come."""
    return dict(environment) | {
        "COMPOSE_PROJECT_NAME": settings.environment.get("COMPOSE_PROJECT_NAME") or PROJECT,
        # As without containers: so far from TEMPORAL_PORT.
        "TEMPORAL_HTTP_PORT": str(settings.temporal.http),
    }


def _pairs(text: str) -> dict[str, str]:
    return {
        found["name"]: found["double"] or found["single"] or found["bare"] or ""
        for found in ENV_LINE.finditer(text)
    }


class Containers:
    def __init__(self, settings: Settings, console: Console, environment: Mapping[str, str]) -> None:
        self._console = console
        self._log = settings.log_dir / "docker.log"
        self._environment = for_compose(settings, environment)
        self._compose = compose_command(self._environment)
        if self._compose == ["docker-compose"]:  # it knows BuildKit only through a plugin
            self._environment |= {"DOCKER_BUILDKIT": "0", "COMPOSE_DOCKER_CLI_BUILD": "0"}
        self._tag = settings.environment.get("JUMUN_TAG") or "local"
        self._external = settings.external_temporal is not None
        self._seen: dict[str, PartState] = {}

    # --- build ---

    def build(self) -> None:
        """The programs, then the image of each part."""
        binaries = f"jumun-binaries:{self._tag}"
        if _is_debian_12():
            self._show([str(REPOSITORY / "tools" / "build"), "--into", str(PROGRAMS)])
            self._console.say("Making the images …", BOLD)
            self._import(PROGRAMS, binaries)
        else:
            self._console.say("Building in a container, some 20 minutes the first time …", BOLD)
            file = "deploy/docker/compile.Dockerfile"
            self._run(["docker", "build", "--file", file, "--tag", binaries, "."], "The build")
            self._console.say("Making the images …", BOLD)
        self._run([*self._compose, "build"], "Making the images")

    def _import(self, folder: Path, image: str) -> None:
        archive = subprocess.Popen(
            ["tar", "--owner=0", "--group=0", "-C", str(folder), "-c", "."], stdout=subprocess.PIPE
        )
        self._run(["docker", "import", "-", image], "Packing the programs", stdin=archive.stdout)
        if archive.wait(CALL_SECONDS) != 0:
            raise Failed(f"{folder} cannot be packed.")

    # --- start, watch, stop ---

    def running(self) -> bool:
        return any(state.status == "running" for state in self.states().values())

    def up(self) -> None:
        self._console.say("Starting the containers …", BOLD)
        up = [*self._compose, "up", "--detach"]
        if self._external:  # nor Temporal nor what it needs
            self._run([*up, "postgres"], "The start of PostgreSQL")
            self._run([*up, "--no-deps", *SERVICES], "The start")
        else:
            self._run([*up, "--remove-orphans"], "The start")

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        told: set[str] = set()
        while True:
            states = self.states()
            for name, state in states.items():
                if state.ready and name not in told:
                    told.add(name)
                    self._console.row(name, "ready", GREEN)
                if state.restarts >= MOST_RESTARTS:
                    raise self._gave_up(name, "keeps dying")
            if states and len(told) == len(states):
                self._seen = states
                return
            if time.monotonic() > deadline:
                late = next(name for name in states if name not in told)
                raise self._gave_up(late, f"was not ready within {READY_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def _gave_up(self, name: str, why: str) -> Failed:
        """Shows the part's last words, which go with its container."""
        said = _ask([*self._compose, "logs", "--no-color", "--tail", "10", name], self._environment)
        for line in said.stdout.splitlines():
            self._console.say(f"    {line}")
        return Failed(f"{name} {why}.")

    def watch(self) -> None:
        """Tells what dies and comes back, until a signal ends it."""
        while True:
            time.sleep(POLL_SECONDS)
            now = self.states()
            for name, state in now.items():
                was = self._seen.get(name, state)
                if state.restarts > was.restarts:
                    self._console.row(name, "died; Docker starts it again", YELLOW)
                if state.ready and not was.ready:
                    self._console.row(name, "ready again", GREEN)
            self._seen = now

    def down(self) -> None:
        down = [*self._compose, "down", "--remove-orphans"]
        try:
            self._run(down, "The stop")
        except KeyboardInterrupt:
            self._console.say("Killing all parts.", RED)
            self._run([*down, "--timeout", "0"], "The stop")

    def states(self) -> dict[str, PartState]:
        """By the part's name; nothing where Docker does not answer."""
        label = f"label=com.docker.compose.project={self._environment['COMPOSE_PROJECT_NAME']}"
        listed = _ask(["docker", "ps", "--all", "--quiet", "--filter", label], self._environment)
        ids = listed.stdout.split()
        if not ids:
            return {}
        inspected = _ask(["docker", "inspect", *ids], self._environment)
        found = json.loads(inspected.stdout or "[]")
        return {
            one["Config"]["Labels"]["com.docker.compose.service"]: PartState(
                status=one["State"]["Status"],
                health=one["State"].get("Health", {}).get("Status", ""),
                restarts=one["RestartCount"],
                exit_code=one["State"]["ExitCode"],
            )
            for one in found
        }

    # --- commands ---

    def _show(self, command: list[str]) -> None:
        """A command that tells a person itself how far it is."""
        process = subprocess.Popen(command, env=self._environment, cwd=REPOSITORY)
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait(CALL_SECONDS)
            raise
        if status != 0:
            raise Failed("The build failed.")

    def _run(self, command: list[str], what: str, stdin=subprocess.DEVNULL) -> None:
        """A command whose words go to the log; Ctrl-C does not reach it."""
        with self._log.open("ab") as log:
            start = log.tell()
            process = subprocess.Popen(
                command,
                env=self._environment,
                cwd=REPOSITORY,
                stdin=stdin,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                status = process.wait()
            except BaseException:
                process.terminate()
                process.wait(CALL_SECONDS)
                raise
        if status != 0:
            for line in log_end(self._log, start):
                self._console.say(f"    {line}")
            raise Failed(f"{what} failed; the whole log is {self._log}.")


def _ask(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=dict(environment),
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_SECONDS,
        start_new_session=True,
    )


def _is_debian_12() -> bool:
    """Whether what is built here runs in the images, which are Debian 12."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    release = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    return release.get("ID") == "debian" and release.get("VERSION_ID") == "12"


def _welcome(settings: Settings, console: Console, seconds: float) -> None:
    console.say()
    console.say(f"The shop is open, after {seconds:.1f} s.", BOLD)
    for name, port in settings.ports.items():
        console.row(name, f"http://127.0.0.1:{port}")
    if not settings.external_temporal:
        console.row("web-ui", f"http://127.0.0.1:{settings.ui_port}")
        console.row("temporal", settings.temporal_address)
    console.row("logs", "docker compose logs")
    console.say()
    console.first_order(f"http://127.0.0.1:{settings.ports['order']}")
    console.say("Ctrl-C stops all of it; the volumes keep the data (docker compose down -v deletes them).")
