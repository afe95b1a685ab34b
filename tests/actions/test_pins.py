"""Who pins messages, how many, and when a pin ends."""

from __future__ import annotations

import pytest

from chatapp.access import access_chat
from chatapp.actions import blocking, editing, marks, pins, removal, sending
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, NotFound
from chatapp.infra.postgres import database_connection
from chatapp.queries import pins as pin_queries
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat


def pinned(actor: Actor, chat_id: int) -> list[str]:
    """The texts of the pinned messages, as a member reads them."""
    with database_connection():
        return [pin.message.content for pin in pin_queries.of_chat(access_chat(actor, chat_id))]


def test_either_of_two_pins_and_unpins(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    first, second = (sending.send_message(alice, chat_id, text) for text in ("first", "second"))
    pins.pin_message(bob, second.id)
    pins.pin_message(alice, first.id)
    pins.pin_message(bob, first.id)
    assert pinned(alice, chat_id) == pinned(bob, chat_id) == ["first", "second"]
    with database_connection():
        (newest, _) = pin_queries.of_chat(access_chat(bob, chat_id))
    assert (newest.pinned_by.id, newest.version) == (alice.id, 4)
    for _ in range(2):
        pins.unpin_message(bob, first.id)
    assert pinned(alice, chat_id) == ["second"]
    assert core.rows("SELECT kind FROM message_changes ORDER BY version") == [("pinned",), ("pinned",), ("unpinned",)]
    assert core.rows("SELECT count(*) FROM messages WHERE changed_version IS NOT NULL") == [(0,)]


def test_in_a_larger_chat_only_owners_and_admins_pin(core: Database, actors: list[Actor]) -> None:
    owner, admin, member = actors
    chat_id = make_larger_chat(core, [actor.id for actor in actors])
    core.change("UPDATE chat_members SET role = 'admin' WHERE user_id = %s", admin.id)
    message = sending.send_message(member, chat_id, "important")
    for act in (pins.pin_message, pins.unpin_message):
        with pytest.raises(Forbidden, match="admin_required"):
            act(member, message.id)
    pins.pin_message(owner, message.id)
    assert pinned(member, chat_id) == ["important"]
    pins.unpin_message(admin, message.id)
    assert pinned(member, chat_id) == []


def test_a_chat_has_a_bounded_number_of_pins(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    messages = [sending.send_message(alice, chat_id, str(number)) for number in range(pin_queries.MAX_PINS + 1)]
    for message in messages[:-1]:
        pins.pin_message(alice, message.id)
    with pytest.raises(Conflict, match="too_many_pins"):
        pins.pin_message(bob, messages[-1].id)
    pins.pin_message(bob, messages[0].id)  # is pinned
    pins.unpin_message(bob, messages[0].id)
    pins.pin_message(bob, messages[-1].id)
    assert len(pinned(bob, chat_id)) == pin_queries.MAX_PINS


def test_others_the_blocked_and_the_deleted(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    message, deleted = (sending.send_message(alice, chat_id, text) for text in ("kept", "deleted"))
    pins.pin_message(bob, deleted.id)
    editing.delete_message(alice, deleted.id)
    assert pinned(bob, chat_id) == []
    with pytest.raises(Conflict, match="message_deleted"):
        pins.pin_message(bob, deleted.id)
    with pytest.raises(NotFound):
        pins.pin_message(carol, message.id)
    blocking.block(alice, bob.username)
    for act in (pins.pin_message, pins.unpin_message):
        with pytest.raises(Forbidden, match="blocked"):
            act(bob, message.id)


def test_members_see_no_pin_of_what_they_do_not_see(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    chat_id = make_larger_chat(core, [actor.id for actor in actors])
    of_bob, of_carol = sending.send_message(bob, chat_id, "bob's"), sending.send_message(carol, chat_id, "carol's")
    for message in (of_bob, of_carol):
        pins.pin_message(alice, message.id)
    marks.hide(bob, of_carol.id)
    assert pinned(bob, chat_id) == ["bob's"]
    blocking.block(carol, bob.username)
    assert pinned(carol, chat_id) == ["carol's"]
    assert pinned(alice, chat_id) == ["carol's", "bob's"]


def test_pins_go_with_their_chat(core: Database, actors: list[Actor], chat_id: int) -> None:
    pins.pin_message(actors[0], sending.send_message(actors[0], chat_id, "x").id)
    removal.delete_chat(actors[0], chat_id)
    assert core.rows("SELECT count(*) FROM chat_pins") == [(0,)]
