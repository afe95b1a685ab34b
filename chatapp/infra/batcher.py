"""Batches that grow with the load: what arrives while one batch is processed forms the next.

A lone item is processed at once, as a batch of one, and under load a round trip carries hundreds.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import gevent
from gevent.event import AsyncResult

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Request = TypeVar("Request")
Answer = TypeVar("Answer")  # not None


class Batcher(Generic[Item]):
    """A queue, and a greenlet that processes it batch by batch and exists while items wait.

    At most one batch is processed at a time.

    Parameters:
        process: called with one batch at a time; may block. An exception is logged, and the batch is lost.
        limit: items per batch; None for all that wait.
        pause: called with the number of items that wait; the seconds to wait for more before the next batch is taken.
        is_started: False to only queue items until `start` is called.

    Attributes:
        limit: as above, from the next batch on.
    """

    def __init__(
        self,
        process: Callable[[list[Item]], None],
        *,
        limit: int | None = None,
        pause: Callable[[int], float] = lambda waiting: 0.0,
        is_started: bool = True,
    ) -> None:
        self.limit = limit
        self._process = process
        self._pause = pause
        self._waiting: deque[Item] = deque()
        self._is_started = is_started
        self._is_busy = False  # also while a greenlet is about to start

    def __len__(self) -> int:
        """The number of items that wait; those of the running batch are not counted."""
        return len(self._waiting)

    def start(self) -> None:
        """Process items from now on, those that wait first."""
        self._is_started = True
        self._wake()

    def add(self, item: Item) -> None:
        """Queue an item. Does not block."""
        self._waiting.append(item)
        self._wake()

    def process_here(self, item: Item) -> bool:
        """Process an item as a batch in the calling greenlet, which costs no other one.

        Returns False, and does nothing, while other items are processed or wait.
        """
        if self._is_busy or self._waiting or not self._is_started:
            return False
        self._is_busy = True
        try:
            self._process_batch([item])
        finally:
            self._is_busy = False
            self._wake()
        return True

    def put_back(self, items: Sequence[Item]) -> None:
        """Queue items of the running batch again, in their order and before all that wait."""
        self._waiting.extendleft(reversed(items))

    def take_all(self) -> list[Item]:
        """Remove and return all items that wait."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def process_waiting(self) -> None:
        """Process batches in the calling greenlet until no item waits."""
        while self._waiting:
            if pause := self._pause(len(self._waiting)):
                gevent.sleep(pause)
            size = len(self._waiting) if self.limit is None else min(self.limit, len(self._waiting))
            self._process_batch([self._waiting.popleft() for _ in range(size)])

    def _process_batch(self, batch: list[Item]) -> None:
        try:
            self._process(batch)
        except Exception:
            log.exception("batch not processed", extra={"count": len(batch)})

    def _wake(self) -> None:
        if self._is_started and self._waiting and not self._is_busy:
            self._is_busy = True
            gevent.spawn(self._run)

    def _run(self) -> None:
        try:
            self.process_waiting()
        finally:
            self._is_busy = False


class Call(Generic[Request, Answer]):
    """A request in a batch, whose caller waits for the answer."""

    __slots__ = ("_result", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self._result: AsyncResult[Answer] = AsyncResult()

    def answer(self, answer: Answer) -> None:
        """Return this to the caller."""
        self._result.set(answer)

    def fail(self, error: Exception) -> None:
        """Raise this in the caller."""
        self._result.set_exception(error)

    def wait(self) -> Answer:
        """Block until there is an answer; returns it, or raises the error."""
        answer = self._result.get()
        assert answer is not None
        return answer
