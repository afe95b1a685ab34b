"""A key is claimed by one write of one user, and recognised when the write is repeated."""

from __future__ import annotations

from functools import partial

import pytest

from chatapp.actions import idempotency_keys
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.infra.postgres import database_connection
from chatapp.transaction import unit_of_work
from tests.database import Database

WRITE = ["edit", 1, "hi"]


def claim(actor: Actor, key: str | None, write: list[object], chat_id: int) -> bool:
    """Claim a key in a transaction."""
    with unit_of_work():
        return idempotency_keys.claim(actor, key, write, chat_id=chat_id, message_id=1)


def was_claimed(actor: Actor, key: str | None, write: list[object]) -> bool:
    """Whether the write claimed the key."""
    with database_connection():
        return idempotency_keys.was_claimed(actor, key, write)


def test_a_write_claims_its_key_once(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    assert not was_claimed(alice, "k", WRITE)
    assert claim(alice, "k", WRITE, chat_id)
    assert was_claimed(alice, "k", WRITE)
    assert not claim(alice, "k", WRITE, chat_id)
    assert claim(bob, "k", WRITE, chat_id), "keys of different users are independent"


def test_a_key_of_another_write_is_refused(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    claim(alice, "k", WRITE, chat_id)
    send_message(alice, chat_id, "hi", idempotency_key="sent")
    for key, write in (("k", ["edit", 1, "ho"]), ("k", ["edit", 2, "hi"]), ("sent", WRITE)):
        for attempt in (partial(was_claimed, alice, key, write), partial(claim, alice, key, write, chat_id)):
            with pytest.raises(Conflict, match="client_key_reused"):
                attempt()


def test_without_a_key_every_write_is_new(core: Database, actors: list[Actor], chat_id: int) -> None:
    assert claim(actors[0], None, WRITE, chat_id)
    assert claim(actors[0], None, WRITE, chat_id)
    assert not was_claimed(actors[0], None, WRITE)
    assert core.rows("SELECT count(*) FROM client_keys") == [(0,)]


def test_a_failed_transaction_claims_nothing(actors: list[Actor], chat_id: int) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        idempotency_keys.claim(actors[0], "k", WRITE, chat_id=chat_id, message_id=1)
        raise ZeroDivisionError
    assert claim(actors[0], "k", WRITE, chat_id)
