"""Sessions that vanish while something is done with them, those of which nothing is stored, and what is left undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from gevent.event import Event

from chatapp import clock
from chatapp.actions.assistant import (
    answering,
    answers,
    claiming,
    context,
    control,
    handover,
    history,
    questions,
    running,
    sessions,
    turns,
)
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.budget import Caps, UsageBudget
from chatapp.actions.assistant.deletion import delete_session
from chatapp.actions.assistant.turns import Claim
from chatapp.actions.assistant.visits import Visit, visit, visit_again, visit_own
from chatapp.assistant.budget import Reservation
from chatapp.assistant.port import Delta, Done, Step, Turn
from chatapp.auth.actor import Actor
from chatapp.auth.session_ids import session_ids
from chatapp.errors import Conflict, NotFound, Unavailable
from chatapp.ops import runtime
from config import load
from tests.actions.assistant.test_turns import answer_by, asks, claimed, contents, result
from tests.database import Database


@pytest.fixture
def vanished(core: Database) -> tuple[Visit, Claim]:
    """A session that was deleted while its question was being answered."""
    found = asks(None, "first")
    claim = claimed()
    delete_session(found.chat_id, found.actor)
    return found, claim


def test_an_answer_to_a_deleted_session_is_dropped(vanished: tuple[Visit, Claim], core: Database) -> None:
    _, claim = vanished
    assert context.load(claim) is None
    assert running.Answer(claim).run()
    assert not answers.finish(claim, result("too late"))
    running.turn_away(claim, 3)
    running.interrupt(claim)
    assert contents(core) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda found: control.regenerate(found, 1),
        lambda found: handover.hand_over(found, "why"),
        handover.release,
        visit_again,
        lambda found: claiming._move(found, found.actor),
    ],
)
def test_nothing_is_done_with_a_deleted_session(vanished: tuple[Visit, Claim], act: Callable[[Visit], Any]) -> None:
    with pytest.raises(NotFound):
        act(vanished[0])


def test_a_session_of_nothing_is_empty(core: Database) -> None:
    opened = sessions.open_session(None, language="en")
    assert opened.session is None
    assert visit_own(opened.actor, opened.chat_id).session is None
    assert history.read_history(opened, limit=5).messages == []
    assert history.read_since(opened, clock.now(), limit=5).messages == []
    assert history.read_missed(opened, None, limit=5).page.messages == []
    for read in (history.read_after, history.read_missed):
        with pytest.raises(NotFound):
            read(opened, 1, limit=5)
    sessions.end_session(opened)
    with pytest.raises(NotFound):
        handover.hand_over(opened, "why")
    assert core.rows("SELECT 1 FROM sessions") == []


def test_a_session_is_stored_once(core: Database) -> None:
    opened = sessions.open_session(None, language="en")
    stored = sessions.store(opened, language="en")
    assert sessions.store(stored, language="en") is stored
    assert sessions.store(opened, language="en").session is not None  # by another request at the same time
    assert core.rows("SELECT count(*) FROM sessions") == [(1,)]


def test_expired_sessions_are_not_found(actors: list[Actor], core: Database) -> None:
    hers, anonymous = asks(actors[0], "hers"), asks(None, "his")
    core.change("UPDATE sessions SET expires_at = now() - interval '1 second'")
    for found, actor in ((hers, actors[0]), (anonymous, None)):
        with pytest.raises(NotFound):
            visit(found.session_id, actor, needs_signature=False)
        with pytest.raises(NotFound):
            visit_own(found.actor, found.chat_id)


def test_an_id_that_was_not_used_for_long_is_not_found(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = sessions.open_session(None, language="en")
    later = clock.now() + dt.timedelta(days=400)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        visit(session_ids().bare(opened.chat_id), None, needs_signature=False)


def test_an_ended_session_is_not_asked_again(core: Database) -> None:
    found = asks(None, "first")
    sessions.end_session(found)
    ended = visit_own(found.actor, found.chat_id)
    with pytest.raises(Conflict, match="session_ended"):
        control.regenerate(ended, 1)


def test_an_answer_is_not_made_again_while_another_is_made(core: Database) -> None:
    found = asks(None, "first")
    assert answers.finish(claimed(), result("to the first"))
    asks_again = core.rows("SELECT id FROM messages WHERE extra ->> 'role' = 'assistant'")[0][0]
    control.regenerate(found, asks_again)
    with pytest.raises(Conflict, match="answer_running"):
        control.regenerate(found, asks_again)


def turned(is_so: Callable[[], bool]) -> None:
    """Let greenlets run until something is so."""
    with gevent.Timeout(20):
        while not is_so():
            gevent.sleep(0.01)


def test_without_postgres_work_waits(
    environment: dict[str, str], core: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = asks(None, "first")
    claim = claimed()
    runtime.build(load({**environment, "DATABASE_URL": "postgresql://127.0.0.1:1/away"}))
    turn: Any = SimpleNamespace(session_id=found.session_id)
    UsageBudget(Caps(1, 1, 1)).settle(Reservation(turn, 10, clock.now().date()), 5)
    made = answering.Answering()
    monkeypatch.setattr(answering, "POLL", 0.01)
    made._running[claim.id] = running.Answer(claim), gevent.spawn(gevent.sleep, 60)
    made.start()
    turned(lambda: "turns not taken" in caplog.messages)
    made.stop(within=0)
    assert {"tokens not settled", "turns not given back, their leases end"} <= set(caplog.messages)
    assert core.rows("SELECT state FROM assistant_turns") == [("running",)]


def test_failures_are_logged_and_the_loop_goes_on(
    core: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Exception] = [Unavailable("away"), ValueError("a defect")]

    def fail(*_: Any) -> Any:
        raise failures.pop(0)

    made = answering.Answering()
    monkeypatch.setattr(running.Answer, "run", fail)
    monkeypatch.setattr(answering, "POLL", 0.01)
    for content in ("first", "second"):
        asks(None, content)
        made._begin(claimed())
        turned(lambda: made.count == 0)
    assert caplog.messages.count("answer not finished") == 2
    monkeypatch.setattr(turns, "claim", fail)
    failures.append(ValueError("another defect"))
    made.start()
    turned(lambda: "turns not taken" in caplog.messages)
    made.stop(within=0)


def begun(made: answering.Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin an answer that says nothing for long."""
    is_asked = Event()

    def steps(_: Turn) -> Generator[Step, None, None]:
        is_asked.set()
        gevent.sleep(60)
        yield Done("stop")

    answer_by(monkeypatch, steps)
    made._begin(claimed())
    turned(is_asked.is_set)


def test_work_that_another_worker_took_is_left(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(None, "first")
    made = answering.Answering()
    begun(made, monkeypatch)
    core.change("UPDATE assistant_turns SET attempt = attempt + 1")
    made._keep_hold()
    turned(lambda: made.count == 0)
    made.take_no_more()
    made._take_turns()
    assert core.rows("SELECT state FROM assistant_turns") == [("running",)]


def test_a_request_to_stop_is_seen_when_the_lease_is_renewed(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asks(None, "first")
    made = answering.Answering()
    begun(made, monkeypatch)
    assert control.stop_answer(found)
    made._keep_hold()
    turned(lambda: made.count == 0)
    assert core.rows("SELECT state, outcome FROM assistant_turns") == [("done", "stopped")]


def test_an_answer_to_an_earlier_question_is_not_shown(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asks(None, "first")
    answer = running.Answer(claimed())
    ask(found, "second", language=None, fallback_language="en")
    answer_by(monkeypatch, lambda turn: (step for step in (Delta("to the first"), Done("stop"))))
    assert not answer.run()
    assert contents(core) == ["first", "second"]


def test_an_adapter_without_an_end_has_failed(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(None, "first")
    answer_by(monkeypatch, lambda turn: (step for step in ()))
    assert running.Answer(claimed()).run()
    assert core.rows("SELECT outcome FROM assistant_turns") == [("error",)]


def test_long_histories_are_cut(core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asks(None, "first")
    ask(found, "second", language=None, fallback_language="en")
    monkeypatch.setattr(context, "CHARACTERS", 8)
    read = context.load(claimed())
    assert read is not None
    assert [line.text for line in read.turn.history] == ["second"]


def test_a_session_without_messages_changes_hands_once(actors: list[Actor], core: Database) -> None:
    opened = sessions.store(sessions.open_session(None, language="en"), language="en")
    signed, _ = session_ids().sign(opened.session_id, None)
    assert claiming.claim(actors[0], signed, language="en").actor == actors[0]
    hers = visit_own(actors[0], opened.chat_id)
    assert (hers.session is not None, history.read_history(hers, limit=5).messages) == (True, [])
    for _ in range(2):
        delete_session(opened.chat_id, actors[0])
    assert core.rows("SELECT 1 FROM sessions") == []


def test_a_human_accepts_once(actors: list[Actor], core: Database) -> None:
    found = asks(None, "first")
    for _ in range(2):
        handover.hand_over(visit_own(found.actor, found.chat_id), "why")
    core.change("INSERT INTO chat_members (chat_id, user_id) VALUES (%s, %s)", found.chat_id, actors[0].id)
    for _ in range(2):
        handover.hand_over(visit_own(actors[0], found.chat_id), "mine")
    assert core.rows("SELECT responder, handover, handover_reason FROM sessions") == [("human", "accepted", "why")]
    ask(visit_own(actors[0], found.chat_id), "hello", language=None, fallback_language="en")
    assert contents(core) == ["first", "hello"]
    assert core.rows("SELECT state FROM assistant_turns WHERE state = 'queued' AND question_seq > 1") == []


def test_a_worker_interrupts_what_was_tried_twice(core: Database) -> None:
    asks(None, "first")
    for _ in range(2):
        claimed()
        core.change("UPDATE assistant_turns SET lease_until = now() - interval '1 hour'")
    answering.Answering()._take_turns()
    assert core.rows("SELECT state, outcome FROM assistant_turns") == [("done", "interrupted")]


def test_messages_of_other_chats_open_no_turns(core: Database) -> None:
    event: Any = SimpleNamespace(chat_id=1)
    assert questions.record({}, [event]) == questions.Recorded(False)
