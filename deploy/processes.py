"""honcho's manager with two additions: its processes die with us, and something may be said once they serve.

Both reach into honcho's private parts (`_process_ctor`, `_start`), which is why requirements-local.txt pins it.
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
# As on Heroku: the web process may take that long to send its sockets away. honcho's own patience is 5 s.
honcho.manager.KILL_WAIT = 30


class LoyalProcess(Process):
    """A honcho process whose watcher, which ignores polite signals, is killed by the kernel when we are."""

    def run(self, *args: Any, **options: Any) -> None:
        """Called in the forked watcher; the arguments are honcho's."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        super().run(*args, **options)


class ProcessGroup(Manager):
    """Runs processes until one ends or we are asked to stop.

    Parameters: when_started: called in a thread of its own once all have been started; it is given a function that
    says whether the group is stopping.
    """

    def __init__(self, when_started: Callable[[Callable[[], bool]], None]) -> None:
        super().__init__()
        self._process_ctor = LoyalProcess
        self._when_started = when_started

    @property
    def asked_to_stop(self) -> bool:
        """Whether the end came by SIGINT or SIGTERM to us and not by a process that ended itself."""
        return self.returncode in {known["rc"] for known in SIGNALS.values()}

    def terminate(self) -> None:
        """Ask all processes to end; at once when all have been started, else as soon as they have."""
        if self._all_started():
            super().terminate()
        else:
            # honcho raises KeyError over a process whose number it does not know yet.
            threading.Timer(POLL_SECONDS, self.terminate).start()

    def _start(self) -> None:
        super()._start()
        # Only now: a thread that lived during honcho's fork could hold a lock that the child waits for for ever.
        arguments = (lambda: self._terminating,)
        threading.Thread(target=self._when_started, args=arguments, daemon=True).start()
