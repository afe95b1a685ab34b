"""Where files are worked on: child processes, so that neither a long nor a deadly file is felt on the sockets' loop.

A child takes one file at a time. One that exceeds its time or dies is replaced, its file refused. Children start when
first needed, and end when this process does, however it ends. Under gevent all waiting here is cooperative.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any

from chatapp.errors import Unavailable
from chatapp.files.inspected import Inspected
from chatapp.files.refusals import refusal

log = logging.getLogger(__name__)

CHILDREN = 2  # as many files at once; each may take a core
DEADLINE = 30.0  # seconds for one file; the slowest honest one tried, 300 frames of noise, took 10
MEMORY = 1 << 30  # bytes of address space of one child; libraries take 150 MB, 40 megapixels of WebP 800
JOBS_PER_CHILD = 100  # after which it is replaced: what decoders leak does not add up
QUEUE_WAIT = 60.0  # seconds that a file waits for a child before the sender is told to try later
START_WAIT = 30.0  # seconds that a child may take to import its decoders on a busy machine

_WORKBENCH = Path(__file__).with_name("workbench.py")
_MAX_ANSWER = 1 << 20  # bytes; a child that was taken over by its file cannot fill our memory
_TIME_SIGNALS = {-signal.SIGXCPU, -signal.SIGALRM}


class _Died(Exception):
    """The child is gone. `status` is its exit status, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Workshop:
    """Inspects files in child processes. One a process; its methods may be called by any number of greenlets."""

    def __init__(
        self,
        *,
        children: int = CHILDREN,
        deadline: float = DEADLINE,
        memory: int = MEMORY,
        jobs_per_child: int = JOBS_PER_CHILD,
        queue_wait: float = QUEUE_WAIT,
    ) -> None:
        """Prepare; no child is started yet.

        Parameters:
            children: how many files are worked on at once.
            deadline: seconds for one file.
            memory: bytes of address space of one child.
            jobs_per_child: files after which a child is replaced.
            queue_wait: seconds that a file may wait for a child.
        """
        self._deadline, self._memory = deadline, memory
        self._jobs_per_child, self._queue_wait = jobs_per_child, queue_wait
        self._places = threading.BoundedSemaphore(children)
        self._idle: list[_Child] = []
        self._closed = False

    def inspect(self, path: Path, *, into: Path, voice: bool = False) -> Inspected:
        """Find out what a file is, and write what may be stored of it (`inspection.inspect`).

        Parameters:
            path: absolute; the file stays as it is.
            into: an empty folder of its own that takes the results; the caller removes it, after failures too.
            voice: it was sent as a voice message.
        Raises:
            ChatError: with one of the codes of `refusals.REASONS`.
            Unavailable: no child was free in time, or none can work here.
        """
        if not self._places.acquire(timeout=self._queue_wait):
            raise Unavailable("files")
        try:
            job = {"path": str(path.absolute()), "into": str(into.absolute()), "voice": voice}
            answer = self._answer(job)
        finally:
            self._places.release()
        return _result(answer)

    def close(self) -> None:
        """End the children that are idle now, and the others after their files."""
        self._closed = True
        while self._idle:
            self._idle.pop().end()

    def _answer(self, job: dict[str, Any]) -> dict[str, Any]:
        """Ask a child, and another one if it was killed from outside: that is not the file's fault, once."""
        for is_last in (False, True):
            child = self._idle.pop() if self._idle else _Child(self._memory, self._deadline)
            try:
                answer = child.ask(job, self._deadline)
            except TimeoutError:
                child.kill()
                return {"refused": "file_too_complex"}
            except _Died as died:
                child.kill()
                if died.status == -signal.SIGKILL and not is_last:
                    continue
                log.warning("a file ended its child process", extra={"status": died.status})
                too_much = died.status in _TIME_SIGNALS or died.status == -signal.SIGKILL
                return {"refused": "file_too_complex" if too_much else "file_damaged"}
            except BaseException:  # whoever waited was told to stop: nobody will read the answer
                child.kill()
                raise
            if self._closed or child.jobs >= self._jobs_per_child:
                child.end()
            else:
                self._idle.append(child)
            return answer
        raise AssertionError("the second child answers or refuses")


def _result(answer: dict[str, Any]) -> Inspected:
    if "inspected" in answer:
        return Inspected.from_json(answer["inspected"])
    if "refused" in answer:
        raise refusal(answer["refused"])
    if "unable" in answer:
        log.error("files cannot be worked on", extra={"reason": answer["unable"]})
        raise Unavailable("files")
    log.error("unexpected failure of a decoder", extra={"failure": answer["defect"], "stack": answer["stack"]})
    raise refusal("file_damaged")


class _Child:
    """One process and the socket to it."""

    def __init__(self, memory: int, deadline: float) -> None:
        """Start it and wait until it can work.

        Raises:
            Unavailable: it does not start.
        """
        self.jobs = 0
        self._received = b""
        self._socket, theirs = socket.socketpair()
        with theirs:
            arguments = [theirs.fileno(), memory, int(deadline + 0.999)]
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_WORKBENCH), *map(str, arguments)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # see `precedence`
            )
        try:
            self._line(START_WAIT)
        except (TimeoutError, _Died):
            self.kill()
            log.error("a child process for files does not start", extra={"status": self._process.returncode})
            raise Unavailable("files")
        except BaseException:
            self.kill()
            raise

    def ask(self, job: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Give it a job and wait for its answer.

        Raises:
            TimeoutError: it takes longer.
            _Died: it does not live to answer.
        """
        self.jobs += 1
        try:
            self._socket.sendall(json.dumps(job).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            raise _Died(self._process.wait())
        answer: dict[str, Any] = json.loads(self._line(seconds))
        return answer

    def _line(self, seconds: float) -> bytes:
        until = monotonic() + seconds
        while b"\n" not in self._received:
            left = until - monotonic()
            if left <= 0 or len(self._received) > _MAX_ANSWER:
                raise TimeoutError
            self._socket.settimeout(left)
            received = self._received_now()
            if not received:
                raise _Died(self._process.wait())
            self._received += received
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _received_now(self) -> bytes:
        try:
            return self._socket.recv(65_536)
        except ConnectionResetError:
            return b""

    def end(self) -> None:
        """Let it go when it has nothing to do; it sees that nobody is there any more."""
        self._socket.close()
        self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._socket.close()
        self._process.wait()


def _environment() -> dict[str, str]:
    """What a child may know: no addresses and no secrets. One arena, since each reserves 64 MB of its address space."""
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(("LC_", "COVERAGE_")) or name == "LANG"
    }
    return {**kept, "PATH": os.defpath, "MALLOC_ARENA_MAX": "1"}
