"""A queue for a few slots that is fair between people: a person with many files never delays the others."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from chatapp.files.budget import Budget, out_of_time


class FairQueue:
    """A fixed number of slots, at most one per person; free slots are assigned to waiting people round-robin.

    Safe between threads; under gevent waiting is cooperative.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._lock = threading.Lock()
        self._working: set[int] = set()
        # In the order of their turns; a person who releases a slot goes to the end.
        self._waiting: dict[int, deque[threading.Event]] = {}

    @contextmanager
    def slot(self, person: int, budget: Budget) -> Iterator[None]:
        """Wait for a slot, and hold it for the duration of the block.

        Parameters:
            person: id of the person who waits.
            budget: bounds the wait.

        Raises:
            Unavailable: no slot was free in time.
        """
        self._enter(person, budget)
        try:
            yield
        finally:
            with self._lock:
                self._release(person)
                self._assign_slots()

    def _enter(self, person: int, budget: Budget) -> None:
        turn = threading.Event()
        with self._lock:
            self._waiting.setdefault(person, deque()).append(turn)
            self._assign_slots()
        try:
            if turn.wait(budget.seconds()):
                return
        except BaseException:  # the request was ended while it waited
            self._leave(person, turn)
            raise
        self._leave(person, turn)
        raise out_of_time()

    def _leave(self, person: int, turn: threading.Event) -> None:
        """Stop waiting; release the slot if it was assigned at the last moment."""
        with self._lock:
            if turn.is_set():
                self._release(person)
            else:
                self._remove(person, turn)
            self._assign_slots()

    def _remove(self, person: int, turn: threading.Event) -> None:
        turns = self._waiting[person]
        turns.remove(turn)
        if not turns:
            del self._waiting[person]

    def _release(self, person: int) -> None:
        self._working.remove(person)
        self._free += 1
        if person in self._waiting:  # behind everyone who arrived in the meantime
            self._waiting[person] = self._waiting.pop(person)

    def _assign_slots(self) -> None:
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
