"""Bans in this process: reasons, ends, and the change from one kind to the other."""

from __future__ import annotations

import datetime as dt

import pytest

from chatapp import clock
from chatapp.access import is_shadow_banned, sees_own_shadow
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.moderation import bans
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Invalid, NotFound
from chatapp.events.moderation import ModerationChanged
from chatapp.events.types import AccessRevoked
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation as moderation_queries
from chatapp.queries.people import account_status_of_id
from tests.actions.moderation.words import published, refusal
from tests.database import Database


def state(actor: Actor) -> tuple[bool, bool]:
    """Whether a user is banned, and whether shadow-banned."""
    status = account_status_of_id(actor.id, None)
    assert status is not None
    return status.is_revoked, is_shadow_banned(actor.id)


def in_an_hour() -> dt.datetime:
    return clock.now() + dt.timedelta(hours=1)


def test_a_ban_has_a_reason_and_an_end(actors: list[Actor], core: Database) -> None:
    until = in_an_hour()
    ban = bans.ban(actors[0].id, reason="fraud", until=until, moderator="ana")
    assert (ban.reason, ban.until, ban.is_shadow) == ("fraud", until, False)
    assert state(actors[0]) == (True, False)
    assert [event.recipients for event in published(core, AccessRevoked)] == [(actors[0].id,)]
    (entry,) = core.rows("SELECT moderator, action, user_id, reason, detail->>'until' FROM moderation_log")
    assert entry == ("ana", "ban", actors[0].id, "fraud", clock.rfc3339(until))
    with database_connection():
        assert moderation_queries.ban_of(actors[1].id) is None


def test_a_new_ban_replaces_the_one_before(actors: list[Actor], core: Database) -> None:
    alice = actors[0]
    bans.ban(alice.id, reason="first")
    bans.ban(alice.id, reason="second", is_shadow=True)
    assert state(alice) == (False, True)
    bans.ban(alice.id, reason="third")
    assert state(alice) == (True, False)
    assert core.rows("SELECT reason, is_shadow FROM bans") == [("third", False)]
    assert len(published(core, ModerationChanged)) == 2, "for the shadow ban, and for its end"


@pytest.mark.parametrize("is_shadow", [False, True])
def test_a_ban_is_lifted_once(actors: list[Actor], core: Database, is_shadow: bool) -> None:
    alice = actors[0]
    bans.ban(alice.id, is_shadow=is_shadow)
    for _ in range(2):
        bans.unban(alice.id, reason="appeal", moderator="ana")
    assert state(alice) == (False, False)
    assert sees_own_shadow(alice.id) == is_shadow, "what was written meanwhile stays visible to its author"
    entries = core.rows("SELECT action, moderator, reason FROM moderation_log ORDER BY id")
    assert entries == [("shadow_ban" if is_shadow else "ban", "service", ""), ("unban", "ana", "appeal")]


def test_a_ban_of_the_release_before_is_lifted(actors: list[Actor], core: Database) -> None:
    core.change("UPDATE users SET banned_at = now() WHERE id = %s", actors[0].id)
    assert state(actors[0]) == (True, False)
    bans.unban(actors[0].id)
    assert state(actors[0]) == (False, False)


def test_an_end_in_the_past_is_refused(actors: list[Actor]) -> None:
    with pytest.raises(Invalid):
        bans.ban(actors[0].id, until=clock.now())
    assert state(actors[0]) == (False, False)


def test_unknown_and_erased_users(actors: list[Actor]) -> None:
    for act in (bans.ban, bans.unban):
        with refusal(NotFound, "user_not_found"):
            act(2**52)
    erase_person(actors[0].id)
    with refusal(Conflict, "user_erased"):
        bans.ban(actors[0].id)


def test_the_job_ends_bans_whose_time_is_over(
    actors: list[Actor], core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bans, "BATCH", 1)  # so that it takes several steps
    alice, bob, carol = actors
    bans.ban(alice.id, until=in_an_hour())
    bans.ban(bob.id, until=in_an_hour(), is_shadow=True)
    bans.ban(carol.id)
    assert bans.end_bans() == 0
    core.change("UPDATE bans SET until = now() - interval '1 s' WHERE until IS NOT NULL")
    assert bans.end_bans() == 2
    assert bans.end_bans() == 0
    assert [state(actor) for actor in actors] == [(False, False), (False, False), (True, False)]
    ended = core.rows("SELECT user_id, moderator FROM moderation_log WHERE action = 'ban_ended' ORDER BY user_id")
    assert ended == [(alice.id, "job"), (bob.id, "job")]


def test_a_ban_that_was_extended_meanwhile_does_not_end(actors: list[Actor], core: Database) -> None:
    bans.ban(actors[0].id, until=in_an_hour())
    assert not bans._end_if_due(actors[0].id)
    assert state(actors[0]) == (True, False)
