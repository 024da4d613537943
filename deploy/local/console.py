"""Short lines for a person; colour only where it will be seen as colour."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BOLD, GREEN, YELLOW, RED = "1", "32", "33", "31"
LOG_END_LINES = 20
LOG_END_BYTES = 64 * 1024


class Console:
    def __init__(self) -> None:
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, text: str = "", style: str | None = None) -> None:
        if style and self._colour:
            text = f"\033[{style}m{text}\033[0m"
        print(text, flush=True)

    def row(self, name: str, text: str, style: str | None = None) -> None:
        self.say(f"  {name:<10} {text}", style)

    def first_order(self, address: str) -> None:
        self.say("The first order:", BOLD)
        self.say(f"""\
  curl -X POST {address}/orders -H 'Content-Type: application/json' \\
    -d '{{"orderId":"order-12345","amount":100.00}}'
  curl '{address}/orders/order-12345/status?wait=30'
""")

    def log_end(self, path: Path, start: int = 0) -> None:
        lines = log_end(path, start)
        self.say(f"  The end of {path}:" if lines else f"  {path} is empty.")
        for line in lines:
            self.say(f"    {line}")


def log_end(path: Path, start: int = 0) -> list[str]:
    """The last lines of a log, none of them from before the byte `start`."""
    try:
        with path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(start, end - LOG_END_BYTES))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-LOG_END_LINES:]
