"""Is a port free, and if not, whose is it?"""

from __future__ import annotations

import random
import socket
import time
from pathlib import Path

LISTEN = "0A"
RELEASE_SECONDS = 2
"""So long may a shop that was killed a moment ago take to let go of its ports."""

QUIET = range(10_000, 32_000)
"""Ports that Linux gives to no client of its own accord: a part that is started again finds its own free."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, for tests."""
    found: list[int] = []
    for port in random.sample(QUIET, len(QUIET)):
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    return found


def in_use(ports: dict[int, str]) -> str | None:
    """One sentence about the first of these ports (each with the setting that moves it) that is taken."""
    deadline = time.monotonic() + RELEASE_SECONDS
    while taken := next((port for port in ports if not is_free(port)), None):
        if time.monotonic() > deadline:
            owner = _owner(taken)
            by = f" by {owner}" if owner else ""
            return f"Port {taken} is in use{by}; end that, or set {ports[taken]} to another."
        time.sleep(0.05)
    return None


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
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
