"""A worker knows that it is the only one, and stops believing so before another one has users."""

from __future__ import annotations

import signal

from deploy.embedded import RedisServer
from tests.events.conftest import StartWorker, Worker
from tests.servers import await_true


def is_sole(worker: Worker) -> bool:
    return bool(worker.do("pause", 0)["is_sole"])


def sole_since(worker: Worker) -> float:
    """Monotonic time; 0 if it is not the only one."""
    return worker.do("pause", 0)["sole_since"] or 0.0


def test_the_only_worker_knows_it(start_worker: StartWorker) -> None:
    worker = start_worker()
    await_true(lambda: is_sole(worker))


def test_no_worker_is_sole_once_another_has_started(start_worker: StartWorker) -> None:
    workers = [start_worker(), start_worker()]
    assert [is_sole(worker) for worker in workers] == [False, False]


def test_the_worker_that_remains_is_sole_again(start_worker: StartWorker) -> None:
    first, second = start_worker(), start_worker()
    first.end()
    await_true(lambda: is_sole(second))


def test_no_worker_is_sole_without_redis(start_worker: StartWorker, own_redis: RedisServer) -> None:
    worker = start_worker()
    own_redis.kill()
    await_true(lambda: not is_sole(worker))
    own_redis.start()
    await_true(lambda: is_sole(worker))


def test_a_process_that_only_publishes_is_never_sole(start_worker: StartWorker) -> None:
    publisher, worker = start_worker("publishing only"), start_worker()
    await_true(lambda: is_sole(worker))
    assert not is_sole(publisher)


def test_another_worker_that_came_and_went_unnoticed_ends_the_time_alone(start_worker: StartWorker) -> None:
    worker = start_worker()
    while not (before := sole_since(worker)):
        pass
    worker.signal(signal.SIGSTOP)
    start_worker().end()
    worker.signal(signal.SIGCONT)
    await_true(lambda: sole_since(worker) > before)
