"""Who gets the processor first: never what works in the background."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

NICE = 19
_TRIES = 40


def put_last(pid: int) -> None:
    """Give a process that leads a session only the processor time which all others leave.

    Linux shares it between sessions first, where `autogroup` is on, and looks at niceness only within each: a nice
    process in another's session still takes half of what a third one needs. So both are set.
    """
    threads = Path(f"/proc/{pid}/task")
    for thread in [int(entry.name) for entry in threads.iterdir()] if threads.exists() else [pid]:
        with contextlib.suppress(ProcessLookupError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, thread, NICE)
    for _ in range(_TRIES):
        try:
            Path(f"/proc/{pid}/autogroup").write_text(str(NICE))
        except BlockingIOError:  # at most one change in 0.1 s is taken, of all processes that are not root's
            time.sleep(0.05)
        except OSError:  # there is none, or a sandbox forbids it: niceness alone has to do
            return
        else:
            return
