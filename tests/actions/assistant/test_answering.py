"""Answers that this process makes: stored before they are shown, and ended only where nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from types import SimpleNamespace

import gevent
import pytest
from gevent.event import Event

from chatapp.actions.assistant import answers, control, running
from chatapp.actions.assistant.answering import Answering
from chatapp.actions.assistant.answers import Result
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.turns import Claim
from chatapp.assistant.port import Delta, Done, State, Step, Turn
from chatapp.events.assistant import AnswerDelta
from chatapp.events.bus import bus
from tests.actions.assistant.test_turns import answer_by, asks, claimed, contents
from tests.database import Database


def turned(is_so: Callable[[], bool]) -> None:
    """Let greenlets run until something is so."""
    with gevent.Timeout(20):
        while not is_so():
            gevent.sleep(0.01)


def test_gathered_text_is_stored_before_it_is_shown(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(None, "first")
    has_said, goes_on = Event(), Event()
    shown: list[tuple[str, str]] = []

    def steps(turn: Turn) -> Generator[Step, None, None]:
        yield from (State("searching"), State("searching"), Delta("some "), Delta("of "), Delta("it "))
        has_said.set()
        goes_on.wait()
        yield from (Delta("and the rest"), Done("stop"))

    def publish(events: Sequence[object]) -> None:
        for event in events:
            if isinstance(event, AnswerDelta):
                ((stored,),) = core.rows("SELECT partial FROM assistant_turns")
                shown.append((event.delta, stored))

    monkeypatch.setattr(bus, "publish", publish)
    answer_by(monkeypatch, steps)
    made = Answering()
    made._begin(claimed())
    turned(has_said.is_set)
    for _ in range(2):
        made._keep_hold()
    goes_on.set()
    turned(lambda: made.count == 0)
    made._keep_hold()
    assert shown == [("some ", "some "), ("of it ", "some of it ")]
    assert contents(core) == ["first", "some of it and the rest"]


def answer_while(happens: Callable[[], object], made: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer the next turn with `all of it`, and let something happen when its transaction is about to begin."""
    is_ending, goes_on = Event(), Event()

    def finish(claim: Claim, result: Result) -> bool:
        is_ending.set()
        goes_on.wait()
        return answers.finish(claim, result)

    monkeypatch.setattr(running, "answers", SimpleNamespace(finish=finish))
    answer_by(monkeypatch, lambda turn: (step for step in (Delta("all of it"), Done("stop"))))
    made._begin(claimed())
    turned(is_ending.is_set)
    happens()
    made._keep_hold()
    gevent.sleep(0)
    goes_on.set()
    turned(lambda: made.count == 0)


def test_a_stop_while_an_answer_is_stored_comes_too_late(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asks(None, "first")
    answer_while(lambda: control.stop_answer(found), Answering(), monkeypatch)
    assert contents(core) == ["first", "all of it"]
    assert core.rows("SELECT state, outcome, attempt FROM assistant_turns") == [("done", "stop", 1)]


def test_an_attempt_that_was_overtaken_while_it_is_stored_writes_nothing(
    core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(None, "first")
    answer_while(lambda: core.change("UPDATE assistant_turns SET attempt = 2"), Answering(), monkeypatch)
    assert contents(core) == ["first"]
    assert core.rows("SELECT state, attempt FROM assistant_turns") == [("running", 2)]


def test_a_process_that_was_held_up_takes_its_own_turn_again(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(None, "first")
    has_begun = Event()

    def steps(turn: Turn) -> Generator[Step, None, None]:
        if turn.attempt == 1:
            has_begun.set()
            gevent.sleep(60)
        yield from (Delta(f"attempt {turn.attempt}"), Done("stop"))

    answer_by(monkeypatch, steps)
    made = Answering()
    made._begin(claimed())
    turned(has_begun.is_set)
    held_up = made._running[next(iter(made._running))][1]
    core.change("UPDATE assistant_turns SET lease_until = now() - interval '1 hour'")
    made._begin(claimed())
    turned(lambda: made.count == 0 and held_up.dead)
    assert held_up.successful()
    assert contents(core) == ["first", "attempt 2"]


def test_a_question_before_anything_is_said_ends_the_answer(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asks(None, "first")
    has_begun = Event()

    def steps(turn: Turn) -> Generator[Step, None, None]:
        if not has_begun.is_set():
            has_begun.set()
            gevent.sleep(60)
        yield from (Delta(" ".join(line.text for line in turn.history)), Done("stop"))

    answer_by(monkeypatch, steps)
    made = Answering()
    made._begin(claimed())
    turned(has_begun.is_set)
    ask(found, "second", language=None, fallback_language="en")
    made._keep_hold()
    turned(lambda: made.count == 0)
    assert core.rows("SELECT state, attempt FROM assistant_turns") == [("queued", 0)]
    made._begin(claimed())
    turned(lambda: made.count == 0)
    assert contents(core) == ["first", "second", "first second"]


def test_an_answer_that_is_stopped_between_two_steps_takes_no_further_one(
    core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(None, "first")
    taken: list[str] = []

    def steps(turn: Turn) -> Generator[Step, None, None]:
        taken.append("step")
        yield Done("stop")

    answer_by(monkeypatch, steps)
    answer = running.Answer(claimed())
    answer._interrupt(running.Stopped)
    assert answer.run()
    assert taken == []
    assert core.rows("SELECT count(*) FROM assistant_turns WHERE state = 'running'") == [(0,)]
