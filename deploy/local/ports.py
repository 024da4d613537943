"""Is a port free, and if not, whose is it?"""

from __future__ import annotations

import errno
import functools
import itertools
import random
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from .settings import LOOPBACK, TemporalPorts

LISTEN = "0A"
RELEASE_SECONDS = 2
"""So long may a shop that was killed a moment ago take to let go of its ports."""

QUIET = range(10_000, 32_000)
"""Ports that Linux gives to no client of its own accord: a part that is started again finds its own free."""

BLOCK = 500


class Block:
    """Ports for tests, from a part of QUIET that this process has for itself: to see that a port is free is not
    enough where others look for one at the same time. A port comes again after all others had their turn."""

    SERVERS = 12
    """Whose ports lie at both ends of the block (TemporalPorts), single ones between them."""
    SERVER_STEP = 16
    SINGLES = 100

    def __init__(self) -> None:
        # The name of a socket is held by one process, and let go when that ends, however it does.
        self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        starts = range(QUIET.start, QUIET.stop, BLOCK)
        start = next(filter(self._claims, random.sample(starts, len(starts))), None)
        if start is None:
            raise RuntimeError(f"all {len(starts)} blocks of ports for tests are taken")
        servers = range(start + 300, start + 300 + self.SERVERS * self.SERVER_STEP, self.SERVER_STEP)
        self.singles = itertools.cycle(range(start + 200, start + 200 + self.SINGLES))
        self.servers = itertools.cycle(map(TemporalPorts, servers))

    def _claims(self, start: int) -> bool:
        try:
            self._claim.bind(f"\0jumun-ports-{start}")
        except OSError:
            return False
        return True


@functools.cache
def block() -> Block:
    return Block()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, for tests."""
    tried = itertools.islice(block().singles, Block.SINGLES)
    found = list(itertools.islice(filter(is_free, tried), count))
    if len(found) < count:
        raise RuntimeError(f"no {count} free ports in this process's block")
    return found


def free_temporal_ports() -> TemporalPorts:
    """Ports for one more Temporal server, for tests."""
    for found in itertools.islice(block().servers, Block.SERVERS):
        if all(map(is_free, found.all().values())):
            return found
    raise RuntimeError("no free ports for Temporal in this process's block")


def in_use(ports: Mapping[int, str], addresses: Mapping[int, str] | None = None) -> str | None:
    """One sentence about the first of these ports (each with the setting that moves it) that is taken; on
    loopback, but for those that have an address."""
    hosts = dict.fromkeys(ports, LOOPBACK) | dict(addresses or {})
    deadline = time.monotonic() + RELEASE_SECONDS
    while taken := next((port for port in ports if not is_free(port, hosts[port])), None):
        if time.monotonic() > deadline:
            owner = _owner(taken)
            by = f" by {owner}" if owner else ""
            return f"Port {taken} is in use{by}; end that, or set {ports[taken]} to another."
        time.sleep(0.05)
    return None


def is_free(port: int, host: str = LOOPBACK) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL  # not this machine's: the service says so
        return True


def _owner(port: int) -> str | None:
    """The process that listens on the port, as far as this user may see it."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(entry.readlink()) in inodes for entry in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in map(str.split, rows):
            if row[3] == LISTEN and int(row[1].rpartition(":")[2], 16) == port:
                found.append(row[9])
    return found
