"""The Temporal server and its Web UI: how they are started, and when they are ready for the shop."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sqlite3
import urllib.parse
from pathlib import Path

from .settings import REPOSITORY, TemporalPorts

RETENTION_SECONDS = 36_500 * 24 * 3600
"""Orders are kept: Temporal's history is the only record of one."""

CONFIGURATION = REPOSITORY / "deploy" / "temporal"
SYSTEM_NAMESPACE = "temporal-system"
CALL_SECONDS = 5


def server_command(binaries: Path) -> list[str]:
    return [str(binaries / "temporal-server"), "--allow-no-auth", "start"]


SQLITE = {
    "DB": "sqlite",
    "DBNAME": "temporal.db",
    "VISIBILITY_DBNAME": "visibility.db",
    "SQLITE_JOURNAL_MODE": "wal",
}
"""The files are relative to the folder it runs in, so that no character of a path can break their URL."""


def server_environment(
    ports: TemporalPorts, dynamic_config: str, store: dict[str, str] = SQLITE
) -> dict[str, str]:
    """All of the server's settings: nothing of the caller's, whose LOG_LEVEL or DB is not meant for it."""
    return store | {
        "PATH": os.defpath,
        "BIND_ON_IP": "127.0.0.1",
        "DYNAMIC_CONFIG_FILE_PATH": str(CONFIGURATION / dynamic_config),
        "LOG_LEVEL": "warn",
    } | {name: str(port) for name, port in ports.all().items()}


def prepare_store(folder: Path) -> None:
    """Makes the server's folder and readies the store that a server before may have left in it.

    The server creates its tables one by one and takes the first that exists as proof of all, so a store
    whose first start was cut short is made anew: without a namespace but the server's own it holds
    nothing. And it is the only server of its cluster: where one that was killed still counts as a
    member, on other ports, the new one spends 45 s in trying to reach it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "temporal.db"
    if not store.exists():
        return
    with contextlib.closing(sqlite3.connect(store)) as database:
        if _has_namespace(database):
            database.execute("DELETE FROM cluster_membership")
            database.commit()
            return
    for name in ("temporal.db", "visibility.db"):
        for suffix in ("", "-wal", "-shm"):
            (folder / (name + suffix)).unlink(missing_ok=True)


def _has_namespace(database: sqlite3.Connection) -> bool:
    try:
        query = "SELECT count(*) FROM namespaces WHERE name <> ?"
        return database.execute(query, (SYSTEM_NAMESPACE,)).fetchone()[0] > 0
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return False
        raise


def namespace_ready(http_port: int, namespace: str) -> bool:
    """Registers the namespace, or raises its retention; true once the server's own services serve it."""
    path = "/api/v1/namespaces/" + urllib.parse.quote(namespace, safe="")
    wanted = f"{RETENTION_SECONDS}s"
    try:
        status, found = _call(http_port, "GET", path)
        if status == 404:
            _call(
                http_port,
                "POST",
                "/api/v1/namespaces",
                {"namespace": namespace, "workflowExecutionRetentionPeriod": wanted},
            )
        elif status == 200 and _retention_seconds(found) < RETENTION_SECONDS:
            _call(
                http_port,
                "POST",
                path + "/update",
                {"config": {"workflowExecutionRetentionTtl": wanted}},
            )
        return (
            _call(http_port, "GET", path + "/workflows?pageSize=1")[0] == 200
            and _call(http_port, "GET", path + "/workflows/none")[0] == 404  # history's answer
            and _call(http_port, "GET", path + "/task-queues/none")[0] == 200  # matching's
        )
    except (OSError, http.client.HTTPException, ValueError):  # ValueError: an answer cut short
        return False


def _retention_seconds(described: dict) -> float:
    return float(described["config"]["workflowExecutionRetentionTtl"].removesuffix("s"))


def _call(port: int, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CALL_SECONDS)
    try:
        connection.request(
            method,
            path,
            json.dumps(body) if body is not None else None,
            {"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if answer.status == 200 else {}
    finally:
        connection.close()


def ui_command(binaries: Path) -> list[str]:
    return [
        str(binaries / "temporal-ui-server"),
        *("--root", str(CONFIGURATION), "--config", "ui", "--env", "local", "start"),
    ]


def ui_environment(port: int, temporal_address: str, namespace: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "TEMPORAL_UI_PORT": str(port),
        "TEMPORAL_ADDRESS": temporal_address,
        "TEMPORAL_NAMESPACE": namespace,
    }
