"""What a child process needs from its first moment on."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable


class NotPrepared(Exception):
    """What a process needs is not there and cannot be made; the text is one sentence for a person."""


_PR_SET_PDEATHSIG = 1
_libc = ctypes.PyDLL(None)


def die_with_parent() -> Callable[[], None]:
    """A `preexec_fn`: the child is killed when this process dies, however it dies."""
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return arrange
