"""Keeping the environment to its own process. It holds every secret, and the kernel shows it in /proc."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def hide_from_same_user() -> bool:
    """Keep other processes of the same user out of /proc/<pid>/environ and memory; returns whether the kernel does.

    It holds for processes forked from this one, too, and ends with `exec`. Root and CAP_SYS_PTRACE still see all.
    There are no core dumps any more, and no debugger of the same user can be attached, nor does `psutil` see open files
    and connections; so tests and benches, which look at those, do without (APP_ENV=test).
    """
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
