"""What the launcher does to Temporal's store before a start: on a real server's store, cut short or killed."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from pathlib import Path

import pytest
from local import throwaway
from local.console import Console
from local.parts import Binaries
from local.ports import free_temporal_ports
from local.supervisor import Limits, Supervisor
from local.temporal import CONFIGURATION, prepare_store

pytestmark = pytest.mark.shop

TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
SECONDS = 15
"""Far less than the 45 s that a server waits for a member that was killed."""


def serve_and_kill(folder: Path) -> None:
    """Starts a server on ports that no server before had, waits until it is ready, and kills it."""

    async def serve() -> None:
        server = throwaway.part(folder, free_temporal_ports(), Binaries())
        supervisor = Supervisor([server], [[server]], Console(), Limits(ready_seconds=SECONDS, deaths=1))
        try:
            await supervisor.start()
        finally:
            supervisor.kill()
            await supervisor.stop()

    asyncio.run(serve())


def test_starts_on_other_ports_after_a_kill(tmp_path: Path) -> None:
    serve_and_kill(tmp_path)
    serve_and_kill(tmp_path)


def test_a_first_start_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    serve_and_kill(tmp_path)
    store = tmp_path / "temporal" / "temporal.db"
    with sqlite3.connect(store) as database:
        all_tables = database.execute(TABLES).fetchone()[0]
        for table in ("queue", "cluster_membership", "namespaces"):
            database.execute(f"DROP TABLE {table}")
    serve_and_kill(tmp_path)
    with sqlite3.connect(store) as database:
        assert database.execute(TABLES).fetchone()[0] == all_tables


def test_a_store_with_a_namespace_is_kept(tmp_path: Path) -> None:
    serve_and_kill(tmp_path)
    store = tmp_path / "temporal" / "temporal.db"
    namespaces = "SELECT id FROM namespaces ORDER BY id"
    with sqlite3.connect(store) as database:
        before = database.execute(namespaces).fetchall()
    prepare_store(store.parent)
    with sqlite3.connect(store) as database:
        assert database.execute(namespaces).fetchall() == before


@pytest.mark.parametrize("file", ["dynamic_config.yaml", "dynamic_config_test.yaml"])
def test_the_server_knows_every_switch(file: str) -> None:
    path = CONFIGURATION / file
    command = [Binaries().temporal / "temporal-server", "validate-dynamic-config", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout.strip()) == (0, str(path))
