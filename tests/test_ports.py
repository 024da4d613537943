"""Ports for tests: free, and never the same for two processes that look at the same time."""

from __future__ import annotations

import subprocess
import sys

from local.ports import BLOCK, Block, free_ports, free_temporal_ports, is_free
from local.settings import REPOSITORY

OTHERS = 5


def test_each_process_has_its_own() -> None:
    script = "from local.ports import block; print(next(block().singles), flush=True); input()"
    others = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=REPOSITORY / "deploy",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(OTHERS)
    ]
    firsts = [int(other.stdout.readline()) for other in others]
    for other in others:
        other.communicate("\n", timeout=10)
    assert len({port // BLOCK for port in [*firsts, *free_ports(1)]}) == OTHERS + 1


def test_none_comes_twice_before_all_had_their_turn() -> None:
    servers = [free_temporal_ports().all().values() for _ in range(Block.SERVERS)]
    ports = [*free_ports(Block.SINGLES), *(port for server in servers for port in server)]
    assert len(set(ports)) == len(ports)
    assert all(map(is_free, ports))
