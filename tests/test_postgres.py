"""The shop with everything in PostgreSQL: killed amid orders, by the launcher, on somebody else's server, and
who may reach what in it. The scenario table and the stores' own tests run on it too."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from local import postgres
from local.parts import Binaries
from local.postgres import Access, own, programs
from local.settings import REPOSITORY
from local.throwaway_postgres import Server
from shop import Shop, http_call, open_folder, wait_until
from test_faults import check_all_right, orders_of
from test_launcher import START_SECONDS, Launcher, is_alive, refused
from test_many_orders import place_all

pytestmark = pytest.mark.shop

FIRST_START_SECONDS = 60
"""The server's files and Temporal's tables are made."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def started() -> Iterator[Server]:
    with open_folder() as made, Server(made) as running:
        yield running


@pytest.fixture
def server(started: Server) -> Server:
    """A PostgreSQL that somebody else runs, with the shop's place in it."""
    postgres.place(started.access)
    return started


def psql(access: Access, user: str | None, database: str, statement: str) -> tuple[int, str]:
    done = subprocess.run(
        [programs() / "psql", "-X", "-At", "-d", database, "-c", statement],
        env=access.environment(user),
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stdout.strip() or done.stderr.strip()


# --- the shop ---


def test_postgres_killed_amid_orders_costs_none(folder: Path) -> None:
    with Shop(folder, postgres=True, DELIVERY_TIME_SCALE="0.2") as shop:
        orders = orders_of("power")
        half = len(orders) // 2
        assert {answer.status for answer in place_all(shop, orders[:half])} == {200}
        shop.kill("postgres")
        # its processes end a moment after it
        wait_until(lambda: shop.get("payment", "/readyz").status == 503, 10, "payment to be unready")
        assert shop.get("payment", "/readyz").json()["dependencies"]["database"] == "DOWN"
        assert shop.get("payment", "/payments/power-01").status == 503
        shop.start("postgres")
        shop.wait_ready()
        assert {answer.status for answer in place_all(shop, orders[half:])} == {200}
        check_all_right(shop, orders)


def test_a_service_started_before_postgres_waits_for_it(folder: Path) -> None:
    with Shop(folder, postgres=True, DELIVERY_TIME_SCALE="0") as shop:
        shop.kill("payment", "postgres")
        shop.start("payment")
        wait_until(
            lambda: "waiting for the database" in shop.log("payment"), 10, "it to wait"
        )
        shop.start("postgres")
        shop.wait_ready()
        shop.place("late-1")
        assert shop.ended("late-1") in ("COMPLETED", "FAILED")


def test_a_backup_taken_amid_orders_is_restored(folder: Path) -> None:
    """With the documented commands: what is newer than the backup is a row without an order, and no more."""
    dump, restore = documented("pg_dump"), documented("pg_restore")
    with Shop(folder, postgres=True, DELIVERY_TIME_SCALE="0.2", PAYMENT_FAILURE_RATE="0") as shop:
        access = own(folder, shop.settings.postgres_port)
        before = [f"before-{n}1" for n in range(20)]
        place_all(shop, before)
        dumps = {}
        for database in dump.databases:
            dumps[database] = run(access, [*dump.command, database])
            place_all(shop, [f"{database}-{n}1" for n in range(10)])  # the next has more than the one before
            shop.place(f"{database}-too-much", 2_000_000)
            assert shop.ended(f"{database}-too-much") == "FAILED"
        for order in before:
            assert shop.ended(order) == "COMPLETED"
        shop.kill("order", "payment", "inventory", "delivery", "temporal")
        for database in restore.databases:
            run(access, restore.command, dumps[database])
        shop.start("temporal")
        shop.wait_ready("temporal")
        shop.start("order", "payment", "inventory", "delivery")
        shop.wait_ready()
        for order in before:
            assert shop.ended(order) == "COMPLETED"
        assert shop.get("order", "/orders?limit=200").status == 200
        result = shop.get("order", "/audit", seconds=110).json()
        assert {check["id"] for check in result["checks"] if not check["ok"]} <= {"X1"}, result


@dataclass(frozen=True)
class Documented:
    databases: list[str]
    command: list[str]


def documented(program: str) -> Documented:
    """As docs/deploying.md says it, without what brings it into the container."""
    text = (REPOSITORY / "docs" / "deploying.md").read_text()
    found = re.search(rf"for database in (.*); do\n> +.* postgres ({program} .*?)(?: \$database)? ?[<>]", text)
    assert found, program
    return Documented(found[1].split(), found[2].split())


def run(access: Access, command: list[str], told: bytes = b"") -> bytes:
    program = programs() / command[0]
    done = subprocess.run(
        [program, *command[1:]], env=access.environment(), input=told, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- the launcher ---


@pytest.fixture
def launchers() -> Iterator[list[Launcher]]:
    started: list[Launcher] = []
    yield started
    for launcher in started:
        launcher.process.kill()
        launcher.process.wait()


def test_the_launcher_starts_it_goes_on_with_its_data_and_stops_it_last(
    folder: Path, launchers: list[Launcher]
) -> None:
    data = folder / "data"
    launchers.append(Launcher(data, "--postgres", PAYMENT_FAILURE_RATE="0"))
    first = launchers[0]
    first.wait_open(FIRST_START_SECONDS)
    order = first.ports["order"]
    http_call(order, "POST", "/orders", {"orderId": "order-1", "amount": 5})
    assert http_call(order, "GET", "/orders/order-1/status?wait=30").json()["status"] == "COMPLETED"

    os.kill(first.part("postgres"), signal.SIGKILL)
    first.wait_printed("postgres   was killed by SIGKILL; starting it again")
    first.wait_printed("postgres   ready again")
    assert_no_password_is_told(data, first)
    assert first.stop(signal.SIGINT) == 0
    assert "did not stop" not in first.output
    log = (data / "logs" / "postgres.log").read_text()
    assert "database system is shut down" in log.splitlines()[-1]
    assert not (data / "payment.db").exists()

    launchers.append(Launcher(data, "--postgres"))
    launchers[1].wait_open()
    answer = http_call(launchers[1].ports["payment"], "GET", "/payments/order-1")
    assert answer.json()["state"] == "CAPTURED"
    status = http_call(launchers[1].ports["order"], "GET", "/orders/order-1/status")
    assert status.json()["status"] == "COMPLETED"
    server = launchers[1].part("postgres")
    launchers[1].stop(signal.SIGKILL)
    wait_until(lambda: not is_alive(server), 10, "PostgreSQL to end with the launcher")


def assert_no_password_is_told(data: Path, launcher: Launcher) -> None:
    """Not by the launcher, in a log, or in a process's arguments."""
    file = data / "postgres-passwords"
    assert file.stat().st_mode & 0o777 == 0o600
    passwords = [line.partition("=")[2] for line in file.read_text().splitlines()]
    assert len(set(passwords)) == 5
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    told = [launcher.output, listing, *(log.read_text() for log in (data / "logs").iterdir())]
    for password in passwords:
        assert len(password) > 30
        assert not any(password in text for text in told)


def test_the_launcher_uses_a_server_that_somebody_else_runs(
    folder: Path, server: Server, launchers: list[Launcher]
) -> None:
    url = server.url.removesuffix("/postgres")
    launchers.append(Launcher(folder / "data", "--postgres", DATABASE_URL=url))
    launchers[0].wait_open(FIRST_START_SECONDS)
    order = launchers[0].ports["order"]
    http_call(order, "POST", "/orders", {"orderId": "order-1", "amount": 5})
    wait_until(
        lambda: psql(server.access, None, "jumun", "SELECT count(*) FROM payment.payment") == (0, "1"),
        20,
        "the payment's row",
    )
    assert not (folder / "data" / "postgres").exists()
    assert launchers[0].stop() == 0


def test_a_server_that_cannot_be_used_is_named(folder: Path, server: Server) -> None:
    port = server.access.port
    for url, reason in (
        (f"postgresql://postgres:wrong-word@127.0.0.1:{port}", "password authentication failed"),
        ("postgresql://postgres:wrong-word@127.0.0.1:1", "Connection refused"),
        ("postgresql://postgres:wrong-word@", "DATABASE_URL must be postgresql://ADMINISTRATOR:"),
    ):
        sentence = refused("--postgres", DATA_DIR=str(folder), DATABASE_URL=url)
        assert reason in sentence
        assert "wrong-word" not in sentence


def test_data_without_its_passwords_is_named(folder: Path) -> None:
    (folder / "postgres" / "data").mkdir(parents=True)
    sentence = refused("--postgres", DATA_DIR=str(folder))
    assert sentence.startswith(f"{folder}/postgres-passwords is missing")


def test_a_database_for_all_services_is_refused(folder: Path) -> None:
    sentence = refused(DATA_DIR=str(folder), DATABASE_URL="postgresql://u:p@h/d")
    assert sentence.endswith("add --postgres, which makes them there.")


def test_a_postgres_that_is_not_installed_is_named(folder: Path) -> None:
    # A PATH without one, and no Debian's.
    script = (
        "import sys; from pathlib import Path; from local import postgres, __main__; "
        f"postgres.DEBIAN = Path({str(folder)!r}); sys.argv = ['x', '--no-build', '--postgres']; "
        "sys.exit(__main__.main())"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-c", script],
        env={"PATH": "/nowhere", "DATA_DIR": str(folder), "PYTHONPATH": str(REPOSITORY / "deploy")},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert (done.returncode, done.stderr) == (
        2,
        "PostgreSQL 15 or newer is not installed; run tools/setup --postgres first.\n",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_a_folder_that_its_user_may_not_enter_is_named(tmp_path: Path, launchers: list[Launcher]) -> None:
    tmp_path.chmod(0o700)
    launchers.append(Launcher(tmp_path / "data", "--postgres"))
    assert launchers[0].process.wait(START_SECONDS) == 2
    assert re.search(
        rf"postgres does not start: The user postgres, .*, may not enter {tmp_path}/data; set DATA_DIR",
        launchers[0].output,
    )


def test_temporals_tables_are_made_anew_where_that_was_cut_short_and_kept_otherwise(
    server: Server, folder: Path
) -> None:
    def prepare() -> None:
        postgres.prepare_temporal(server.access, Binaries().temporal / "temporal-sql-tool", folder / "log")

    def temporal(statement: str) -> str:
        status, said = psql(server.access, "temporal", "temporal", statement)
        assert status == 0, said
        return said

    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    prepare()
    all_tables = temporal(tables)
    temporal("DROP TABLE namespaces, cluster_membership; CREATE TABLE half (a int)")
    prepare()
    assert temporal(tables) == all_tables
    temporal(
        "INSERT INTO namespaces (partition_id, id, name, notification_version, data, data_encoding, is_global) "
        "VALUES (54321, '\\x01', 'default', 1, '', '', false)"
    )
    prepare()
    assert temporal("SELECT name FROM namespaces") == "default"


# --- who may reach what ---


def may_connect(access: Access, role: str, database: str) -> bool:
    """By the grants; pg_hba.conf says so too."""
    statement = f"SELECT has_database_privilege('jumun_{role}', '{database}', 'CONNECT')"
    return psql(access, None, "postgres", statement) != (0, "f")


@pytest.mark.parametrize("role", ["payment", "inventory", "delivery"])
def test_a_services_role_reaches_nothing_but_its_schema(server: Server, role: str) -> None:
    access = server.access
    assert psql(access, role, "jumun", "SHOW search_path") == (0, role)
    assert psql(access, role, "jumun", "CREATE TABLE mine (a int); DROP TABLE mine")[0] == 0
    others = {"payment", "inventory", "delivery"} - {role}
    for schema in (*others, "public"):
        status, said = psql(access, role, "jumun", f"CREATE TABLE {schema}.theirs (a int)")
        assert status != 0 and f"permission denied for schema {schema}" in said
    for database in ("temporal", "temporal_visibility"):
        assert psql(access, role, database, "SELECT 1")[0] != 0
        assert not may_connect(access, role, database)
    for statement in (
        "CREATE SCHEMA more",
        "CREATE ROLE more",
        "CREATE DATABASE more",
        "CREATE TEMPORARY TABLE more (a int)",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
    ):
        status, said = psql(access, role, "jumun", statement)
        assert status != 0 and "permission denied" in said or "must be" in said, said


def test_temporals_role_reaches_nothing_of_the_shop(server: Server) -> None:
    assert psql(server.access, "temporal", "jumun", "SELECT 1")[0] != 0
    assert not may_connect(server.access, "temporal", "jumun")


def test_it_listens_on_loopback_alone(server: Server) -> None:
    port = f"{server.access.port:04X}"
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    assert [address for address in listening if address.endswith(f":{port}")] == [f"0100007F:{port}"]


def test_setting_up_again_changes_nothing_and_renews_passwords(server: Server, folder: Path) -> None:
    other = own(folder, server.access.port)  # with passwords of its own
    again = Access("127.0.0.1", other.port, other.user, other.passwords | {
        "POSTGRES_PASSWORD": server.access.passwords["POSTGRES_PASSWORD"]
    })
    postgres.place(again)
    assert psql(again, "payment", "jumun", "SELECT 1") == (0, "1")
    assert psql(server.access, "payment", "jumun", "SELECT 1")[0] != 0
