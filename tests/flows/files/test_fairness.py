"""Who waits for the children, for how long, and what is said of a file when the time is over."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from chatapp.errors import ChatError, Unavailable
from chatapp.files.budget import Budget
from chatapp.files.inspector_pool import InspectorPool
from tests.files.processes import TIMEOUT, await_that, children_of, new_children


def patient() -> Budget:
    """As much time as the test has."""
    return Budget(seconds=TIMEOUT, processor=TIMEOUT)


def test_files_of_one_request_share_its_processor_time(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    inspectors, budget = open_inspectors(children=1), Budget(processor=5.0)
    inspectors.inspect(small, into=tmp_path, budget=budget)
    left = budget.processor()
    assert 4.0 < left < 5.0
    budget.spend(left)
    with pytest.raises(ChatError, match="file_too_complex"):
        inspectors.inspect(small, into=tmp_path, budget=budget)


def test_only_the_clock_ran_out(open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path) -> None:
    """A machine that has no time for the child says nothing about the file."""
    inspectors = open_inspectors(children=1)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    child.suspend()
    with pytest.raises(Unavailable, match="files_unavailable") as refused:
        inspectors.inspect(small, into=tmp_path, budget=Budget(seconds=0.2))
    assert refused.value.retry_after >= 1
    assert inspectors.inspect(small, into=tmp_path).content_type == "image/png"


@pytest.fixture
def stopped(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> Iterator[tuple[InspectorPool, psutil.Process]]:
    """A inspectors whose only child does not go on."""
    inspectors = open_inspectors(children=1)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    child.suspend()
    yield inspectors, child
    if child.is_running():
        child.resume()


def waiting(inspectors: InspectorPool) -> dict[int, int]:
    """How many files of each person wait for a child."""
    with inspectors._queue._lock:
        return {person: len(turns) for person, turns in inspectors._queue._waiting.items()}


def test_a_wait_that_is_too_long_ends(
    stopped: tuple[InspectorPool, psutil.Process], large: Path, small: Path, tmp_path: Path
) -> None:
    inspectors, child = stopped
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(inspectors.inspect, large, into=tmp_path, person=1, budget=patient())
        await_that(lambda: 1 in inspectors._queue._working)
        with pytest.raises(Unavailable, match="files_unavailable"):
            inspectors.inspect(small, into=tmp_path, person=2, budget=Budget(seconds=0.05))
        assert waiting(inspectors) == {}
        child.resume()
        first.result(TIMEOUT)
    assert inspectors.inspect(small, into=tmp_path, person=2, budget=patient()).content_type == "image/png"


def test_one_persons_files_do_not_come_before_anothers(
    stopped: tuple[InspectorPool, psutil.Process], large: Path, small: Path, tmp_path: Path
) -> None:
    inspectors, child = stopped
    done: list[int] = []

    def inspect(person: int, path: Path) -> None:
        folder = tmp_path / f"{person}-{threading.get_ident()}"
        folder.mkdir()
        inspectors.inspect(path, into=folder, person=person, budget=patient())
        done.append(person)

    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(inspect, 1, large) for _ in range(4)]
        await_that(lambda: waiting(inspectors) == {1: 3})
        jobs += [pool.submit(inspect, 2, small)]
        await_that(lambda: waiting(inspectors) == {1: 3, 2: 1})
        child.resume()
        for job in jobs:
            job.result(TIMEOUT)
    assert done.index(2) <= 2  # behind the file that was at work; one more may have been noted before it


def test_one_person_has_one_child_at_a_time(
    stopped: tuple[InspectorPool, psutil.Process], small: Path, tmp_path: Path
) -> None:
    """The place that is free is for others, though this person has more to do."""
    inspectors, child = stopped
    inspectors._queue._free += 1  # a second place
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(inspectors.inspect, small, into=folder, person=1, budget=patient()) for folder in folders[:2]
        ]
        await_that(lambda: waiting(inspectors) == {1: 1})
        assert inspectors.inspect(small, into=folders[2], person=2, budget=patient()).content_type == "image/png"
        assert waiting(inspectors) == {1: 1}
        child.resume()
        for job in jobs:
            job.result(TIMEOUT)
