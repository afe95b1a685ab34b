"""Turns are held by leases and attempts: who was held up for too long can write nothing more."""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest

from chatapp.actions.assistant import adapters, answering, answers, control, history, turns
from chatapp.actions.assistant.adapters import Answerer
from chatapp.actions.assistant.answers import Result
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.parts import parts_of
from chatapp.actions.assistant.policy import policy
from chatapp.actions.assistant.running import Answer
from chatapp.actions.assistant.sessions import open_session
from chatapp.actions.assistant.turns import Claim, Progress
from chatapp.actions.assistant.visits import Visit, visit_own
from chatapp.assistant.item_catalogue import ItemCatalogue
from chatapp.assistant.port import Delta, Done, Reason, Step, Turn
from chatapp.auth.actor import Actor
from chatapp.queries.messages import Page
from tests.database import Database


@pytest.fixture
def asked(core: Database) -> Visit:
    """A session with a question."""
    return asks(None, "first")


def asks(actor: Actor | None, content: str) -> Visit:
    visit = open_session(actor, language="en")
    ask(visit, content, language=None, fallback_language="en")
    return visit_own(visit.actor, visit.chat_id)


def result(text: str, **changed: object) -> Result:
    return Result(text, parts_of(text, None, None), "complete", "stop", "en", **changed)  # type: ignore[arg-type]


def claimed(owner: str = "one") -> Claim:
    (claim,) = turns.claim(owner, 10)
    return claim


def answer_by(monkeypatch: pytest.MonkeyPatch, steps: Callable[[Turn], Generator[Step, None, None]]) -> None:
    """Let an adapter with these steps answer in this process."""
    adapter = SimpleNamespace(name="catalog", answer=steps)
    monkeypatch.setattr(adapters.answerer, "_value", Answerer(adapter, ItemCatalogue()))


_ANSWERS = "SELECT extra ->> 'status', content FROM messages WHERE extra ->> 'role' = 'assistant'"


def lapse(core: Database) -> None:
    """As if the worker had not renewed its lease."""
    core.change("UPDATE assistant_turns SET lease_until = now() - interval '1 hour' WHERE state = 'running'")


def contents(core: Database) -> list[str]:
    return [content for (content,) in core.rows("SELECT content FROM messages WHERE retention = 1 ORDER BY id")]


def test_a_turn_is_claimed_once(asked: Visit) -> None:
    claim = claimed()
    assert (claim.chat_id, claim.question_seq, claim.attempt) == (asked.chat_id, 1, 1)
    assert turns.claim("two", 10) == []


def test_a_worker_that_was_held_up_writes_nothing(asked: Visit, core: Database) -> None:
    late = claimed()
    lapse(core)
    in_time = claimed("two")
    assert in_time.attempt == 2
    assert turns.renew([Progress(late.id, late.attempt, "late", 1)]) == []
    assert not turns.begin_showing(late, "late")
    assert not answers.finish(late, result("late"))
    assert answers.finish(in_time, result("in time"))
    assert not answers.finish(in_time, result("again"))
    assert contents(core) == ["first", "in time"]


def test_a_turn_is_tried_twice_then_interrupted_with_what_was_said(asked: Visit, core: Database) -> None:
    for attempt in (1, 2):
        claim = claimed()
        assert claim.attempt == attempt
        assert turns.begin_showing(claim, "half")
        turns.renew([Progress(claim.id, claim.attempt, "half an", 2)])
        lapse(core)
    assert turns.claim("three", 10) == []
    assert answering.close_unfinished() == 1
    assert answering.close_unfinished() == 0
    assert contents(core) == ["first", "half an"]
    assert core.rows(
        "SELECT extra ->> 'status', extra ->> 'role' FROM messages WHERE extra ->> 'role' = 'assistant'"
    ) == [("interrupted", "assistant")]
    assert core.rows("SELECT state, outcome FROM assistant_turns") == [("done", "interrupted")]


def test_what_an_attempt_has_shown_outlasts_the_next(asked: Visit, core: Database) -> None:
    first = claimed()
    assert turns.begin_showing(first, "half an answer")
    lapse(core)
    second = claimed()
    assert (second.attempt, second.said) == (2, "half an answer")
    missed = history.read_missed(asked, None, limit=10)
    assert missed.partial is not None
    assert (missed.partial.attempt, missed.partial.index, missed.partial.text) == (2, 0, "")
    lapse(core)
    assert answering.close_unfinished() == 1
    assert contents(core) == ["first", "half an answer"]


def test_an_answer_that_ends_during_a_catch_up_is_a_message_only(asked: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    claim, read = claimed(), history._after
    assert turns.begin_showing(claim, "half")

    def read_later(*arguments: Any) -> Page:
        assert answers.finish(claim, result("all of it", has_shown=True))
        return read(*arguments)

    monkeypatch.setattr(history, "_after", read_later)
    missed = history.read_missed(asked, None, limit=10)
    assert [message.content for message in missed.page.messages] == ["all of it", "first"]
    assert missed.partial is None


@pytest.mark.parametrize(
    ("said", "reason", "expected"),
    [
        ("", "error", ("failed", "Sorry, something went wrong. Please ask again.")),
        ("half", "error", ("interrupted", "half")),
        ("half", "timeout", ("interrupted", "half")),
        ("", "stopped", ("stopped", "")),
        ("half", "stopped", ("stopped", "half")),
    ],
)
def test_an_attempt_that_says_nothing_leaves_what_was_said(
    asked: Visit, core: Database, monkeypatch: pytest.MonkeyPatch, said: str, reason: Reason, expected: tuple[str, str]
) -> None:
    answer_by(monkeypatch, lambda turn: (step for step in (Done(reason),)))
    assert Answer(claimed()._replace(said=said)).run()
    assert core.rows(_ANSWERS) == [expected]


def test_a_turn_that_was_stopped_before_is_not_answered(
    asked: Visit, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = claimed()
    assert turns.begin_showing(claim, "half")
    assert control.stop_answer(asked)
    lapse(core)
    answer_by(monkeypatch, lambda turn: (step for step in (Delta("all of it"), Done("stop"))))
    assert Answer(claimed()).run()
    assert core.rows(_ANSWERS) == [("stopped", "half")]


def test_a_turn_that_is_given_back_does_not_count_as_tried(asked: Visit) -> None:
    for _ in range(4):
        claim = claimed()
        assert claim.attempt == 1
        turns.give_back([claim])


def test_an_attempt_that_has_shown_something_is_numbered_once(asked: Visit) -> None:
    for attempt in range(1, 5):
        claim = claimed()
        assert claim.attempt == attempt
        assert turns.begin_showing(claim, f"attempt {attempt}")
        turns.give_back([claim])


def test_questions_before_the_first_piece_belong_to_the_same_turn(asked: Visit, core: Database) -> None:
    early = claimed()
    ask(asked, "second", language=None, fallback_language="en")
    assert not turns.begin_showing(early, "to the first")
    assert not answers.finish(early, result("to the first"))
    (held,) = turns.renew([Progress(early.id, early.attempt, "", 0)])
    assert (held.question_seq, held.is_stopped) == (2, False)
    turns.give_back([early])
    both = claimed()
    assert both.question_seq == 2
    assert answers.finish(both, result("to both"))
    assert turns.claim("one", 10) == []
    assert contents(core) == ["first", "second", "to both"]


def test_a_question_after_the_first_piece_opens_the_next_turn(asked: Visit, core: Database) -> None:
    first = claimed()
    assert turns.begin_showing(first, "to")
    for text in ("second", "third"):
        ask(asked, text, language=None, fallback_language="en")
    assert answers.finish(first, result("to the first", has_shown=True))
    following = claimed()
    assert (following.question_seq, following.id > first.id) == (3, True)
    assert answers.finish(following, result("to the others"))
    assert contents(core) == ["first", "second", "third", "to the first", "to the others"]


def test_one_turn_of_a_session_is_open(asked: Visit, core: Database) -> None:
    for text in ("second", "third"):
        ask(asked, text, language=None, fallback_language="en")
    assert core.rows("SELECT question_seq, state FROM assistant_turns") == [(3, "queued")]


def test_who_waits_beyond_the_queue_is_turned_away(core: Database) -> None:
    waiting = [asks(None, f"question {number}") for number in range(4)]
    surplus = turns.claim_surplus("one", 2, 10)
    assert [claim.chat_id for claim in surplus] == [visit.chat_id for visit in waiting[2:]]
    assert len(turns.claim("two", 10)) == 2


def test_a_turn_waits_while_its_session_has_had_its_answers(
    asked: Visit, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "_value", policy()._replace(answers=2, answers_within=60.0))
    for _ in range(2):
        assert answers.finish(claimed(), result("an answer"))
        ask(asked, "another question", language=None, fallback_language="en")
    assert turns.claim("one", 10) == []
    assert turns.claim_surplus("one", 0, 10) == []
    asks(None, "of another session")
    assert len(turns.claim("one", 10)) == 1
    core.change("UPDATE assistant_turns SET finished_at = finished_at - interval '61 s' WHERE state = 'done'")
    assert claimed().chat_id == asked.chat_id


def test_a_human_who_took_over_is_not_interrupted(asked: Visit, core: Database) -> None:
    claim = claimed()
    core.change("UPDATE sessions SET responder = 'human'")
    assert answers.finish(claim, result("too late"))
    assert contents(core) == ["first"]
    ask(asked, "to the human", language=None, fallback_language="en")
    assert turns.claim("one", 10) == []
