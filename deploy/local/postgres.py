"""PostgreSQL under the shop: the server that the launcher starts, or another's, and the shop's place in it.

Passwords are made once, in a file of DATA_DIR that only its owner reads, and handed on by environment.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .process import NotPrepared

SCRIPTS = Path(__file__).resolve().parents[1] / "postgres"
DEBIAN = Path("/usr/lib/postgresql")
OLDEST = 15
"""Of psql, whose \\getenv keeps passwords out of the command line; and of the server that is started."""

FOLDER = "postgres"
PASSWORDS = "postgres-passwords"
"""Both in DATA_DIR."""

SUPERUSER = "postgres"
"""In the server; and on Debian the user that it runs as where the launcher is root."""
ROLES = ("payment", "inventory", "delivery", "temporal")
MAX_CONNECTIONS = 200
"""Temporal takes up to 30 for each of its four services, ours six each."""

CALL_SECONDS = 30
MAKE_SECONDS = 60
RELEASE_SECONDS = 5


@dataclass(frozen=True)
class Access:
    """How the shop reaches its PostgreSQL."""

    host: str
    port: int
    user: str
    """Who may create roles and databases."""
    passwords: Mapping[str, str]
    """By environment variable: of that user, and of each role."""

    def url(self, service: str) -> str:
        password = urllib.parse.quote(self.passwords[_variable(service)], safe="")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://jumun_{service}:{password}@{host}:{self.port}/jumun"

    def environment(self, user: str | None = None) -> dict[str, str]:
        """Of psql, as the administrator, or as a role that has a database of its own."""
        return {
            "PATH": os.defpath,
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": user or "postgres",
            "PGUSER": f"jumun_{user}" if user else self.user,
            "PGPASSWORD": self.passwords[_variable(user) if user else _ADMIN],
            "PGCONNECT_TIMEOUT": "5",
        }


_ADMIN = "POSTGRES_PASSWORD"


def _variable(role: str) -> str:
    return f"{role.upper()}_DB_PASSWORD"


def own(data_dir: Path, port: int) -> Access:
    """Of the server that the launcher starts."""
    data, file = _data(data_dir / FOLDER), data_dir / PASSWORDS
    if data.exists() and not file.exists():
        raise NotPrepared(f"{file} is missing, and with it the passwords of the PostgreSQL in {data}.")
    return Access("127.0.0.1", port, SUPERUSER, _passwords(data_dir, [_ADMIN]))


def elsewhere(data_dir: Path, url: str) -> Access:
    """Of the server that an administrator's URL names."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        parts, port = urllib.parse.urlsplit(""), 0
    if not parts.hostname or not parts.username or parts.query:
        raise NotPrepared(
            "With --postgres, DATABASE_URL must be postgresql://ADMINISTRATOR:PASSWORD@HOST:PORT of the "
            "server to use (special characters in the password as %40 for @), without parameters."
        )
    unquote = urllib.parse.unquote
    passwords = _passwords(data_dir, []) | {_ADMIN: unquote(parts.password or "")}
    return Access(parts.hostname, port, unquote(parts.username), passwords)


def _passwords(data_dir: Path, more: list[str]) -> dict[str, str]:
    path = data_dir / PASSWORDS
    found = {}
    if path.exists():
        found = dict(line.split("=", 1) for line in path.read_text().splitlines())
    wanted = [*more, *map(_variable, ROLES)]
    if all(name in found for name in wanted):
        return found
    found = {name: secrets.token_urlsafe(24) for name in wanted} | found
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={password}\n" for name, password in found.items())
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    return found


# --- the server that the launcher starts ---


def programs() -> Path:
    """The folder of postgres, initdb and psql, of the newest version that is here."""
    folders = [DEBIAN / path.name / "bin" for path in DEBIAN.glob("*") if path.name.isdigit()]
    folders.sort(key=lambda folder: int(folder.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if all((folder / name).exists() for name in ("postgres", "initdb", "psql")):
            if not folder.is_relative_to(DEBIAN) or int(folder.parent.name) >= OLDEST:
                return folder
    raise NotPrepared(f"PostgreSQL {OLDEST} or newer is not installed; run tools/setup --postgres first.")


def _as_server_user() -> list[str]:
    """What precedes a command that root may not run itself: PostgreSQL refuses to. Where the launcher
    dies, SIGQUIT ends the server with its connections: the next start finds none of its processes."""
    identity = ["--reuid", SUPERUSER, "--regid", SUPERUSER, "--init-groups"]
    return [
        shutil.which("setpriv") or "/usr/bin/setpriv",
        *(identity if os.geteuid() == 0 else []),
        *("--pdeathsig", "QUIT", "--"),
    ]


def command(folder: Path, port: int) -> list[str]:
    """Of the server."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "hba_file": _data(folder) / "jumun_hba.conf",
        "max_connections": MAX_CONNECTIONS,
        "recovery_init_sync_method": "syncfs",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
    program = [str(programs() / "postgres"), "-D", str(_data(folder))]
    return [*_as_server_user(), *program, *(f"-c{name}={value}" for name, value in settings.items())]


def prepare(folder: Path, access: Access, durable: bool = True) -> None:
    """Makes the server's files where there are none. Raises NotPrepared."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _hand_over(folder)
    if not _data(folder).exists():
        _make(folder, access.passwords[_ADMIN], durable)
    hba = _data(folder) / "jumun_hba.conf"
    hba.write_bytes((SCRIPTS / "pg_hba.conf").read_bytes())
    _wait_for_the_one_before(_data(folder))


def _data(folder: Path) -> Path:
    return folder / "data"


def _hand_over(folder: Path) -> None:
    try:
        user = pwd.getpwnam(SUPERUSER)
    except KeyError:
        raise NotPrepared(
            f"Root may not run PostgreSQL, and there is no user {SUPERUSER} to run it as."
        ) from None
    os.chown(folder, user.pw_uid, user.pw_gid)
    entering = _run([*_as_server_user(), "test", "-x", str(folder)], CALL_SECONDS)
    if entering.returncode != 0:
        raise NotPrepared(
            f"The user {SUPERUSER}, as whom root starts PostgreSQL, may not enter {folder.parent}; "
            "set DATA_DIR to a folder that it may."
        )


def _make(folder: Path, password: str, durable: bool) -> None:
    """Under another name first: what was cut short is not taken for whole."""
    fresh, secret = folder / "data.new", folder / "password"
    shutil.rmtree(fresh, ignore_errors=True)
    secret.unlink(missing_ok=True)
    try:
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
        if os.geteuid() == 0:
            shutil.chown(secret, SUPERUSER)
        options = ["--username", SUPERUSER, "--auth", "scram-sha-256", "--pwfile", str(secret)]
        options += ["--encoding", "UTF8", "--no-locale", "--data-checksums"]
        options += [] if durable else ["--no-sync"]
        initdb = [str(programs() / "initdb"), "--pgdata", str(fresh), *options]
        made = _run([*_as_server_user(), *initdb], MAKE_SECONDS, cwd="/")
    finally:
        secret.unlink(missing_ok=True)
    if made.returncode != 0:
        raise NotPrepared(f"PostgreSQL's files cannot be made: {_last_line(made.stderr)}")
    fresh.rename(_data(folder))


def _wait_for_the_one_before(data: Path) -> None:
    """Where the server was killed, its processes end a moment later; until then a new one refuses."""
    try:
        shared_memory = (data / "postmaster.pid").read_text().splitlines()[6].split()[1]
    except (OSError, IndexError):
        return
    deadline = time.monotonic() + RELEASE_SECONDS
    while _attached(shared_memory) and time.monotonic() < deadline:
        time.sleep(0.05)


def _attached(shared_memory: str) -> bool:
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return any(row[1] == shared_memory and row[6] != "0" for row in map(str.split, rows))


# --- the shop's place in it ---


def answers(access: Access) -> bool:
    """Whether the server takes the administrator's statements."""
    try:
        socket.create_connection((access.host, access.port), timeout=2).close()
        _psql("SELECT", access.environment())
    except (OSError, NotPrepared):
        return False
    return True


def ready(access: Access, log: Path) -> bool:
    """True once the server answers and holds the shop's roles, databases and schemas, made if need be."""
    if not answers(access):
        return False
    try:
        place(access)
    except NotPrepared as failure:
        with log.open("a") as file:
            file.write(f"{failure}\n")
        return False
    return True


def place(access: Access) -> None:
    """Makes the shop's roles, databases and schemas, or brings them up to date. Raises NotPrepared."""
    passwords = {name: value for name, value in access.passwords.items() if name != _ADMIN}
    _psql(SCRIPTS / "setup.sql", access.environment() | passwords)


def prepare_temporal(access: Access, sql_tool: Path, log: Path) -> None:
    """Temporal's tables: made, or brought up to date by the server's own tool. Raises NotPrepared."""
    _psql(SCRIPTS / "temporal_store.sql", access.environment("temporal"))
    environment = {
        "PATH": os.defpath,
        "SQL_HOST": access.host,
        "SQL_PORT": str(access.port),
        "SQL_PASSWORD": access.passwords[_variable("temporal")],
        "TEMPORAL_SQL_TOOL": str(sql_tool),
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    done = _run([str(SCRIPTS / "temporal_schema.sh")], MAKE_SECONDS, env=environment)
    log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise NotPrepared(f"Temporal's tables cannot be made in PostgreSQL; see {log}")


def temporal_environment(access: Access) -> dict[str, str]:
    """Of the Temporal server."""
    return {
        "DB": "postgres12_pgx",
        "DBNAME": "temporal",
        "VISIBILITY_DBNAME": "temporal_visibility",
        "POSTGRES_SEEDS": access.host,
        "DB_PORT": str(access.port),
        "POSTGRES_USER": "jumun_temporal",
        "POSTGRES_PWD": access.passwords[_variable("temporal")],
    }


def _psql(script: Path | str, environment: dict[str, str]) -> None:
    """A file, or a statement."""
    what = ["-f", str(script)] if isinstance(script, Path) else ["-c", script]
    done = _run([str(programs() / "psql"), "-X", "-q", *what], CALL_SECONDS, env=environment)
    if done.returncode != 0:
        raise NotPrepared(
            f"PostgreSQL at {environment['PGHOST']}:{environment['PGPORT']} cannot be used: "
            f"{_first_error(done.stderr)}"
        )


def _run(command: list[str], seconds: float, **options: object) -> subprocess.CompletedProcess[str]:
    """Raises NotPrepared where it does not end in time."""
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            **options,
        )
    except subprocess.TimeoutExpired as failure:
        raise NotPrepared(f"PostgreSQL has not answered within {seconds:g} s.") from failure


def _first_error(text: str) -> str:
    found = re.search(r"(?:ERROR|FATAL|error): *(.*)", text)
    return found[1] if found else _last_line(text)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
