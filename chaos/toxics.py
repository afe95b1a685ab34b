"""A TCP relay that injects network faults: Toxiproxy's toxics, and black holes in one or both directions."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeVar

Direction = Literal["up", "down"]  # from the client to the server, and back
Watcher = Callable[[Direction, bytes, int], None]  # direction, data and the client's port
T = TypeVar("T")
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Latency:
    """Delays each piece of data."""

    seconds: float
    jitter: float = 0.0


@dataclass(frozen=True)
class Bandwidth:
    """Limits the bytes a second of each connection."""

    bytes_per_second: float


@dataclass(frozen=True)
class SlowClose:
    """Delays the end of a connection."""

    seconds: float


@dataclass(frozen=True)
class Timeout:
    """Passes nothing, and closes the connection after some seconds."""

    seconds: float


@dataclass(frozen=True)
class ResetPeer:
    """Resets the connection (RST) some seconds after its next data."""

    seconds: float = 0.0


@dataclass(frozen=True)
class Slicer:
    """Splits data into pieces of this size, each after a pause."""

    size: int
    seconds: float = 0.0


@dataclass(frozen=True)
class LimitData:
    """Ends the connection after some bytes."""

    bytes: int


@dataclass(frozen=True)
class BlackHole:
    """Drops data and ends of connections silently, like a cut cable."""


Toxic = Latency | Bandwidth | SlowClose | Timeout | ResetPeer | Slicer | LimitData | BlackHole


@dataclass(eq=False)
class _Link:
    """One connection through the relay."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    client_port: int
    passed: dict[Direction, int] = field(default_factory=lambda: {"up": 0, "down": 0})

    def writer(self, direction: Direction) -> asyncio.StreamWriter:
        return self.server if direction == "up" else self.client

    def abort(self, *, reset: bool) -> None:
        for writer in (self.client, self.server):
            if reset:
                linger = struct.pack("ii", 1, 0)
                with contextlib.suppress(OSError):
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()


class Relay:
    """Listens on `port` and forwards to `upstream`. Runs in its own thread and is controlled from any other.

    Parameters:
        upstream: target port on 127.0.0.1; can be changed while the relay runs.
        port: to listen on; 0 for a free one.
        watch: called with each piece of data before it is forwarded.
    """

    def __init__(self, upstream: int, *, port: int = 0, watch: Watcher | None = None) -> None:
        self.upstream = upstream
        self.port = port
        self.watch = watch
        self._toxics: dict[Direction, tuple[Toxic, ...]] = {"up": (), "down": ()}
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    def __exit__(self, *error: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def poison(self, *toxics: Toxic, only: Direction | None = None) -> None:
        """Apply toxics to open and new connections. Parameters: only: one direction instead of both."""
        for direction in self._toxics:
            self._toxics[direction] = toxics if only in (None, direction) else ()

    def heal(self) -> None:
        """Remove all toxics. Data dropped by a black hole stays lost, so its connections are reset."""
        swallowed = any(isinstance(toxic, BlackHole | Timeout) for toxics in self._toxics.values() for toxic in toxics)
        self.poison()
        if swallowed:
            self.cut(reset=True)

    def down(self) -> None:
        """Refuse connections and cut the open ones."""
        self._run(self._stop_listening())
        self.cut()

    def up(self) -> None:
        """Listen (again)."""
        self._run(self._listen())

    def cut(self, *, reset: bool = False) -> None:
        """End all open connections at once; with RST instead of FIN where `reset`."""

        async def cut() -> None:
            for link in list(self._links):
                link.abort(reset=reset)

        self._run(cut())

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return len(self._links)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        running: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return running.result(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, HOST, self.port, backlog=1024)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _end(self) -> None:
        await self._stop_listening()
        for link in list(self._links):
            link.abort(reset=False)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            behind, server = await asyncio.open_connection(HOST, self.upstream)
        except OSError:
            writer.transport.abort()
        else:
            link = _Link(writer, server, writer.get_extra_info("peername")[1])
            self._links.add(link)
            with contextlib.suppress(asyncio.CancelledError):  # the relay is stopping; asyncio would log it
                await asyncio.gather(self._pump(link, "up", reader), self._pump(link, "down", behind))
            self._links.discard(link)
            link.abort(reset=False)
        finally:
            self._tasks.discard(task)

    async def _pump(self, link: _Link, direction: Direction, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while data := await reader.read(65536):
                if self.watch is not None:
                    self.watch(direction, data, link.client_port)
                await self._pass(link, direction, data)
        while self._has(direction, BlackHole):
            await asyncio.sleep(0.05)  # the other side must not see the end while the cable is cut
        for toxic in self._toxics[direction]:
            if isinstance(toxic, SlowClose):
                await asyncio.sleep(toxic.seconds)
        with contextlib.suppress(ConnectionError, OSError, RuntimeError):
            link.writer(direction).write_eof()

    def _has(self, direction: Direction, kind: type) -> bool:
        return any(isinstance(toxic, kind) for toxic in self._toxics[direction])

    async def _pass(self, link: _Link, direction: Direction, data: bytes) -> None:
        writer = link.writer(direction)
        pieces, pause = [data], 0.0
        for toxic in self._toxics[direction]:
            match toxic:
                case BlackHole():
                    return
                case Timeout(seconds) | ResetPeer(seconds):
                    await asyncio.sleep(seconds)
                    link.abort(reset=isinstance(toxic, ResetPeer))
                    return
                case Latency(seconds, jitter):
                    await asyncio.sleep(max(0.0, seconds + random.uniform(-jitter, jitter)))
                case Slicer(size, seconds):
                    pieces, pause = [data[at : at + size] for at in range(0, len(data), size)], seconds
                case LimitData(limit):
                    pieces = [data[: max(0, limit - link.passed[direction])]]
                case Bandwidth(rate):
                    size = max(1, int(rate / 20))
                    pieces = [data[at : at + size] for at in range(0, len(data), size)]
                    pause = min(size, len(data)) / rate
        for piece in pieces:
            await asyncio.sleep(pause)
            writer.write(piece)
            await writer.drain()
            link.passed[direction] += len(piece)
        if any(isinstance(t, LimitData) and link.passed[direction] >= t.bytes for t in self._toxics[direction]):
            link.abort(reset=False)
