"""Slots are given round-robin to people, one each; who leaves early leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from chatapp.errors import Unavailable
from chatapp.files.budget import Budget
from chatapp.files.fair_queue import FairQueue
from tests.servers import TIMEOUT, await_true

ALICE, BOB, CAROL = 1, 2, 3


class Requests:
    """People who enter a queue in a known order and stay until they are released."""

    def __init__(self, queue: FairQueue, pool: ThreadPoolExecutor) -> None:
        self._queue, self._pool = queue, pool
        self.served: list[int] = []
        self._leave: list[threading.Event] = []

    def enter(self, person: int) -> Future[None]:
        """Start waiting; returns once the request is in the queue, or holds a slot."""
        before = self._in_queue(person)
        done = self._pool.submit(self._hold, person)
        await_true(lambda: self._in_queue(person) > before or done.done(), within=TIMEOUT)
        return done

    def release(self, count: int = 1) -> None:
        """Let those who were served first leave."""
        for _ in range(count):
            self._leave.pop(0).set()

    def _hold(self, person: int) -> None:
        with self._queue.slot(person, Budget(seconds=TIMEOUT)):
            leave = threading.Event()
            self._leave.append(leave)
            self.served.append(person)
            assert leave.wait(TIMEOUT)

    def _in_queue(self, person: int) -> int:
        return len(self._queue._waiting.get(person, ())) + self.served.count(person)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def test_a_person_with_many_files_delays_the_others_by_one(pool: ThreadPoolExecutor) -> None:
    requests = Requests(FairQueue(1), pool)
    entered = [requests.enter(person) for person in (ALICE, ALICE, ALICE, BOB, CAROL)]
    for served in range(1, len(entered) + 1):
        await_true(lambda served=served: len(requests.served) == served, within=TIMEOUT)
        requests.release()
    for done in entered:
        done.result(TIMEOUT)
    assert requests.served == [ALICE, BOB, CAROL, ALICE, ALICE]


def test_a_person_holds_one_slot_while_others_are_free(pool: ThreadPoolExecutor) -> None:
    requests = Requests(FairQueue(2), pool)
    entered = [requests.enter(person) for person in (ALICE, ALICE, BOB)]
    await_true(lambda: len(requests.served) == 2, within=TIMEOUT)
    assert requests.served == [ALICE, BOB]
    requests.release()
    await_true(lambda: len(requests.served) == 3, within=TIMEOUT)
    requests.release(2)
    for done in entered:
        done.result(TIMEOUT)


def test_a_wait_ends_with_its_budget_and_frees_the_place() -> None:
    queue = FairQueue(1)
    with queue.slot(ALICE, Budget()), pytest.raises(Unavailable), queue.slot(BOB, Budget(seconds=0.01)):
        pytest.fail("there was no slot")
    with queue.slot(CAROL, Budget(seconds=0.01)):  # the queue is empty
        pass


def test_a_slot_is_free_again_after_a_failure() -> None:
    queue = FairQueue(1)
    with pytest.raises(ZeroDivisionError), ExitStack() as stack:
        stack.enter_context(queue.slot(ALICE, Budget()))
        raise ZeroDivisionError
    with queue.slot(BOB, Budget(seconds=0.01)):
        pass
