"""Greenlets are reused, and those that a peak has left behind are released."""

from __future__ import annotations

import weakref

import gevent
import pytest
from gevent.event import Event
from greenlet import GreenletExit, getcurrent

from chatapp.realtime.greenlet_pool import GreenletPool


class Step:
    """A task that waits until `proceed` is set."""

    def __init__(self, proceed: Event) -> None:
        self.greenlet: object = None
        self._proceed = proceed

    def __call__(self) -> None:
        self.greenlet = getcurrent()
        self._proceed.wait()


def run_at_once(pool: GreenletPool, count: int) -> list[Step]:
    """Run tasks of which each waits for all to have begun."""
    proceed = Event()
    steps = [Step(proceed) for _ in range(count)]
    for step in steps:
        pool.start(step)
    while not all(step.greenlet for step in steps):
        gevent.sleep(0)
    proceed.set()
    gevent.sleep(0)
    gevent.sleep(0)
    return steps


def greenlets_of(steps: list[Step]) -> set[object]:
    return {step.greenlet for step in steps}


def test_tasks_one_after_the_other_share_a_greenlet() -> None:
    pool = GreenletPool()
    assert len(set().union(*(greenlets_of(run_at_once(pool, 1)) for _ in range(5)))) == 1


def test_tasks_at_the_same_time_have_a_greenlet_each() -> None:
    assert len(greenlets_of(run_at_once(GreenletPool(), 5))) == 5


def test_a_second_peak_spawns_nothing() -> None:
    pool = GreenletPool()
    assert greenlets_of(run_at_once(pool, 5)) == greenlets_of(run_at_once(pool, 5))


def test_greenlets_that_are_not_needed_are_released() -> None:
    pool = GreenletPool(kept=2, period=0.01)
    peak = [weakref.ref(found) for found in greenlets_of(run_at_once(pool, 9))]
    with gevent.Timeout(10):
        while sum(found() is not None for found in peak) > 3:  # the one in use, and two
            run_at_once(pool, 1)


def test_a_parked_greenlet_keeps_nothing_of_its_tasks() -> None:
    pool = GreenletPool()
    for _ in range(2):
        (step,) = run_at_once(pool, 1)
        found = weakref.ref(step)
        del step
        assert found() is None


@pytest.mark.parametrize("error", [RuntimeError, GreenletExit])
def test_a_task_that_fails_affects_no_other(error: type[BaseException]) -> None:
    def fail() -> None:
        raise error

    pool = GreenletPool()
    run_at_once(pool, 3)
    pool.start(fail)
    gevent.sleep(0)
    assert all(step.greenlet for step in run_at_once(pool, 3))
