"""Hiding presence: who hides it sees none; a change is published at once."""

from __future__ import annotations

import pytest
import redis

from chatapp import presence
from chatapp.actions import presence_changes
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.departures import set_offline
from chatapp.actions.privacy import hides_last_seen, set_hides_last_seen
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import Unauthorised
from chatapp.events.bus import bus
from chatapp.events.types import Event, PresenceChanged, PrivacyChanged
from chatapp.infra.postgres import database_connection
from chatapp.presence import Presence
from chatapp.queries import chats
from tests.database import Database


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Events that are published from now on."""
    found: list[Event] = []
    publish = bus.publish

    def record(events: list[Event], *rest: object) -> None:
        found.extend(events)
        publish(events, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(bus, "publish", record)
    return found


@pytest.fixture
def partners(core: Database, actors: list[Actor]) -> tuple[Actor, Actor]:
    """Two users who have written to each other, both online."""
    alice, bob, _ = actors
    send_message(alice, find_or_create_chat(alice, other_id=bob.id), "hello")
    for actor in (alice, bob):
        presence.opened(Presence(actor.id, actor.uuid, f"connection-{actor.id}"))
    return alice, bob


def of_presence(events: list[Event]) -> list[tuple[tuple[int, ...], int, bool]]:
    return [(e.recipients, e.user_id, e.is_online) for e in events if isinstance(e, PresenceChanged)]


def test_both_go_offline_for_each_other_and_come_back(partners: tuple[Actor, Actor], published: list[Event]) -> None:
    alice, bob = partners
    assert not hides_last_seen(alice)
    assert set_hides_last_seen(alice, True)
    assert hides_last_seen(alice)
    assert PrivacyChanged((alice.id,), hide_last_seen=True) in published
    assert of_presence(published) == [((alice.id,), bob.id, False), ((bob.id,), alice.id, False)]
    published.clear()
    assert not set_hides_last_seen(alice, False)
    assert of_presence(published) == [((alice.id,), bob.id, True), ((bob.id,), alice.id, True)]


def test_repeating_it_publishes_nothing(partners: tuple[Actor, Actor], published: list[Event]) -> None:
    set_hides_last_seen(partners[0], True)
    published.clear()
    assert set_hides_last_seen(partners[0], True)
    assert published == []


def test_lists_and_live_events_ask_the_same_rule(partners: tuple[Actor, Actor], published: list[Event]) -> None:
    alice, bob = partners
    assert presence_changes.online_partners(alice) == [bob.id]
    set_hides_last_seen(alice, True)
    published.clear()
    for viewer in (alice, bob):
        assert presence_changes.online_partners(viewer) == []
        with database_connection():
            (summary,) = chats.page(viewer, archived=False, search=None, page=1, limit=10)
        assert (summary.shows_presence, summary.other_last_seen) == (False, None)
    presence_changes.exchange_presence((alice.id, alice.uuid), (bob.id, bob.uuid), are_visible=True)
    presence_changes._publish_online(alice)
    presence.closed([Presence(alice.id, alice.uuid, f"connection-{alice.id}")])
    set_offline([presence.User(alice.id, alice.uuid)])
    assert of_presence(published) == []


def test_the_time_is_neither_stored_nor_exported(
    partners: tuple[Actor, Actor], core: Database, environment: dict[str, str]
) -> None:
    alice = partners[0]
    presence.closed([Presence(alice.id, alice.uuid, f"connection-{alice.id}")])
    set_offline([presence.User(alice.id, alice.uuid)])
    with redis.Redis.from_url(environment["REDIS_URL"]) as keys:
        assert keys.exists(f"last_seen:{alice.uuid}")
        set_hides_last_seen(alice, True)
        assert not keys.exists(f"last_seen:{alice.uuid}")
        set_offline([presence.User(alice.id, alice.uuid)])
        assert not keys.exists(f"last_seen:{alice.uuid}")
    assert core.rows("SELECT last_seen_at FROM users WHERE id = %s", alice.id) == [(None,)]


def test_without_partners_only_own_devices_learn_it(
    core: Database, actors: list[Actor], published: list[Event]
) -> None:
    set_hides_last_seen(actors[2], True)
    assert published == [PrivacyChanged((actors[2].id,), hide_last_seen=True)]


def test_an_unknown_user_is_refused(core: Database, actors: list[Actor]) -> None:
    with pytest.raises(Unauthorised):
        hides_last_seen(Actor(10**9, actors[0].uuid, "unknown"))
