"""A program in a terminal of its own, as a person sees it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

READ_BYTES = 1 << 16
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class TerminalProgram:
    """`with TerminalProgram([...], env) as program:`; what it writes is in `text`, escapes and all."""

    def __init__(self, command: list[str | Path], environment: Mapping[str, str]):
        self.text = ""
        self._bytes = b""
        self._terminal, inside = pty.openpty()
        self._process = subprocess.Popen(
            command,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**environment, "TERM": "xterm"},
            start_new_session=True,
        )
        os.close(inside)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    @property
    def plain(self) -> str:
        return ESCAPES.sub("", self.text)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def read_until(self, wanted: str, seconds: float = 30) -> None:
        """Until the text, without escapes, has `wanted` in it."""
        deadline = time.monotonic() + seconds
        while wanted not in self.plain:
            assert self._read(deadline), f"no {wanted!r} in {self.text!r}"

    def ended(self, seconds: float = 30) -> int:
        """Reads to the program's end; its exit status."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        return self._process.wait(max(1.0, deadline - time.monotonic()))

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))
        try:
            read = os.read(self._terminal, READ_BYTES) if ready else b""
        except OSError:  # nobody holds the other side any more
            read = b""
        self._bytes += read
        self.text = self._bytes.decode("utf-8", "replace")
        return bool(read)
