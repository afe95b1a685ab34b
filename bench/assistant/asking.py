"""Visitors of the assistant under load, in a process of their own."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

import orjson
import requests

from bench.language_model import answer, question
from bench.sockets import LoadSocket, SocketLoop

WITHIN = 120.0  # seconds, after which something has failed
_DELTA, _ANSWER, _ERROR = b'{"type":"assistant.delta"', b'{"type":"assistant.message"', b'{"type":"error"'


@dataclass
class Asked:
    """What came of some questions.

    Attributes:
        first: seconds from a question to the first piece of its answer, where there was one.
        ends: seconds from a stop to the message that ends a running answer.
        pieces: of all answers.
        statuses: number of answers by status.
        retry_after: of answers that say when to ask again.
        errors: answers that are wrong, pieces that are missing, refusals, lost connections.
    """

    first: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    pieces: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    retry_after: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Visit:
    """A session with its socket, and the question that is not answered yet.

    Attributes:
        index: of the last piece.
    """

    number: int
    key: str = ""
    words: int = 0
    asked_at: float = 0.0
    stopped_at: float = 0.0
    index: int = 0
    is_answered: bool = True


class Visits:
    """Sessions without an account, each with a socket.

    Parameters:
        port: of the web server.
        count: number of sessions.
    """

    def __init__(self, port: int, count: int) -> None:
        self._loop = SocketLoop(self._on_loss)
        self._asked = Asked()
        self._round = 0
        for number in range(count):
            reply = requests.post(f"http://127.0.0.1:{port}/api/sessions", json={}, timeout=WITHIN)
            reply.raise_for_status()
            query = f"?session_id={reply.json()['signed_session_id']}"
            sock = LoadSocket(port, query, self._on_frame, bytes, path="/api/chat/ws")
            sock.data = _Visit(number)
            self._loop.add(sock)

    def ask(self, first: int, last: int, words: int, milliseconds: int, *, running: int) -> Asked:
        """Let sessions ask; returns once so many answers are being made, or all have ended.

        Parameters:
            first, last: numbers of the sessions.
            words, milliseconds: as in `language_model.question`.
        """
        self._asked = Asked()
        self._round += 1
        for sock in self._loop.sockets[first:last]:
            self._send(sock, words, milliseconds)
            self._loop.poll(0)
        self._wait(lambda: len(self._asked.first) >= running)
        return self._asked

    def ask_one_more(self, number: int) -> Asked:
        """Let one session ask while others wait; returns once it has an answer."""
        waiting, self._asked = self._asked, Asked()
        self._send(self._loop.sockets[number], 1, 1)
        deadline = time.perf_counter() + WITHIN
        while not self._loop.sockets[number].data.is_answered and time.perf_counter() < deadline:
            self._loop.poll(0.05)
        asked, self._asked = self._asked, waiting
        return asked

    def stop(self) -> Asked:
        """Stop all answers; returns once they have ended."""
        for sock in self._loop.sockets:
            if not sock.data.is_answered:
                sock.data.stopped_at = time.perf_counter()
                sock.send({"type": "assistant.stop"})
        return self.finish()

    def finish(self) -> Asked:
        """Wait until all answers have ended."""
        self._wait(lambda: False)
        left = [sock.data for sock in self._loop.sockets if not sock.data.is_answered]
        self._asked.errors += [f"no answer to {visit.key}" for visit in left]
        return self._asked

    def rest(self) -> None:
        """Handle what arrives between two commands."""
        self._loop.poll(0.02)

    def close(self) -> None:
        """Close all sockets."""
        self._loop.close()

    def _send(self, sock: LoadSocket, words: int, milliseconds: int) -> None:
        visit: _Visit = sock.data
        visit.key, visit.words, visit.index = f"s{visit.number}r{self._round}", words, 0
        visit.asked_at, visit.stopped_at, visit.is_answered = time.perf_counter(), 0.0, False
        sock.send({"type": "message", "content": question(words, milliseconds, visit.key)})

    def _wait(self, is_enough: Any) -> None:
        deadline = time.perf_counter() + WITHIN
        while not is_enough() and time.perf_counter() < deadline:
            if all(sock.data.is_answered for sock in self._loop.sockets):
                return
            self._loop.poll(0.05)

    def _on_loss(self, sock: LoadSocket, error: ConnectionError) -> None:
        self._asked.errors.append(f"the connection of session {sock.data.number} was lost: {error}")

    def _on_frame(self, sock: LoadSocket, text: bytes) -> None:
        if text.startswith(_DELTA):
            self._take_piece(sock.data, orjson.loads(text))
        elif text.startswith(_ANSWER):
            self._take_answer(sock.data, orjson.loads(text)["message"])
        elif text.startswith(_ERROR):
            self._asked.errors.append(f"refused: {text[:200]!r}")

    def _take_piece(self, visit: _Visit, frame: dict[str, Any]) -> None:
        self._asked.pieces += 1
        if visit.index == 0:
            self._asked.first.append(time.perf_counter() - visit.asked_at)
        elif frame["index"] != visit.index + 1:
            self._asked.errors.append(f"piece {frame['index']} of {visit.key} after {visit.index}")
        visit.index = frame["index"]

    def _take_answer(self, visit: _Visit, message: dict[str, Any]) -> None:
        status, said, whole = message["status"], message["content"], answer(visit.words, visit.key)
        self._asked.statuses[status] = self._asked.statuses.get(status, 0) + 1
        if visit.is_answered:
            self._asked.errors.append(f"a second answer to {visit.key}")
        if status == "stopped" and visit.index:
            self._asked.ends.append(time.perf_counter() - visit.stopped_at)
        if message["retry_after"] is not None:
            self._asked.retry_after.append(message["retry_after"])
        elif not (said == whole or (status == "stopped" and whole.startswith(said.rstrip()))):
            self._asked.errors.append(f"{status}, not the answer to {visit.key}: {said[:100]!r}")
        visit.is_answered = True


class VisitorProcess:
    """`Visits` in a process of their own: `call("ask", 0, 20, 100, 50, running=20)`."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._count = port, count

    def __enter__(self) -> Self:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(target=serve, args=(theirs, self._port, self._count), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(WITHIN):
            raise TimeoutError("the visitors did not connect")
        self._pipe.recv()
        return self

    def __exit__(self, *error: object) -> None:
        self._pipe.close()
        self._process.join(5)
        self._process.kill()

    def call(self, method: str, *arguments: Any, **named: Any) -> Asked:
        """Call a method of `Visits`.

        Raises:
            EOFError: the process failed; the reason is on its standard error.
        """
        self._pipe.send((method, arguments, named))
        asked: Asked = self._pipe.recv()
        return asked


def serve(pipe: Connection, port: int, count: int) -> None:
    """Run `Visits` by the commands of a `VisitorProcess`, until it closes the pipe."""
    visits = Visits(port, count)
    pipe.send("connected")
    try:
        while True:
            while not pipe.poll():
                visits.rest()
            method, arguments, named = pipe.recv()
            pipe.send(getattr(visits, method)(*arguments, **named))
    except (BrokenPipeError, EOFError):
        visits.close()
