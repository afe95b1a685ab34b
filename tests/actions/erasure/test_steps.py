"""Steps of an erasure: resumed after an interruption, one process at a time."""

from __future__ import annotations

import pytest

from chatapp.actions.erasure import requests, steps
from chatapp.actions.erasure.batches import Batch
from chatapp.actions.erasure.requests import erase_person, load_erasure
from chatapp.actions.erasure.steps import STEPS, Step, repeat, run, run_unfinished
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import erasures
from chatapp.queries.erasures import DONE, REDACTING, RUNNING, Erasure
from tests.database import Database

EVER = float("inf")


@pytest.fixture
def waiting(core: Database, actors: list[Actor], monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A user whose erasure was requested, and no step is done."""
    with monkeypatch.context() as patched:
        patched.setattr(requests, "IN_REQUEST", 0.0)
        erase_person(actors[0].id)
    return actors[0]


def test_the_report_names_every_step(waiting: Actor) -> None:
    assert load_erasure(waiting.id).report == {}
    assert run(waiting.id, until=EVER)
    assert set(load_erasure(waiting.id).report) == {step.name for step in STEPS}


def test_an_interrupted_step_goes_on_where_it_was(
    waiting: Actor, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    positions: list[int] = []

    def by_three(erasure: Erasure) -> Batch:
        positions.append(erasure.position)
        if len(positions) == 2:
            raise RuntimeError("the process dies")
        return Batch(1, erasure.position + 3 if erasure.position < 6 else None)

    monkeypatch.setattr(steps, "STEPS", (Step("counted", by_three),))
    with pytest.raises(RuntimeError):
        run(waiting.id, until=EVER)
    assert run(waiting.id, until=EVER)
    assert positions == [0, 3, 3, 6]
    assert load_erasure(waiting.id).report == {"counted": 3}


def test_two_processes_do_not_erase_the_same(waiting: Actor, core: Database) -> None:
    core.change("UPDATE erasures SET leased_until = now() + interval '1 minute'")
    assert not run(waiting.id, until=EVER)
    assert run_unfinished(until=EVER) == 0
    core.change("UPDATE erasures SET leased_until = now() - interval '1 second'")  # the other one has died
    assert run_unfinished(until=EVER) == 1
    assert run_unfinished(until=EVER) == 0


def test_a_finished_one_is_not_begun_again(waiting: Actor, core: Database) -> None:
    assert run(waiting.id, until=EVER)
    core.change("INSERT INTO client_keys VALUES (%s, 'key', '', 1, 1)", waiting.id)
    assert run(waiting.id, until=EVER)
    assert load_erasure(waiting.id).report["idempotency_keys"] == 0
    repeat(waiting.id)
    assert load_erasure(waiting.id).report["idempotency_keys"] == 1


def test_it_is_done_when_stored_events_are_redacted(waiting: Actor, core: Database) -> None:
    assert load_erasure(waiting.id).state == RUNNING
    run(waiting.id, until=EVER)
    assert load_erasure(waiting.id).state == REDACTING
    core.change("DELETE FROM redactions")
    assert load_erasure(waiting.id).state == DONE


def test_erasures_are_listed_newest_first(core: Database, actors: list[Actor]) -> None:
    for actor in actors:
        erase_person(actor.id)
    with database_connection():
        assert [erasure.user_id for erasure in erasures.recent(2)] == [actors[2].id, actors[1].id]
