"""A shop for tests: the launcher's parts, each to be killed and started by name, and ways to talk to them.

    with Shop(tmp_path, DELIVERY_TIME_SCALE="0") as shop:
        shop.post("order", "/orders", {"orderId": "order-1", "amount": 100})
        assert shop.ended("order-1") == "COMPLETED"
        shop.kill("payment")
        shop.start("payment")

JUMUN_PRESET names the build whose services run (release), JUMUN_SHOP what a shop is for which the test does not
say: sqlite or postgres, by where its data is, or compose, in containers (composed.py). All waiting is by asking
again, within a bound.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote

from local.console import log_end
from local import postgres as postgresql
from local.parts import (
    Binaries, Part, all_parts, answers, postgres_access, start_order, stop_order
)
from local.ports import free_ports, free_temporal_ports
from local.process import die_with_parent
from local.settings import REPOSITORY, SERVICES, Settings

KIND = os.environ.get("JUMUN_SHOP") or "sqlite"

READY_SECONDS = 60
STOP_SECONDS = 20
CALL_SECONDS = 40
"""More than the longest `?wait`."""

T = TypeVar("T")


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, too: pytest's are for one user alone."""
    with tempfile.TemporaryDirectory(prefix="jumun-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def let_in(folder: Path) -> None:
    """Lets PostgreSQL's own user come to it: pytest's folders are for one user alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, *folder.parents):
        mode = part.stat().st_mode
        if mode & 0o011 != 0o011:
            part.chmod(mode | 0o011)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Shop:
    def __init__(
        self,
        folder: Path,
        dynamic_config: str = "dynamic_config_test.yaml",
        postgres: bool | None = None,
        **settings: str,
    ):
        """`settings` are environment variables of the services; with `postgres` all data is in PostgreSQL."""
        if postgres is None:
            postgres = KIND == "postgres"
        if postgres:
            let_in(folder)
        self.settings = Settings(
            data_dir=folder,
            temporal=free_temporal_ports(),
            ui_port=8088,  # for links alone: the Web UI is not started
            ports=dict(zip(SERVICES, free_ports(len(SERVICES)))),
            environment={"PATH": os.environ["PATH"], "LOG_FORMAT": "text"} | settings,
            postgres=postgres,
            postgres_port=free_ports(1)[0],
        )
        preset = os.environ.get("JUMUN_PRESET", "release")
        binaries = Binaries(services=REPOSITORY / "build" / preset / "services")
        parts = all_parts(self.settings, binaries, dynamic_config)
        self.parts = {part.name: part for part in parts if part.name != "web-ui"}
        if postgres:  # what is killed here is a process, not the machine
            server = self.parts["postgres"]
            self.parts["postgres"] = replace(server, command=[*server.command, "-cfsync=off"])
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for group in start_order(list(self.parts.values())):
                self.start(*group)
                self.wait_ready(*group)
        except BaseException:
            self._kill_all()
            raise
        return self

    @contextmanager
    def some_parts(self, *names: str) -> Iterator[None]:
        """These alone, in this order."""
        try:
            for name in names:
                self.start(name)
                self.wait_ready(name)
            yield
        finally:
            self._kill_all()

    def __exit__(self, *failure: object) -> None:
        try:
            for group in stop_order(list(self.parts.values())):
                for part in group:
                    if part.name not in ("temporal", "postgres"):  # nothing of them is needed any more
                        self.stop(part.name)
        finally:
            self._kill_all()

    # --- the parts ---

    def start(self, *names: str) -> None:
        """Starts parts that are not running; wait_ready() tells when they are ready."""
        assert threading.current_thread() is threading.main_thread(), "a part dies with its thread"
        for name in names:
            assert not self.running(name), f"{name} is running"
            self._running[name] = _spawn(self.parts[name])

    def running(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def process_id(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, *names: str) -> None:
        """SIGKILL to all of them, then waits until they are gone."""
        self.signal(signal.SIGKILL, *names)
        for name in names:
            self._running[name].wait(STOP_SECONDS)

    def stop(self, name: str) -> int | None:
        """Asks it to; returns the exit status, or None where it was not running."""
        if not self.running(name):
            return None
        self.signal(self.parts[name].stop_signal, name)
        return self._running[name].wait(STOP_SECONDS)

    def signal(self, number: signal.Signals, *names: str) -> None:
        """SIGSTOP and SIGCONT, for example, to make a part hang and wake."""
        for name in names:
            self._running[name].send_signal(number)

    def wait_ready(self, *names: str, seconds: float = READY_SECONDS) -> None:
        """Until each of these parts (all, if none is named) says that it is ready."""
        for name in names or self.parts:
            part = self.parts[name]

            def is_ready(name: str = name, part: Part = part) -> bool:
                assert self.running(name), f"{name} died:\n" + "\n".join(log_end(part.log))
                return part.ready()

            wait_until(is_ready, seconds, lambda: f"{name} ready:\n" + "\n".join(log_end(part.log)))

    def log(self, name: str) -> str:
        """All that it has said."""
        return self.parts[name].log.read_text()

    def database(self) -> postgresql.Access:
        """Of a shop whose data is in PostgreSQL."""
        return postgres_access(self.settings)

    def is_live(self, name: str) -> bool:
        return answers(self.settings.ports[name], "/livez")

    def _kill_all(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()

    # --- talking to them ---

    def call(
        self,
        service: str,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        seconds: float = CALL_SECONDS,
    ) -> Answer:
        """One request on a connection of its own; a body that is not bytes goes as JSON."""
        port = self.settings.ports[service]
        return http_call(port, method, quote(path, "/?=&:%"), body, headers, seconds)

    def get(self, service: str, path: str, *, seconds: float = CALL_SECONDS, **headers: str) -> Answer:
        return self.call(service, "GET", path, headers=headers, seconds=seconds)

    def post(self, service: str, path: str, body: object = None, **headers: str) -> Answer:
        return self.call(service, "POST", path, body, headers)

    def put(self, service: str, path: str, body: object = None) -> Answer:
        return self.call(service, "PUT", path, body)

    def temporal(self, method: str, path: str, body: object = None) -> Answer:
        """Temporal's own HTTP API, within the namespace: `/workflows/order-workflow-order-1/history`."""
        path = f"/api/v1/namespaces/{self.settings.namespace}{path}"
        return http_call(self.settings.temporal.http, method, path, body)

    def raw(self, service: str, request: bytes, seconds: float = 30) -> bytes:
        """Sends these bytes as they are and returns all that comes until the service closes."""
        with self.connect(service, seconds) as connection:
            connection.sendall(request)
            return read_to_end(connection)

    def connect(self, service: str, seconds: float = 30) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.settings.ports[service]), seconds)

    # --- orders ---

    def place(self, order_id: str, amount: float = 100) -> Answer:
        return self.post("order", "/orders", {"orderId": order_id, "amount": amount})

    def status(self, order_id: str, wait: int = 0) -> str:
        query = f"?wait={wait}" if wait else ""
        answer = self.get("order", f"/orders/{order_id}/status{query}")
        assert answer.status == 200, (order_id, answer)
        return answer.json()["status"]

    def ended(self, order_id: str, seconds: float = 60) -> str:
        """The order's status once it has ended."""

        def end() -> str | None:
            status = self.status(order_id, wait=10)
            return None if status == "PROCESSING" else status

        return wait_until(end, seconds, lambda: f"the end of {order_id}: {self.order(order_id)}")

    def order(self, order_id: str) -> dict[str, Any]:
        return self.get("order", f"/orders/{order_id}").json()


def http_call(
    port: int,
    method: str,
    path: str,
    body: object = None,
    headers: dict[str, str] | None = None,
    seconds: float = CALL_SECONDS,
) -> Answer:
    fields = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        fields.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def read_to_end(connection: socket.socket, most: int = 1 << 20) -> bytes:
    """All bytes until the other side closes; a reset is an end, too."""
    received = b""
    try:
        while len(received) < most and (chunk := connection.recv(1 << 16)):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def wait_until(
    probe: Callable[[], T | None], seconds: float, what: Callable[[], str] | str
) -> T:
    """Asks until the answer is true and returns it; fails with `what` was waited for."""
    deadline = time.monotonic() + seconds
    while not (answer := probe()):
        if time.monotonic() > deadline:
            raise AssertionError(
                f"waited {seconds:g} s for {what if isinstance(what, str) else what()}"
            )
        time.sleep(0.05)
    return answer


def _spawn(part: Part) -> subprocess.Popen[bytes]:
    part.prepare()
    part.log.parent.mkdir(parents=True, exist_ok=True)
    with part.log.open("ab") as log:
        return subprocess.Popen(
            part.command,
            env=part.environment,
            cwd=part.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
