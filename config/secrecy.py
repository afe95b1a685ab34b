"""Hide the environment, which holds all secrets and is readable in /proc, from other processes."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def hide_from_same_user() -> bool:
    """Keep other processes of the same user out of /proc/<pid>/environ and memory; returns whether that succeeded.

    It also applies to processes forked from this one, and ends with `exec`. Root and CAP_SYS_PTRACE still have access.
    It disables core dumps, debuggers of the same user, and `psutil`'s view of open files and connections; tests and
    benches, which need the latter, do not call it (APP_ENV=test).
    """
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
