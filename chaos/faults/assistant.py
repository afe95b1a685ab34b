"""The assistant: its clients, its workers and its model are cut or killed in the middle of answers."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

from chaos.scenario import Scenario
from chaos.visitors.judging import PARTIAL, WHOLE, problems
from chaos.visitors.visitor import Question, Visitor

VISITORS = 5
WORDS, MILLISECONDS = 40, 50  # an answer takes two seconds
ANSWERED_WITHIN = 60.0  # seconds: the longest time of an answer
_MODEL_SETTINGS = {f"ASSISTANT_TOKENS_PER_{scope}": "1000000000" for scope in ("DAY", "VISITOR", "SESSION")}
_LIMITS = {f"LIMIT_{name}": "1000000/minute" for name in ("SESSIONS", "SESSIONS_DAY", "QUESTIONS", "QUESTIONS_ADDRESS")}
CLUSTER: dict[str, Any] = {"servers": 2, "workers": 1, "has_model": True, **_MODEL_SETTINGS, **_LIMITS}
_RUNNING = "SELECT owner, attempt, partial_index FROM assistant_turns WHERE state = 'running'"


def cut_clients(scenario: Scenario) -> None:
    """All devices lose their sockets in the middle of answers, and catch up on the other server."""
    with _visitors(scenario) as visitors:
        for number in range(scenario.rounds):
            _ask(scenario, visitors, number)
            for visitor in visitors:
                for device in visitor.devices:
                    device.cut()
            _await_answers(scenario, visitors)
    _require_only(scenario, WHOLE)


def kill_workers(scenario: Scenario) -> None:
    """kill -9 a worker in the middle of its answers: another one makes them again, whole."""
    with _visitors(scenario) as visitors:
        for number in range(scenario.rounds):
            _ask(scenario, visitors, number)
            _kill_answering_worker(scenario, attempt=1)
            _await_answers(scenario, visitors)
    _require_only(scenario, WHOLE)


def kill_workers_twice(scenario: Scenario) -> None:
    """The same, and a second time when another one has begun again: then the answer ends as interrupted."""
    with _visitors(scenario) as visitors:
        for number in range(scenario.rounds):
            _ask(scenario, visitors, number)
            _kill_answering_worker(scenario, attempt=1)
            _kill_answering_worker(scenario, attempt=2)
            _await_answers(scenario, visitors)
    scenario.require(scenario.report.measurements.get(PARTIAL, 0) > 0, "no answer was interrupted")


def kill_model(scenario: Scenario) -> None:
    """kill -9 the model in the middle of answers: they end as interrupted, and the next ones are whole."""
    model = scenario.cluster.model
    assert model is not None
    with _visitors(scenario) as visitors:
        for number in range(scenario.rounds):
            _ask(scenario, visitors, 2 * number)
            model.kill()
            _await_answers(scenario, visitors)
            model.start()
            _ask(scenario, visitors, 2 * number + 1)  # also so that no worker sees five failures in a row
            _await_answers(scenario, visitors)
    measured = scenario.report.measurements
    scenario.require(measured.get(PARTIAL, 0) > 0, "no answer was interrupted")
    scenario.require(measured.get(WHOLE, 0) >= VISITORS * scenario.rounds, "answers after the restart are not whole")


@contextmanager
def _visitors(scenario: Scenario) -> Iterator[list[Visitor]]:
    """Visitors of both servers; judged at the end."""
    first, second = scenario.cluster.ports
    visitors = [Visitor([first, second] if number % 2 else [second, first]) for number in range(VISITORS)]
    try:
        yield visitors
        for visitor in visitors:
            _judge(scenario, visitor)
    finally:
        for visitor in visitors:
            visitor.close()


def _ask(scenario: Scenario, visitors: Sequence[Visitor], number: int) -> None:
    """Every visitor asks once its devices are connected, and sees some of the answer."""
    for visitor in visitors:
        is_ready = _becomes_true(scenario, visitor.is_ready)
        scenario.require(is_ready, f"round {number}: a device could not connect again")
    for index, visitor in enumerate(visitors):
        visitor.ask(Question(WORDS, MILLISECONDS, f"v{index}q{number}"))
    for visitor in visitors:
        has_begun = _becomes_true(scenario, visitor.has_begun)
        scenario.require(has_begun, f"round {number}: nothing was shown of an answer")
    time.sleep(random.uniform(0.0, 0.5))


def _await_answers(scenario: Scenario, visitors: Sequence[Visitor]) -> None:
    begun = time.monotonic()
    for visitor in visitors:
        is_answered = _becomes_true(scenario, visitor.has_answers)
        scenario.require(is_answered, f"no answer to {visitor.asked[-1].text!r} on every device")
    scenario.record("answered after s", time.monotonic() - begun, most=ANSWERED_WITHIN)


def _kill_answering_worker(scenario: Scenario, *, attempt: int) -> None:
    """Kill the worker of a turn whose attempt has this number, once it has shown something; none if all have ended."""
    running: list[tuple[str, int, int]] = []

    def is_the_moment() -> bool:
        running[:] = scenario.cluster.sql(_RUNNING)
        return not running or any(at == attempt and pieces > 1 for _, at, pieces in running)

    if not _becomes_true(scenario, is_the_moment) or not running:
        _count(scenario, "kills that came too late")
        return
    owner = random.choice([owner for owner, at, pieces in running if at == attempt and pieces > 1])
    psutil.Process(int(owner.partition("-")[0])).kill()
    _count(scenario, "kills")


def _count(scenario: Scenario, name: str, more: int = 1) -> None:
    measured = scenario.report.measurements
    measured[name] = measured.get(name, 0) + more


def _judge(scenario: Scenario, visitor: Visitor) -> None:
    history, since = visitor.history(), visitor.since()
    views = [device.view for device in visitor.devices]
    scenario.report.failures += problems(visitor.asked, history, since, views)
    statuses = Counter(message["status"] for message in history if message["role"] == "assistant")
    for name, count in {**statuses, "answers": sum(statuses.values())}.items():
        _count(scenario, name, count)


def _require_only(scenario: Scenario, status: str) -> None:
    measured = scenario.report.measurements
    expected = VISITORS * scenario.rounds
    scenario.require(measured.get(status) == expected, f"not {expected} answers are {status}: {measured}")


def _becomes_true(scenario: Scenario, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + scenario.patience(ANSWERED_WITHIN)
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
