"""CPU priority of background processes."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

NICE = 19
_TRIES = 40


def lower_priority(pid: int) -> None:
    """Let a process use only CPU time that other processes leave over.

    With `autogroup`, Linux divides CPU time between sessions first and applies niceness only within each session. So
    the niceness of the session is set as well, if the process leads it: it would otherwise apply to its neighbours.
    """
    threads = Path(f"/proc/{pid}/task")
    for thread in [int(entry.name) for entry in threads.iterdir()] if threads.exists() else [pid]:
        with contextlib.suppress(ProcessLookupError):  # it has exited
            os.setpriority(os.PRIO_PROCESS, thread, NICE)
    if os.getsid(pid) != pid:
        return
    for _ in range(_TRIES):
        try:
            Path(f"/proc/{pid}/autogroup").write_text(str(NICE))
        except BlockingIOError:  # without root the kernel accepts one change every 0.1 s, over all processes
            time.sleep(0.05)
        except OSError:  # there is no autogroup, or a sandbox forbids the change: niceness alone must do
            return
        else:
            return
