"""The web worker's side of one inspector process: the process, the socket to it, and the folder they share."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from chatapp.files.budget import Budget
from chatapp.files.handover import BadResult, Handover
from chatapp.files.inspected import CONTENT, THUMBNAIL, Inspected
from chatapp.files.refusals import CODES

START_WAIT = 30.0  # seconds for importing the decoders on a busy machine
END_WAIT = 5.0  # seconds for exiting once the socket is closed

_PROGRAM = Path(__file__).with_name("inspector_process.py")
_MAX_ANSWER = 1 << 16  # bytes; a compromised process cannot fill our memory


class ChildDied(Exception):
    """The process exited. `status` is its exit status, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Child:
    """A process that inspects one file after the other.

    Attributes:
        jobs: number of files it was given.
        layers: those of its sandbox that are in force (`sandbox.LAYERS`).
    """

    def __init__(self, memory: int, budget: Budget) -> None:
        """Start the process and wait until it is ready.

        Parameters:
            memory: bytes of address space.

        Raises:
            TimeoutError: it is not ready in time.
            ChildDied: it exits.
            OSError: its folder or the process cannot be created.
        """
        self.jobs = 0
        self._received = b""
        self._handover = Handover()
        self._socket, theirs = socket.socketpair()
        with theirs:
            arguments = [theirs.fileno(), memory, self._handover.path]
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", str(_PROGRAM), *map(str, arguments)],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                    start_new_session=True,  # see `priority`
                )
            except BaseException:
                self._socket.close()
                self._handover.remove()
                raise
        try:
            self.layers: list[str] = self._answer(min(START_WAIT, budget.seconds()))["layers"]
        except BaseException:
            self.kill()
            raise

    def inspect(self, path: Path, into: Path, *, voice: bool, budget: Budget) -> Inspected | dict[str, Any]:
        """Have a file inspected and its results moved to `into`. Returns the result, or the reason for none.

        Raises:
            TimeoutError: time ran out.
            ChildDied: the process died before it answered.
            BadResult: its answer is invalid: it is broken, or the file compromised it.
            OSError: the disk is full.
            ChatError: the budget is used up.
        """
        self.jobs += 1
        if not self._handover.path.is_dir():  # a cleaner of temporary files removed it
            raise ChildDied(-signal.SIGKILL)
        self._handover.give(path)
        job = {"voice": voice, "processor": budget.processor(), "seconds": budget.seconds()}
        try:
            self._socket.sendall(json.dumps(job).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            raise ChildDied(self._exit_status())
        answer = self._answer(job["seconds"])
        try:
            budget.spend(float(answer["used"]))
            if "inspected" in answer:
                return self._results(answer["inspected"], path, into)
            if not _is_refusal(answer):
                raise BadResult
            return answer
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadResult from error
        finally:
            self._clear()

    def _results(self, answer: dict[str, Any], path: Path, into: Path) -> Inspected:
        content = self._handover.take(CONTENT, into)
        thumbnail = self._handover.take(THUMBNAIL, into)
        return Inspected.from_json(answer, content=content or path, thumbnail=thumbnail)

    def _clear(self) -> None:
        try:
            self._handover.clear()
        except OSError as error:
            raise BadResult from error

    def _answer(self, seconds: float) -> dict[str, Any]:
        until = monotonic() + seconds
        while b"\n" not in self._received:
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError
            if len(self._received) > _MAX_ANSWER:
                raise BadResult
            self._socket.settimeout(left)
            received = self._receive()
            if not received:
                raise ChildDied(self._exit_status())
            self._received += received
        line, _, self._received = self._received.partition(b"\n")
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadResult from error
        if not isinstance(answer, dict):
            raise BadResult
        return answer

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65_536)
        except ConnectionResetError:
            return b""

    def _exit_status(self) -> int:
        """Wait for the process to exit once either end of the socket is closed; kill it if it does not."""
        try:
            return self._process.wait(END_WAIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def end(self) -> None:
        """Stop the process when it is idle, by closing its socket."""
        self._socket.close()
        self._exit_status()
        self._handover.remove()

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self.end()


def _is_refusal(answer: dict[str, Any]) -> bool:
    """Whether an answer gives a known reason why a file was not inspected."""
    if "refused" in answer:
        return answer["refused"] in CODES
    return "unable" in answer or {"defect", "stack"} <= answer.keys()


def _environment() -> dict[str, str]:
    """The environment of an inspector process: no addresses, no secrets. Each malloc arena would reserve 64 MB."""
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(("LC_", "COVERAGE_")) or name == "LANG"
    }
    return {**kept, "PATH": os.defpath, "MALLOC_ARENA_MAX": "1"}
