"""./build_and_run as a person meets it: the command, its sentences, its exit status."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.parts import answers
from local.ports import free_ports, free_temporal_ports
from local.settings import REPOSITORY, SERVICES
from shop import http_call, wait_until

pytestmark = pytest.mark.shop

COMMAND = [str(REPOSITORY / "build_and_run"), "--no-build"]
START_SECONDS = 20
"""A warm start must have the shop answering within this."""
AGAIN_SECONDS = 30


class Launcher:
    """One run of the command, on ports of its own."""

    def __init__(self, data_dir: Path, *arguments: str, **settings: str) -> None:
        ports = free_ports(len(SERVICES) + 2)
        self.ports = dict(zip([*SERVICES, "temporal_ui", "postgres"], ports))
        self.settings = (
            {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)}
            | {f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
            | {"TEMPORAL_PORT": str(free_temporal_ports().grpc), "DELIVERY_TIME_SCALE": "0"}
            | settings
        )
        self.output_file = data_dir.parent / f"{data_dir.name}.out"
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments], env=self.settings, stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    def wait_open(self, seconds: float = START_SECONDS) -> None:
        def is_open() -> bool:
            assert self.process.poll() is None, self.output
            return "The shop is open" in self.output

        wait_until(is_open, seconds, lambda: f"the shop to open: {self.output}")

    def wait_printed(self, text: str, times: int = 1) -> None:
        wait_until(
            lambda: self.output.count(text) >= times,
            AGAIN_SECONDS,
            lambda: f"{text!r} {times} times in {self.output}",
        )

    def part(self, name: str) -> int:
        """The process id of a part."""
        listing = subprocess.run(
            ["ps", "-o", "pid=,comm=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = re.search(rf"(\d+) {name}", listing)
        assert found, listing
        return int(found[1])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(START_SECONDS)


@pytest.fixture
def launchers() -> Iterator[list[Launcher]]:
    started: list[Launcher] = []
    yield started
    for launcher in started:
        launcher.process.kill()
        launcher.process.wait()


@pytest.fixture
def launcher(launchers: list[Launcher], tmp_path: Path) -> Launcher:
    launchers.append(Launcher(tmp_path / "data"))
    launchers[0].wait_open()
    return launchers[0]


def refused(*arguments: str, **settings: str) -> str:
    """What the command says when it does not start: one sentence and exit status 2."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env={"PATH": os.environ["PATH"]} | settings,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr.strip()


def test_opens_takes_an_order_and_closes(launcher: Launcher) -> None:
    order = launcher.ports["order"]
    assert f"curl -X POST http://127.0.0.1:{order}/orders" in launcher.output
    assert f"ORDER_URL=http://127.0.0.1:{order} " in launcher.output
    assert "/orders create order-12345 100 --watch" in launcher.output
    answer = http_call(order, "POST", "/orders", {"orderId": "order-12345", "amount": 100.0})
    assert answer.status == 200, answer
    status = http_call(order, "GET", "/orders/order-12345/status?wait=30").json()["status"]
    assert status == "COMPLETED"
    ui = http_call(launcher.ports["temporal_ui"], "GET", "/api/v1/namespaces/default")
    assert ui.json()["config"]["workflowExecutionRetentionTtl"] == "3153600000s"
    assert launcher.stop(signal.SIGINT) == 0
    assert "did not stop" not in launcher.output


def test_opens_where_it_shall_listen(launchers: list[Launcher], tmp_path: Path) -> None:
    launchers.append(Launcher(tmp_path / "data", LISTEN_ADDRESS="127.0.0.2"))
    launchers[0].wait_open()
    for name in SERVICES:
        port = launchers[0].ports[name]
        assert f"{name:<10} http://127.0.0.2:{port}" in launchers[0].output
        assert answers(port, "/readyz", "127.0.0.2") and not answers(port, "/livez")
    order = f"http://127.0.0.2:{launchers[0].ports['order']}"
    assert f"curl -X POST {order}/orders" in launchers[0].output
    assert f"ORDER_URL={order} " in launchers[0].output
    assert launchers[0].stop() == 0


def test_goes_on_with_its_data_after_everything_was_killed(
    launcher: Launcher, launchers: list[Launcher], tmp_path: Path
) -> None:
    order = launcher.ports["order"]
    http_call(order, "POST", "/orders", {"orderId": "order-1", "amount": 5})
    parts = [launcher.part(name) for name in ("temporal-server", "jumun-payment")]
    launcher.stop(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, parts)), 5, "the parts to die with the launcher")

    launchers.append(Launcher(tmp_path / "data"))
    launchers[-1].wait_open()
    answer = http_call(launchers[-1].ports["order"], "GET", "/orders/order-1/status?wait=30")
    assert answer.json()["status"] == "COMPLETED"
    assert launchers[-1].stop() == 0


def test_starts_a_killed_part_again(launcher: Launcher) -> None:
    for process, name in (("jumun-payment", "payment"), ("temporal-server", "temporal")):
        os.kill(launcher.part(process), signal.SIGKILL)
        launcher.wait_printed(f"{name:<10} was killed by SIGKILL; starting it again")
        launcher.wait_printed(f"{name:<10} ready again")
    assert launcher.stop() == 0


def test_names_the_part_that_keeps_dying(launcher: Launcher) -> None:
    for deaths in range(1, 6):
        os.kill(launcher.part("temporal-ui-ser"), signal.SIGKILL)
        if deaths < 5:
            launcher.wait_printed("web-ui     ready again", times=deaths)
    assert launcher.process.wait(START_SECONDS) == 1
    assert "web-ui keeps dying: 5 times in a minute" in launcher.output
    log = f"{launcher.settings['DATA_DIR']}/logs/web-ui.log"
    assert f"The end of {log}:\n" in launcher.output


def test_a_service_refuses_a_wrong_setting(launchers: list[Launcher], tmp_path: Path) -> None:
    launchers.append(Launcher(tmp_path / "data", PAYMENT_FAILURE_RATE="often"))
    assert launchers[0].process.wait(START_SECONDS) == 2
    assert re.search(r"payment does not start: .*PAYMENT_FAILURE_RATE.*often", launchers[0].output)


def test_a_second_start_on_the_same_data_is_refused(launcher: Launcher) -> None:
    data_dir = launcher.settings["DATA_DIR"]
    sentence = refused(DATA_DIR=data_dir)
    assert sentence.startswith(f"The shop in {data_dir} is running already (process ")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_a_port_in_use_is_named(address: str, tmp_path: Path) -> None:
    with socket.create_server((address, 0)) as listener:
        port = listener.getsockname()[1]
        sentence = refused(DATA_DIR=str(tmp_path), DELIVERY_PORT=str(port), LISTEN_ADDRESS=address)
    assert sentence.startswith(f"Port {port} is in use by ")
    assert sentence.endswith("; end that, or set DELIVERY_PORT to another.")
    assert f"(process {os.getpid()})" in sentence


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"ORDER_PORT": "http"}, 'ORDER_PORT must be a port from 1 to 65535, not "http".'),
        ({"TEMPORAL_PORT": "80"}, 'TEMPORAL_PORT must be a port from 1324 to 65525, not "80".'),
        ({"ORDER_PORT": "8082"}, "ORDER_PORT and PAYMENT_PORT both need port 8082."),
        ({"DATABASE_URL": "sqlite:/tmp/shop.db"}, "DATABASE_URL names one SQLite file, and each "),
        ({"DATA_DIR": "/proc/shop"}, "DATA_DIR cannot be used: /proc/shop: "),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, str], named: str, tmp_path: Path) -> None:
    assert refused(**{"DATA_DIR": str(tmp_path)} | settings).startswith(named)


def test_a_store_that_cannot_be_opened_is_named(launchers: list[Launcher], tmp_path: Path) -> None:
    (tmp_path / "data" / "payment.db").mkdir(parents=True)
    launchers.append(Launcher(tmp_path / "data"))
    assert launchers[0].process.wait(START_SECONDS) == 2
    sentence = r"payment does not start: .*DATABASE_URL \(or DATA_DIR where it is unset\) cannot be used"
    assert re.search(sentence, launchers[0].output)


def test_a_temporal_that_does_not_answer_is_named(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    sentence = refused(DATA_DIR=str(tmp_path), TEMPORAL_ADDRESS=address)
    assert sentence == f"No Temporal server answers at {address}; check TEMPORAL_ADDRESS."


def test_a_wrong_address_of_temporal_is_named(launchers: list[Launcher], tmp_path: Path) -> None:
    launchers.append(Launcher(tmp_path / "data", TEMPORAL_ADDRESS="localhost"))
    assert launchers[0].process.wait(START_SECONDS) == 2
    assert 'TEMPORAL_ADDRESS is "localhost", but it takes HOST:PORT' in launchers[0].output


def test_what_is_left_of_a_temporal_elsewhere_is_not_used(launchers: list[Launcher], tmp_path: Path) -> None:
    leftovers = {"TEMPORAL_API_KEY": "k", "TEMPORAL_TLS_SERVER_NAME": "cloud"}
    launchers.append(Launcher(tmp_path / "data", **leftovers))
    launchers[0].wait_open()
    said = "Not used with the Temporal started here: TEMPORAL_API_KEY, TEMPORAL_TLS_SERVER_NAME."
    assert said in launchers[0].output


def test_a_lock_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    assert refused(DATA_DIR=str(tmp_path)).startswith(f"DATA_DIR cannot be used: {tmp_path}/lock: ")


def test_help_teaches() -> None:
    for name in ("build_and_run", "build_and_run.sh"):
        done = subprocess.run([REPOSITORY / name, "--help"], capture_output=True, text=True, timeout=10)
        assert done.returncode == 0
        assert "DELIVERY_TIME_SCALE" in done.stdout


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
