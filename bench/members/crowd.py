"""Chats of any size under load, in a process of their own: a message counts once every socket of its chat has it."""

from __future__ import annotations

import itertools
import multiprocessing
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Self

from bench.environment import token_for
from bench.members import reactions
from bench.members.rows import Chat
from bench.social import vocabulary
from bench.sockets import LoadSocket, SocketLoop

PADDING = "x" * 180  # a message of about 200 bytes
TICK = 0.01  # seconds between two timers that measure the lag
QUIET_SECONDS = 2.0  # without a frame, after which all have connected
QUIET_WITHIN = 60.0  # seconds
LOST_AFTER = 10.0  # seconds without a frame, after which missing ones count as lost
CONNECTED_WITHIN = 120.0  # seconds

# Frames are only searched, not parsed: the load shares the cores with the servers.
_IN_ORDER = (vocabulary.NEW_MESSAGE, vocabulary.ACKNOWLEDGED)  # the sender's socket receives the latter
_SEQ = re.compile(rb'"seq":(\d+)')


@dataclass
class Measured:
    """What a load saw while it sent.

    Attributes:
        latencies: seconds from when a message was due until the last socket of its chat had it.
        lags: seconds by which a timer of the load itself was late; they are part of the latencies.
        in_flight: messages that some socket did not have yet, sampled at each timer.
        reactions: frames about reactions by person, also of the time since the last run.
        errors: lost, duplicated or refused messages, and lost connections.
    """

    sent: int = 0
    latencies: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    reactions: dict[int, list[reactions.ReactionFrame]] = field(default_factory=dict)


@dataclass(slots=True)
class _Seat:
    """A socket of a member."""

    person: int
    chat: Chat
    last_seq: int = 0
    is_gone: bool = False


@dataclass(slots=True)
class _Flight:
    """A message on its way: when it was due, and how many sockets do not have it yet."""

    due: float
    missing: int


class ChatLoad:
    """The sockets of all chats, spread over the ports in turn."""

    def __init__(self, ports: Sequence[int], chats: Sequence[Chat]) -> None:
        self._loop = SocketLoop(self._on_loss)
        self._flights: dict[str, _Flight] = {}
        self._measured = Measured()
        self._keys = itertools.count(1)
        self._tick_at = self._last_frame_at = time.perf_counter()
        turns = itertools.cycle(ports)
        for chat in chats:
            for person in chat.people:
                query = f"?token={token_for(person)}"
                sock = LoadSocket(next(turns), query, self._on_frame, bytes, path=vocabulary.SOCKET)
                sock.data = _Seat(person, chat, chat.seq)
                self._loop.add(sock)
        self._speakers = itertools.cycle(self._loop.sockets)
        self._wait_until_quiet()

    def run(self, rate: float, seconds: float) -> Measured:
        """Send at a fixed rate, by all members in turn; returns when everything has arrived, or is lost."""
        since = self._measured  # a connection may have been lost, and reactions arrived
        self._measured = Measured(errors=since.errors, reactions=since.reactions)
        started = self._tick_at = time.perf_counter()
        count, total = 0, int(rate * seconds)
        while count < total:
            due = started + (count + 1) / rate
            if due <= time.perf_counter():
                self._send(due)
                count += 1
            else:
                self._poll(due)
        self._finish()
        measured, self._measured = self._measured, Measured()
        return measured

    def rest(self) -> None:
        """Handle what arrives, such as pings, between two runs."""
        self._loop.poll(0.02)

    def close(self) -> None:
        """Close all sockets."""
        self._loop.close()

    def _poll(self, until: float) -> None:
        self._loop.poll(min(until, self._tick_at) - time.perf_counter())
        now = time.perf_counter()
        while self._tick_at <= now:
            self._measured.lags.append(now - self._tick_at)
            self._measured.in_flight.append(len(self._flights))
            self._tick_at += TICK

    def _wait_until_quiet(self) -> None:
        """Wait for greetings and presence."""
        deadline = time.perf_counter() + QUIET_WITHIN
        self._last_frame_at = time.perf_counter()
        while (now := time.perf_counter()) < deadline and now < self._last_frame_at + QUIET_SECONDS:
            self._loop.poll(0.1)

    def _finish(self) -> None:
        while self._flights and time.perf_counter() < self._last_frame_at + LOST_AFTER:
            self._poll(time.perf_counter() + TICK)
        for key, flight in self._flights.items():
            self._measured.errors.append(f"{key} did not reach {flight.missing} sockets")
        self._flights.clear()

    def _send(self, due: float) -> None:
        sock = next(self._speakers)
        seat: _Seat = sock.data
        if seat.is_gone:
            return
        key = f"{seat.person}-{next(self._keys)}"
        self._measured.sent += 1
        self._flights[key] = _Flight(due, len(seat.chat.people))
        self._last_frame_at = time.perf_counter()
        try:
            sock.send(vocabulary.message_frame(seat.chat.id, key, PADDING))
        except ConnectionError as error:
            self._on_loss(sock, error)

    def _on_loss(self, sock: LoadSocket, error: ConnectionError) -> None:
        sock.data.is_gone = True
        self._measured.errors.append(f"the connection of person {sock.data.person} was lost: {error}")

    def _on_frame(self, sock: LoadSocket, text: bytes) -> None:
        self._last_frame_at = time.perf_counter()
        if text.startswith(_IN_ORDER):
            self._received(sock.data, text)
        elif text.startswith(reactions.PREFIX):
            frame = reactions.read_frame(text, self._last_frame_at)
            self._measured.reactions.setdefault(sock.data.person, []).append(frame)
        elif text.startswith(vocabulary.REFUSED):
            self._measured.errors.append(f"refused: {text[:200]!r}")

    def _received(self, seat: _Seat, text: bytes) -> None:
        """Check that `seq` has no gaps, and count the socket of the message."""
        numbered, key = _SEQ.search(text), vocabulary.key_in(text)
        seq = int(numbered[1]) if numbered else 0
        if seq != seat.last_seq + 1:
            self._measured.errors.append(f"person {seat.person} received seq {seq} after {seat.last_seq}")
        seat.last_seq = max(seq, seat.last_seq)
        flight = self._flights.get(key or "")
        if flight is None:
            self._measured.errors.append(f"person {seat.person} received {key} again, or too late")
            return
        flight.missing -= 1
        if not flight.missing:
            del self._flights[key or ""]
            self._measured.latencies.append(self._last_frame_at - flight.due)


class Crowd:
    """A `ChatLoad` in a process of its own, so that the loops of two loads do not delay each other."""

    def __init__(self, ports: Sequence[int], chats: Sequence[Chat]) -> None:
        self._ports, self._chats = ports, chats

    def __enter__(self) -> Self:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(target=serve, args=(theirs, self._ports, self._chats), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(CONNECTED_WITHIN):
            raise TimeoutError("the load did not connect")
        self._pipe.recv()
        return self

    def __exit__(self, *error: object) -> None:
        self._pipe.close()
        self._process.join(5)
        self._process.kill()

    def begin(self, rate: float, seconds: float) -> None:
        """Start sending."""
        self._pipe.send((rate, seconds))

    def result(self) -> Measured:
        """Wait until everything that was sent has arrived.

        Raises:
            EOFError: the process failed; the reason is on its standard error.
        """
        measured: Measured = self._pipe.recv()
        return measured


def serve(pipe: Connection, ports: Sequence[int], chats: Sequence[Chat]) -> None:
    """Run a load by the commands of a `Crowd`, until it closes the pipe."""
    load = ChatLoad(ports, chats)
    pipe.send("connected")
    try:
        while True:
            while not pipe.poll():
                load.rest()
            rate, seconds = pipe.recv()
            pipe.send(load.run(rate, seconds))
    except (BrokenPipeError, EOFError):
        load.close()
