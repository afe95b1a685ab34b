"""Requesting an erasure: what names the user is gone when the request ends, and so is all access."""

from __future__ import annotations

import pytest

from chatapp.actions.attachments import cleanup
from chatapp.actions.erasure import requests, steps
from chatapp.actions.erasure.requests import erase_person, load_erasure
from chatapp.auth import tokens
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound, Unavailable
from chatapp.models import User
from chatapp.queries import people
from chatapp.queries.erasures import REDACTING, RUNNING
from tests.database import Database


def test_the_profile_is_gone_and_the_id_stays(core: Database, actors: list[Actor]) -> None:
    alice = actors[0]
    core.change(
        "UPDATE users SET name = 'Alice', email = 'a@example.com', picture_url = 'https://e.com/a', is_verified = true,"
        " password_hash = 'x', hide_last_seen = true, last_seen_at = now() WHERE id = %s",
        alice.id,
    )
    erasure = erase_person(alice.id)
    user = people.person(alice.id)
    assert isinstance(user, User) and user.erased_at is not None
    assert (user.name, user.email, user.picture_url, user.password_hash, user.last_seen_at) == ("", *(4 * [None]))
    assert not user.is_verified and not user.hide_last_seen
    assert str(user.uuid) == alice.uuid and erasure.username == user.username
    assert user.username.startswith(f"deleted-{alice.id}-")
    assert erasure.state == REDACTING


def test_the_subject_becomes_a_hash_that_still_refuses(core: Database, actors: list[Actor]) -> None:
    erase_person(actors[0].id)
    ((subject,),) = core.rows("SELECT subject FROM users WHERE id = %s", actors[0].id)
    assert subject == tokens.subject_of_erased("", "alice") and "alice" not in subject
    status = people.account_status_of_subject("", "alice")
    assert status is not None and status.is_revoked and status.actor.id == actors[0].id
    assert people.account_status_of_subject("", "unknown") is None


def test_repeating_it_changes_nothing(core: Database, actors: list[Actor]) -> None:
    first = erase_person(actors[0].id)
    rows = core.rows("SELECT * FROM users ORDER BY id")
    assert erase_person(actors[0].uuid) == first == load_erasure(actors[0].id)
    assert core.rows("SELECT * FROM users ORDER BY id") == rows


def test_who_was_erased_by_an_older_release_is_erased_completely(core: Database, actors: list[Actor]) -> None:
    core.change("UPDATE users SET erased_at = now() WHERE id = %s", actors[0].id)
    core.change("INSERT INTO client_keys VALUES (%s, 'key', '', 1, 1)", actors[0].id)
    assert erase_person(actors[0].id).report["idempotency_keys"] == 1


def test_unknown_users_are_not_found(core: Database, actors: list[Actor]) -> None:
    with pytest.raises(NotFound, match="user_not_found"):
        erase_person(10**6)
    with pytest.raises(NotFound, match="erasure_not_found"):
        load_erasure(actors[0].id)


def test_while_s3_is_away_the_rest_is_done_later(
    core: Database, actors: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise Unavailable("s3")

    with monkeypatch.context() as patched:
        patched.setattr(cleanup, "remove_bytes", refuse)
        assert erase_person(actors[0].id).state == RUNNING
    assert steps.run_unfinished(until=float("inf")) == 1
    assert load_erasure(actors[0].id).state == REDACTING


def test_a_request_does_not_outlast_its_time(
    core: Database, actors: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "IN_REQUEST", 0.0)
    erasure = erase_person(actors[0].id)
    assert (erasure.state, erasure.step) == (RUNNING, 0)
