"""A pool of sandboxed processes that decode untrusted files: a slow or malicious file never stalls the event loop.

Each process inspects one file at a time. A process that exceeds its CPU time or dies is replaced, and its file is
refused. Processes start on demand and exit with this one, even if it is killed. Under gevent waiting is cooperative.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chatapp.errors import Unavailable
from chatapp.files.budget import Budget, out_of_time
from chatapp.files.children import Child, ChildDied
from chatapp.files.fair_queue import FairQueue
from chatapp.files.handover import BadResult
from chatapp.files.inspected import Inspected
from chatapp.files.refusals import refusal
from chatapp.files.sandbox import LAYERS

log = logging.getLogger(__name__)

CHILDREN = 2  # files inspected at once; each may use one core
MEMORY = 1 << 30  # bytes of address space of one process; libraries take 150 MB, 40 megapixels of WebP 800
JOBS_PER_CHILD = 100  # files, after which a process is replaced: leaks of decoders do not add up

_CLOCK_SIGNAL = -signal.SIGALRM
_PROCESSOR_SIGNAL = -signal.SIGPROF


class InspectorPool:
    """Inspects files in child processes. One per web worker; any number of greenlets may call its methods."""

    def __init__(
        self,
        *,
        children: int = CHILDREN,
        memory: int = MEMORY,
        jobs_per_child: int = JOBS_PER_CHILD,
        on_start: Callable[[Sequence[str]], None] = lambda missing: None,
    ) -> None:
        """Create an empty pool; processes start on demand.

        Parameters:
            children: most files inspected at once.
            memory: bytes of address space of one process.
            jobs_per_child: files after which a process is replaced.
            on_start: called for each new process with the sandbox layers that it lacks.
        """
        self._memory, self._jobs_per_child, self._on_start = memory, jobs_per_child, on_start
        self._queue = FairQueue(children)
        self._idle: list[Child] = []
        self._missing: list[str] = []
        self._closed = False

    def inspect(
        self, path: Path, *, into: Path, voice: bool = False, person: int = 0, budget: Budget | None = None
    ) -> Inspected:
        """Detect the type of a file, and write a version of it that is safe to store (`inspection.inspect`).

        Parameters:
            path: absolute; the file is not changed.
            into: an empty folder for the results; the caller removes it, also after a failure.
            voice: whether it was sent as a voice message.
            person: the uploader's id. One file per person is inspected at a time, so that others need not wait.
            budget: what is left to the request; a full budget by default.
        Raises:
            ChatError: with one of the codes of `refusals.CODES`.
            Unavailable: time ran out before the inspection ended, or no process can start here.
        """
        budget = budget or Budget()
        with self._queue.slot(person, budget):
            try:
                found = self._ask(path, into, voice, budget)
            except TimeoutError:
                log.warning("a file was not inspected in time")
                raise out_of_time()
            except OSError as error:
                log.error("files cannot be inspected", extra={"reason": error.strerror})
                raise Unavailable("files")
        return found if isinstance(found, Inspected) else _refuse(found)

    def close(self) -> None:
        """Stop idle processes now, and the others after their current file."""
        self._closed = True
        while self._idle:
            self._idle.pop().end()

    def _ask(self, path: Path, into: Path, voice: bool, budget: Budget) -> Inspected | dict[str, Any]:
        """Inspect a file; retry once if the process was killed from outside, which is not the file's fault."""
        for is_last in (False, True):
            child = self._idle.pop() if self._idle else self._start(budget)
            try:
                found = child.inspect(path, into, voice=voice, budget=budget)
            except ChildDied as died:
                child.kill()
                if died.status == -signal.SIGKILL and not is_last:
                    continue
                return _verdict(died.status)
            except BadResult:
                child.kill()
                log.error("an inspector process sent an invalid answer; it may be compromised")
                raise refusal("file_damaged")
            except BaseException:  # time ran out or the request was ended: the answer will not be read
                child.kill()
                raise
            if self._closed or child.jobs >= self._jobs_per_child:
                child.end()
            else:
                self._idle.append(child)
            return found
        raise AssertionError("the second child answers or refuses")

    def _start(self, budget: Budget) -> Child:
        try:
            child = Child(self._memory, budget)
        except (ChildDied, BadResult) as error:
            log.error("an inspector process does not start", extra={"status": getattr(error, "status", None)})
            raise Unavailable("files")
        missing = [layer for layer in LAYERS if layer not in child.layers]
        if missing != self._missing:
            log.warning("sandbox layers are missing", extra={"missing": ", ".join(missing)})
            self._missing = missing
        self._on_start(missing)
        return child


def _verdict(status: int) -> dict[str, Any]:
    """The answer for a file whose inspector process died with this status."""
    log.warning("a file killed its inspector process", extra={"status": status})
    if status == _CLOCK_SIGNAL:
        raise out_of_time()
    # SIGKILL comes from the kernel when memory runs out.
    is_costly = status in (_PROCESSOR_SIGNAL, -signal.SIGXCPU, -signal.SIGKILL)
    return {"refused": "file_too_complex" if is_costly else "file_damaged"}


def _refuse(answer: dict[str, Any]) -> Inspected:
    if "refused" in answer:
        raise refusal(answer["refused"])
    if "unable" in answer:
        log.error("files cannot be inspected", extra={"reason": answer["unable"]})
        raise Unavailable("files")
    log.error("unexpected failure of a decoder", extra={"failure": answer["defect"], "stack": answer["stack"]})
    raise refusal("file_damaged")
