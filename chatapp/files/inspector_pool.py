"""Where files are inspected: child processes, so that neither a long nor a deadly file is felt on the sockets' loop.

A child takes one file at a time. One that exceeds its processor time or dies is replaced, its file refused. Children
start when first needed, and end when this process does, however it ends. Under gevent all waiting is cooperative.
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

CHILDREN = 2  # as many files at once; each may take a core
MEMORY = 1 << 30  # bytes of address space of one child; libraries take 150 MB, 40 megapixels of WebP 800
JOBS_PER_CHILD = 100  # after which it is replaced: what decoders leak does not add up

_CLOCK_SIGNAL = -signal.SIGALRM
_PROCESSOR_SIGNAL = -signal.SIGPROF


class Workshop:
    """Inspects files in child processes. One a process; its methods may be called by any number of greenlets."""

    def __init__(
        self,
        *,
        children: int = CHILDREN,
        memory: int = MEMORY,
        jobs_per_child: int = JOBS_PER_CHILD,
        on_start: Callable[[Sequence[str]], None] = lambda missing: None,
    ) -> None:
        """Prepare; no child is started yet.

        Parameters:
            children: how many files are inspected at once.
            memory: bytes of address space of one child.
            jobs_per_child: files after which a child is replaced.
            on_start: is called for each new child with the layers that its sandbox lacks.
        """
        self._memory, self._jobs_per_child, self._on_start = memory, jobs_per_child, on_start
        self._queue = FairQueue(children)
        self._idle: list[Child] = []
        self._missing: list[str] = []
        self._closed = False

    def inspect(
        self, path: Path, *, into: Path, voice: bool = False, person: int = 0, budget: Budget | None = None
    ) -> Inspected:
        """Find out what a file is, and write what may be stored of it (`inspection.inspect`).

        Parameters:
            path: absolute; the file stays as it is.
            into: an empty folder of its own that takes the results; the caller removes it, after failures too.
            voice: it was sent as a voice message.
            person: who sent it. Of one person one file is inspected at a time, and others do not wait for the rest.
            budget: of the request that brought it; a whole one where there is none.
        Raises:
            ChatError: with one of the codes of `refusals.REASONS`.
            Unavailable: the clock ran out before it was inspected, or no child can work here.
        """
        budget = budget or Budget()
        with self._queue.place(person, budget):
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
        """End the children that are idle now, and the others after their files."""
        self._closed = True
        while self._idle:
            self._idle.pop().end()

    def _ask(self, path: Path, into: Path, voice: bool, budget: Budget) -> Inspected | dict[str, Any]:
        """Ask a child, and another one if it was killed from outside: that is not the file's fault, once."""
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
                log.error("a child process for files gave an answer that is none; it may have been taken over")
                raise refusal("file_damaged")
            except BaseException:  # the clock ran out, or the request was ended: nobody will read the answer
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
            log.error("a child process for files does not start", extra={"status": getattr(error, "status", None)})
            raise Unavailable("files")
        missing = [layer for layer in LAYERS if layer not in child.layers]
        if missing != self._missing:
            log.warning("decoders run without some layers of their sandbox", extra={"missing": ", ".join(missing)})
            self._missing = missing
        self._on_start(missing)
        return child


def _verdict(status: int) -> dict[str, Any]:
    """What is said of a file whose child died with this status."""
    log.warning("a file ended its child process", extra={"status": status})
    if status == _CLOCK_SIGNAL:
        raise out_of_time()
    is_costly = status in (_PROCESSOR_SIGNAL, -signal.SIGXCPU, -signal.SIGKILL)  # of the last, the kernel's memory
    return {"refused": "file_too_complex" if is_costly else "file_damaged"}


def _refuse(answer: dict[str, Any]) -> Inspected:
    if "refused" in answer:
        raise refusal(answer["refused"])
    if "unable" in answer:
        log.error("files cannot be inspected", extra={"reason": answer["unable"]})
        raise Unavailable("files")
    log.error("unexpected failure of a decoder", extra={"failure": answer["defect"], "stack": answer["stack"]})
    raise refusal("file_damaged")
