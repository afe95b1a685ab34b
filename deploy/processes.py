"""honcho's manager with two additions: its processes exit with this one, and a callback runs once they are started.

Both use private parts of honcho (`_process_ctor`, `_start`), so requirements-local.txt pins its version.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import honcho.manager
from honcho.manager import SIGNALS, Manager
from honcho.process import Process

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
POLL_SECONDS = 0.05
# Seconds, as on Heroku: the web process needs time to close its sockets. honcho's default is 5.
honcho.manager.KILL_WAIT = 30


class LoyalProcess(Process):
    """A honcho process whose watcher, which ignores SIGTERM, is killed by the kernel when its parent dies."""

    def run(self, *args: Any, **options: Any) -> None:
        """Called in the forked watcher; the arguments are honcho's."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        super().run(*args, **options)


class ProcessGroup(Manager):
    """Runs processes until one exits or this one is asked to stop.

    Parameters: when_started: called in a separate thread once all are started, with a function that returns whether the
    group is stopping.
    """

    def __init__(self, when_started: Callable[[Callable[[], bool]], None]) -> None:
        super().__init__()
        self._process_ctor = LoyalProcess
        self._when_started = when_started

    @property
    def asked_to_stop(self) -> bool:
        """Whether the group stopped because of SIGINT or SIGTERM, not because a process exited."""
        return self.returncode in {known["rc"] for known in SIGNALS.values()}

    def terminate(self) -> None:
        """Ask all processes to stop, once all are started."""
        if self._all_started():
            super().terminate()
        else:
            # honcho raises KeyError for a process whose id it does not know yet.
            threading.Timer(POLL_SECONDS, self.terminate).start()

    def _start(self) -> None:
        super()._start()
        # Only now: during honcho's fork another thread could hold a lock that the child would wait for forever.
        arguments = (lambda: self._terminating,)
        threading.Thread(target=self._when_started, args=arguments, daemon=True).start()
