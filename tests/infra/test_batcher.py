"""What arrives while one batch is processed forms the next batch; order is kept and nothing is lost."""

from __future__ import annotations

import logging

import gevent
import pytest
from gevent.event import Event

from chatapp.infra.batcher import Batcher, Call


class Recorder:
    """Records batches; each one is held until `release`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self._released = Event()

    def process(self, batch: list[int]) -> None:
        """Process one batch."""
        self.batches.append(batch)
        self._released.wait()

    def release(self) -> None:
        """Let all batches end."""
        self._released.set()


def run_until_idle(batcher: Batcher[int]) -> None:
    """Run the event loop until nothing waits."""
    while len(batcher):
        gevent.idle()
    gevent.idle()


@pytest.mark.parametrize(("limit", "later"), [(None, [[2, 3, 4, 5, 6]]), (2, [[2, 3], [4, 5], [6]])])
def test_items_that_arrive_during_a_batch_form_the_next(limit: int | None, later: list[list[int]]) -> None:
    recorder = Recorder()
    batcher = Batcher(recorder.process, limit=limit)
    batcher.add(1)
    gevent.idle()
    assert recorder.batches == [[1]], "a lone item is processed at once"
    for item in range(2, 7):
        batcher.add(item)
    gevent.idle()
    assert recorder.batches == [[1]], "one batch at a time"
    assert len(batcher) == 5
    recorder.release()
    run_until_idle(batcher)
    assert recorder.batches == [[1], *later]


def test_a_batch_may_wait_for_more_items() -> None:
    batches: list[list[int]] = []
    batcher = Batcher(batches.append, pause=lambda waiting: 0.001 if waiting < 2 else 0.0)
    batcher.add(1)
    gevent.spawn(batcher.add, 2)
    run_until_idle(batcher)
    assert batches == [[1, 2]]
    for item in (3, 4, 5):
        batcher.add(item)
    gevent.sleep(0)
    assert batches == [[1, 2], [3, 4, 5]], "enough items do not wait"


def test_items_put_back_come_before_all_others() -> None:
    batches: list[list[int]] = []

    def process(batch: list[int]) -> None:
        batches.append(batch)
        if len(batches) == 1:
            batcher.add(4)
            batcher.put_back(batch[1:])

    batcher = Batcher(process)
    for item in (1, 2, 3):
        batcher.add(item)
    run_until_idle(batcher)
    assert batches == [[1, 2, 3], [2, 3, 4]]


def test_an_error_loses_only_its_batch_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    processed: list[int] = []

    def process(batch: list[int]) -> None:
        if 1 in batch:
            raise ValueError("no ones")
        processed.extend(batch)

    batcher = Batcher(process, limit=1)
    with caplog.at_level(logging.ERROR, logger="chatapp.infra.batcher"):
        for item in (0, 1, 2):
            batcher.add(item)
        run_until_idle(batcher)
        batcher.add(3)
        run_until_idle(batcher)
    assert processed == [0, 2, 3]
    assert [record.message for record in caplog.records] == ["batch not processed"]


def test_items_wait_for_the_start() -> None:
    batches: list[list[int]] = []
    batcher = Batcher(batches.append, is_started=False)
    batcher.add(1)
    batcher.add(2)
    gevent.idle()
    assert batches == []
    assert batcher.take_all() == [1, 2]
    batcher.add(3)
    batcher.start()
    run_until_idle(batcher)
    assert batches == [[3]]


def test_items_can_be_processed_by_the_calling_greenlet() -> None:
    batches: list[list[int]] = []
    batcher = Batcher(batches.append, limit=2, is_started=False)
    for item in (1, 2, 3):
        batcher.add(item)
    batcher.process_waiting()
    assert batches == [[1, 2], [3]]


def test_a_lone_item_can_be_processed_by_the_calling_greenlet() -> None:
    recorder = Recorder()
    batcher = Batcher(recorder.process)
    here = gevent.spawn(batcher.process_here, 1)
    gevent.idle()
    assert recorder.batches == [[1]]
    assert not batcher.process_here(2), "one batch at a time"
    batcher.add(2)
    batcher.add(3)
    gevent.idle()
    assert recorder.batches == [[1]]
    recorder.release()
    assert here.get(timeout=30)
    run_until_idle(batcher)
    assert recorder.batches == [[1], [2, 3]]
    assert batcher.process_here(4)
    assert recorder.batches == [[1], [2, 3], [4]]


def test_callers_get_their_own_answers_and_errors() -> None:
    def process(calls: list[Call[int, int]]) -> None:
        for call in calls:
            if call.request < 0:
                call.fail(ValueError(str(call.request)))
            else:
                call.answer(call.request * 2)

    batcher = Batcher(process)

    def ask(number: int) -> int:
        call: Call[int, int] = Call(number)
        batcher.add(call)
        return call.wait()

    doubled, refused, other = (gevent.spawn(ask, number) for number in (1, -1, 3))
    assert (doubled.get(timeout=30), other.get(timeout=30)) == (2, 6)
    with pytest.raises(ValueError, match="-1"):
        refused.get(timeout=30)
