"""./build_and_run --docker: images, Compose, PostgreSQL, and what holds when a container dies or all stop."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import yaml
from composed import BUILD_SECONDS, PARTS, START_SECONDS, ComposedShop
from docker_engine import docker, docker_engine, make_toolchains
from invariants import check
from local import containers
from local.settings import REPOSITORY, SERVICES, Settings
from shop import wait_until

COMPILE_SECONDS = 3600
CGROUP_2 = Path("/sys/fs/cgroup/cgroup.controllers")
READ = r'exec 3<>/dev/tcp/127.0.0.1/$1; printf "GET $2 HTTP/1.0\r\nHost: x\r\n\r\n" >&3; cat <&3'

NINE = {f"order-{number}": 10_000 for number in range(1, 10)}
REFUSED = {"order-2": "I003", "order-3": "I002", "order-9": "D002"}


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedShop]:
    """Built, open, and with nothing in it yet."""
    with docker_engine() as engine:
        shop = ComposedShop(engine, tmp_path_factory.mktemp("composed"), DELIVERY_TIME_SCALE="0.4")
        try:
            shop.open(seconds=BUILD_SECONDS)
            yield shop
        finally:
            shop.remove()


@pytest.mark.shop
@pytest.mark.timeout(BUILD_SECONDS + 300)
def test_orders_end_right_though_containers_die_and_all_is_stopped(composed: ComposedShop) -> None:
    for order_id in NINE:
        assert composed.place(order_id).status == 200
    wait_until(lambda: composed.order("order-5")["stage"] == "DELIVERY", 30, "order-5 to be delivered")
    for name in ("delivery", "payment"):
        composed.crash(name)
    composed.crash("postgres")
    for order_id in NINE:
        assert composed.ended(order_id, 90) == ("FAILED" if order_id in REFUSED else "COMPLETED"), order_id
        assert composed.order(order_id).get("failure", {}).get("code") == REFUSED.get(order_id)
    composed.wait_healthy()
    assert check(composed, NINE) == Counter(COMPLETED=6, FAILED=3)
    wait_until(lambda: "delivery   died; Docker starts it again" in composed.output, 10, "the launcher's word")

    assert composed.close() == 0, composed.output
    assert composed.containers() == {}
    composed.open("--no-build")
    assert check(composed, NINE) == Counter(COMPLETED=6, FAILED=3)
    assert composed.place("order-14").status == 200
    assert composed.ended("order-14") == "COMPLETED"


@pytest.mark.shop
@pytest.mark.timeout(BUILD_SECONDS + 300)
def test_each_container_may_do_little(composed: ComposedShop) -> None:
    found = composed.containers()
    assert set(PARTS) <= set(found)
    for name, one in found.items():
        host = one["HostConfig"]
        assert int(one["Config"]["User"].partition(":")[0]) > 0, name
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["RestartPolicy"]["Name"] == ("unless-stopped" if name in PARTS else "no"), name
        assert host["PidsLimit"] == 512, name
        for bindings in (host["PortBindings"] or {}).values():
            assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}, name
    assert not found["postgres"]["HostConfig"]["PortBindings"]


@pytest.mark.shop
@pytest.mark.timeout(BUILD_SECONDS + 300)
def test_no_password_is_where_others_read(composed: ComposedShop) -> None:
    passwords = [line.partition("=")[2] for line in containers.ENV_FILE.read_text().splitlines()[1:]]
    assert len(passwords) == len(containers.PASSWORDS) and all(len(one) >= 32 for one in passwords)
    ids = [one["Id"] for one in composed.containers().values()]
    told = [composed.docker("logs", one) for one in ids]
    told += [composed.docker("top", one, "-eo", "pid,args") for one in ids if running(composed, one)]
    for part in PARTS:
        told.append(composed.docker("image", "inspect", f"jumun-{part}:test"))
        told.append(composed.docker("history", "--no-trunc", f"jumun-{part}:test"))
    told += [path.read_text("utf-8", "replace") for path in composed.folder.rglob("*") if path.is_file()]
    assert not [text for text in told if any(password in text for password in passwords)]
    assert composed.containers()["payment"]["State"]["Pid"] > 0
    assert (containers.ENV_FILE.stat().st_mode & 0o777) == 0o600


def running(shop: ComposedShop, container: str) -> bool:
    return shop.docker("inspect", "--format", "{{.State.Running}}", container).strip() == "true"


@pytest.mark.skipif(CGROUP_2.exists(), reason="systemd runs in a container like this with cgroups 1 alone")
@pytest.mark.shop
@pytest.mark.timeout(BUILD_SECONDS + 300)
def test_the_units_keep_the_shop_under_systemd(composed: ComposedShop) -> None:
    """deploy/systemd/install on a machine of its own: what test_systemd.py finds right runs, too."""
    with Machine(composed) as machine:
        machine.run("env", "PROGRAMS=/src/build/images", "/src/deploy/systemd/install")
        machine.run("systemctl", "start", "--no-block", "jumun.target")
        machine.wait_ready()
        machine.run("/usr/lib/jumun/http", "POST", "8081", "/orders", '{"orderId":"order-1","amount":100}')
        machine.wait_line('"status":"COMPLETED"', machine.read, "8081", "/orders/order-1/status")
        machine.run("systemctl", "kill", "--signal=KILL", "jumun@payment")
        show = ("systemctl", "show", "--property=NRestarts", "jumun@payment")
        machine.wait_line("NRestarts=1", machine.run, *show)
        machine.wait_ready()
        machine.run("systemctl", "stop", "jumun.target")
        assert machine.run("systemctl", "list-units", "--failed", "--quiet").strip() == ""


class Machine:
    """A container with systemd and PostgreSQL, as a server of Debian's; without its network, too."""

    IMAGE = "jumun-machine:test"
    SYSTEMD = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"]

    def __init__(self, shop: ComposedShop) -> None:
        self.shop = shop
        packages = "systemd dbus postgresql-15"
        made = subprocess.run(
            ["docker", "build", "--tag", self.IMAGE, "-"],
            env=shop.environment | {"DOCKER_BUILDKIT": "0"},
            input=f"""
                FROM jumun-order:test
                USER 0
                RUN apt-get update && apt-get install -y --no-install-recommends {packages}
                ENV LISTEN_ADDRESS= LOG_FORMAT=
                ENTRYPOINT ["/lib/systemd/systemd"]
            """,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
        )
        assert made.returncode == 0, made.stdout[-2000:] + made.stderr

    def __enter__(self) -> Self:
        options = [f"--cap-add={name}" for name in self.SYSTEMD]
        options += ["--security-opt=seccomp=unconfined", "--network=none", "--tmpfs=/run", "--tmpfs=/tmp"]
        options += ["--volume=/sys/fs/cgroup:/sys/fs/cgroup", f"--volume={REPOSITORY}:/src:ro"]
        self.container = self.shop.docker("run", "--detach", *options, self.IMAGE).strip()
        try:
            self.wait_line("accepting connections", self.run, "pg_isready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *failure: object) -> None:
        if any(failure):
            print(self.run("journalctl", "--no-pager", "--lines=60"))
        self.shop.docker("rm", "--force", "--volumes", self.container)

    def run(self, *command: str) -> str:
        done = docker(self.shop.environment, "exec", self.container, *command)
        return done.stdout + done.stderr

    def read(self, port: str, path: str) -> str:
        return self.run("bash", "-c", READ, "read", port, path)

    def wait_line(self, wanted: str, ask: Callable[..., str], *arguments: str) -> None:
        wait_until(lambda: wanted in ask(*arguments), START_SECONDS, lambda: f"{wanted}: {ask(*arguments)}")

    def wait_ready(self) -> None:
        for port in ("8081", "8082", "8083", "8084"):
            self.wait_line("200", self.run, "/usr/lib/jumun/http", "GET", port, "/readyz")


@pytest.mark.long
@pytest.mark.shop
@pytest.mark.timeout(COMPILE_SECONDS + 300)
def test_all_compiles_in_a_container(composed: ComposedShop, tmp_path: Path) -> None:
    """As on a machine that is not Debian 12; of the toolchains' images, where none is to be had, stand-ins."""
    make_toolchains(composed.environment, tmp_path)
    image = f"jumun-compiled:{composed.project}"
    file = "deploy/docker/compile.Dockerfile"
    built = subprocess.run(
        ["docker", "build", "--file", file, "--tag", image, "."],
        env=composed.environment | {"DOCKER_BUILDKIT": "0"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=COMPILE_SECONDS,
    )
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-2000:]
    container = composed.docker("create", image, "none").strip()
    composed.docker("cp", f"{container}:/", str(tmp_path / "programs"))
    composed.docker("rm", container)
    for name in SERVICES:
        helped = subprocess.run(
            [tmp_path / "programs" / f"jumun-{name}", "--help"], capture_output=True, text=True, timeout=10
        )
        assert "LISTEN_ADDRESS" in helped.stdout
    assert b"swagger-ui" in (tmp_path / "programs/jumun-order").read_bytes(), "made with npm"


@pytest.mark.shop
@pytest.mark.timeout(BUILD_SECONDS + 300)
def test_a_second_start_is_refused(composed: ComposedShop) -> None:
    done = subprocess.run(
        [REPOSITORY / "build_and_run", "--docker", "--no-build"],
        env=composed.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == "The shop's containers are running already; stop them: docker compose down\n"


def test_the_passwords_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("API_KEY=mine\nPAYMENT_DB_PASSWORD=known")
    file.chmod(0o644)
    containers.write_env_file(file)
    assert (file.stat().st_mode & 0o777) == 0o600
    first = file.read_text()
    assert first.startswith("API_KEY=mine\nPAYMENT_DB_PASSWORD=known\n")
    assert len(set(line.partition("=")[0] for line in first.splitlines())) == 1 + len(containers.PASSWORDS)
    containers.write_env_file(file)
    assert file.read_text() == first


def test_what_is_set_in_the_file_is_set(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nORDER_PORT=9081\nPAYMENT_PORT=9082\n")
    containers.write_env_file(file)
    assert containers.with_env_file({"PAYMENT_PORT": "9999"}, file) == {
        "ORDER_PORT": "9081",
        "PAYMENT_PORT": "9999",
    }


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nORDER_PORT=\n-----END CERTIFICATE-----"


@pytest.mark.skipif(not containers.compose_command(os.environ), reason="Docker Compose is not installed")
def test_what_is_quoted_in_the_file_is_read_as_compose_reads_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        f'TEMPORAL_UI_PORT="9088"\nTEMPORAL_TLS_SERVER_CA_CERT_DATA="{CERTIFICATE}"\n'
        "COMPOSE_PROJECT_NAME='another' # mine\nexport PAYMENT_PORT=9082 # too\n"
    )
    containers.write_env_file(file)
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    read = containers.with_env_file(environment, file)
    assert read == environment | {
        "TEMPORAL_UI_PORT": "9088",
        "PAYMENT_PORT": "9082",
        "TEMPORAL_TLS_SERVER_CA_CERT_DATA": CERTIFICATE,
        "COMPOSE_PROJECT_NAME": "another",
    }
    handed = containers.for_compose(Settings.read(read), environment)
    assert handed["COMPOSE_PROJECT_NAME"] == "another"
    taken = configured(handed, "--env-file", str(file))["order"]["environment"]
    assert taken["TEMPORAL_UI_PORT"] == "9088"
    assert taken["TEMPORAL_TLS_SERVER_CA_CERT_DATA"] == CERTIFICATE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://a:b@localhost"),
        ("TEMPORAL_CONFIG_FILE", "temporal.toml"),
        ("TEMPORAL_PROFILE", "cloud"),
        ("TEMPORAL_TLS_CLIENT_KEY_PATH", "key.pem"),
    ],
)
def test_what_no_container_can_use_is_refused(name: str, value: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [REPOSITORY / "build_and_run", "--docker"],
        env=os.environ | {name: value, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} is not for --docker, whose ") and done.stderr.count("\n") == 1


def configured(environment: dict[str, str], *options: str) -> dict[str, Any]:
    """The services, as Compose reads its file."""
    done = subprocess.run(
        [*containers.compose_command(environment), *options, "config"],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]


def test_every_setting_reaches_the_containers() -> None:
    """But what is the container's own: its ports, its address, and files that are not in it."""
    section = (REPOSITORY / "docs" / "orders.md").read_text().partition("## 8. Settings")[2]
    rows = [row.split("|")[1] for row in section.splitlines() if re.match(r"\| [A-Z]", row)]
    documented = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", " ".join(rows)))
    own = {"LISTEN_ADDRESS", "DATA_DIR", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE"}
    own |= {name for name in documented if name.endswith("_PORT")}
    tls = {"SERVER_NAME", "DISABLE_HOST_VERIFICATION"}
    tls |= {"SERVER_CA_CERT_DATA", "CLIENT_CERT_DATA", "CLIENT_KEY_DATA"}
    documented |= {f"TEMPORAL_TLS_{name}" for name in tls}
    services = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())["services"]
    handed = set().union(*(services[name]["environment"] for name in SERVICES))
    assert {"STEP_DEADLINE", "TEMPORAL_UI_URL"} <= documented
    assert documented - own <= handed


@pytest.mark.skipif(not containers.compose_command(os.environ), reason="Docker Compose is not installed")
def test_a_temporal_elsewhere_gets_what_it_asks_for() -> None:
    given = {"TEMPORAL_ADDRESS": "cloud.example:7233", "TEMPORAL_API_KEY": "key", "TEMPORAL_TLS": "true"}
    passwords = {name: "password" for name in containers.PASSWORDS}
    for name, service in configured(os.environ | given | passwords).items():
        handed = service.get("environment", {})
        assert given.items() <= handed.items() if name in SERVICES else "TEMPORAL_API_KEY" not in handed, name
        assert handed.get("TEMPORAL_TLS_SERVER_NAME") is None, name


def test_says_that_no_engine_answers(tmp_path: Path) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [REPOSITORY / "build_and_run", "--docker"],
        env=os.environ | {"DOCKER_HOST": f"unix://{tmp_path}/none", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "start the shop without --docker." in done.stderr
    assert time.monotonic() - started < 30
