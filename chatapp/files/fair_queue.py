"""A queue for a few places that is fair by person: however much one of them sends, everybody else comes next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from chatapp.files.budget import Budget, out_of_time


class FairQueue:
    """At most so many at work at once, and one of a person; free places go round among the people who wait.

    Under gevent all waiting is cooperative; between threads it is safe.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = threading.Lock()
        self._working: set[int] = set()
        # In the order in which people get their turn; whoever gives a place back goes to the end.
        self._waiting: dict[int, deque[threading.Event]] = {}

    @contextmanager
    def place(self, person: int, budget: Budget) -> Iterator[None]:
        """Wait for a place, and hold it for the length of the block.

        Parameters:
            person: for whom the work is done.
            budget: bounds the wait.

        Raises:
            Unavailable: no place was free in time.
        """
        self._enter(person, budget)
        try:
            yield
        finally:
            with self._lock:
                self._give_back(person)
                self._give_places()

    def _enter(self, person: int, budget: Budget) -> None:
        turn = threading.Event()
        with self._lock:
            self._waiting.setdefault(person, deque()).append(turn)
            self._give_places()
        try:
            if turn.wait(budget.seconds()):
                return
        except BaseException:  # the request was ended while it waited
            self._leave(person, turn)
            raise
        self._leave(person, turn)
        raise out_of_time()

    def _leave(self, person: int, turn: threading.Event) -> None:
        """Give up a turn that did not come in time, or came in this very moment."""
        with self._lock:
            if turn.is_set():
                self._give_back(person)
            else:
                self._remove(person, turn)
            self._give_places()

    def _remove(self, person: int, turn: threading.Event) -> None:
        turns = self._waiting[person]
        turns.remove(turn)
        if not turns:
            del self._waiting[person]

    def _give_back(self, person: int) -> None:
        self._working.remove(person)
        self._free += 1
        if person in self._waiting:  # again, behind everybody who came meanwhile
            self._waiting[person] = self._waiting.pop(person)

    def _give_places(self) -> None:
        for person in list(self._waiting):
            if not self._free:
                return
            if person in self._working:
                continue
            turn = self._waiting[person][0]
            self._remove(person, turn)
            self._free -= 1
            self._working.add(person)
            turn.set()
