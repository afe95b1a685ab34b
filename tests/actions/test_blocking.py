"""Blocking, unblocking, and the list of blocks."""

from __future__ import annotations

import datetime as dt

import pytest

from chatapp.actions.blocking import block, unblock
from chatapp.actions.chats import find_or_create_chat, open_direct_chat
from chatapp.actions.erasure.requests import erase_person
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError, Forbidden, Invalid, NotFound
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from chatapp.queries import blocks
from chatapp.queries.blocks import BlockStatus
from tests.database import Database


def refusal(error: type[ChatError], code: str) -> pytest.RaisesExc[ChatError]:
    """Expects that an action raises an error with this code."""
    return pytest.raises(error, match=f"^{code}$")


def status(actor: Actor, username: str) -> BlockStatus:
    """The block status between the actor and a user."""
    with database_connection():
        return blocks.status(actor, username)


def listed(
    actor: Actor, limit: int = 20, before: tuple[dt.datetime, int] | None = None
) -> tuple[list[blocks.BlockedPerson], bool]:
    """A page of the actor's blocks."""
    with database_connection():
        return blocks.page(actor, limit=limit, before=before)


def test_blocking_twice_is_the_same_block(actors: list[Actor]) -> None:
    alice, bob, _ = actors
    first = block(alice, "bob")
    assert (first.person.id, first.person.username) == (bob.id, "bob")
    assert block(alice, "BOB") == first
    assert listed(alice) == ([first], False)
    assert (status(alice, "bob"), status(bob, "alice")) == (BlockStatus(True, False), BlockStatus(False, True))


def test_a_block_is_removed_once(actors: list[Actor]) -> None:
    alice, bob, _ = actors
    block(alice, "bob")
    block(bob, "alice")
    unblock(alice, "Bob")
    assert status(alice, "bob") == BlockStatus(False, True)
    with refusal(NotFound, "block_not_found"):
        unblock(alice, "bob")
    assert listed(alice) == ([], False)


@pytest.mark.parametrize("username", ["missing", "", "bob ", "b\u043eb", "bob\u200b", "alice,bob", "%"])
def test_usernames_match_exactly(actors: list[Actor], username: str) -> None:
    for ask in (block, unblock, status, open_direct_chat):
        with refusal(NotFound, "user_not_found"):
            ask(actors[0], username)


def test_users_cannot_block_or_write_to_themselves(actors: list[Actor]) -> None:
    alice = actors[0]
    with refusal(Invalid, "cannot_block_self"):
        block(alice, "Alice")
    with refusal(Invalid, "cannot_message_self"):
        open_direct_chat(alice, "Alice")
    with refusal(NotFound, "block_not_found"):
        unblock(alice, "alice")
    assert status(alice, "alice") == BlockStatus(False, False)


def test_erased_users_are_neither_found_nor_listed(actors: list[Actor]) -> None:
    alice, bob, _ = actors
    block(alice, "bob")
    erased = erase_person(bob.id)
    for username in ("bob", erased.username):
        with refusal(NotFound, "user_not_found"):
            block(alice, username)
    assert listed(alice) == ([], False)


def test_the_list_is_paged_newest_first(actors: list[Actor], core: Database) -> None:
    alice = actors[0]
    with database_connection():
        for number in range(7):
            User.create(subject=f"p{number}", username=f"p{number}")
    for number in range(7):
        block(alice, f"p{number}")
    core.change("UPDATE blocks SET created_at = date_trunc('minute', now())")  # equal times: the ids decide
    found: list[blocks.BlockedPerson] = []
    before, has_more = None, True
    while has_more:
        page, has_more = listed(alice, 3, before)
        found += page
        before = (page[-1].created_at, page[-1].person.id)
    assert [person.person.username for person in found] == [f"p{number}" for number in reversed(range(7))]


def test_both_members_open_the_same_direct_chat(actors: list[Actor]) -> None:
    alice, bob, _ = actors
    opened = open_direct_chat(alice, "BOB")
    assert open_direct_chat(bob, "alice") == open_direct_chat(alice, "bob") == opened
    assert find_or_create_chat(bob, other_id=alice.id) == opened


def test_a_banned_user_is_found_only_in_an_existing_chat(actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors
    opened = open_direct_chat(alice, "bob")
    core.change("UPDATE users SET banned_at = now() WHERE id = ANY(%s)", [bob.id, carol.id])
    assert open_direct_chat(alice, "bob") == opened
    with refusal(NotFound, "user_not_found"):
        open_direct_chat(alice, "carol")


@pytest.mark.parametrize("blocker", [0, 1])
def test_during_a_block_chats_are_found_but_not_created(actors: list[Actor], core: Database, blocker: int) -> None:
    alice, bob, carol = actors
    core.change("INSERT INTO items (kind, id, title, seller_id) VALUES ('listing', 1, 'Lamp', %s)", bob.id)
    about_lamp = find_or_create_chat(alice, listing_id=1)
    block(actors[blocker], actors[1 - blocker].username)
    assert find_or_create_chat(alice, listing_id=1) == about_lamp
    for ask in (
        lambda: open_direct_chat(alice, "bob"),
        lambda: find_or_create_chat(bob, other_id=alice.id),
        lambda: find_or_create_chat(alice, other_id=bob.id, storefront_product_id=7, strict_items=False),
    ):
        with refusal(Forbidden, "blocked"):
            ask()
    assert open_direct_chat(carol, "bob") and open_direct_chat(alice, "carol")
    unblock(actors[blocker], actors[1 - blocker].username)
    assert open_direct_chat(alice, "bob") != about_lamp
