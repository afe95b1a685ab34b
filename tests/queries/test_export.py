"""The document with a user's data: all of it, in pieces, and still JSON when the user is erased meanwhile."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from chatapp.actions import editing
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.removal import delete_chat
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.queries import export
from chatapp.queries.export import Document
from tests.database import Database


def document_of(actor: Actor) -> dict[str, Any]:
    """The whole document."""
    parsed: dict[str, Any] = orjson.loads(b"".join(Document(actor)))
    return parsed


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)


def test_it_has_what_the_user_wrote_and_can_read(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    first = send_message(alice, chat_id, "hello", idempotency_key="k")
    send_message(bob, chat_id, "hi")
    editing.edit_message(alice, first.id, "hello again")
    send_message(carol, find_or_create_chat(carol, other_id=bob.id), "not hers")
    found = document_of(alice)
    assert (found["format"], found["is_complete"]) == (1, True)
    assert found["profile"][0]["username"] == "alice"
    assert [chat["id"] for chat in found["chats"]] == [chat_id]
    own, others = found["messages"]
    assert (own["content"], own["client_key"], own["sender"]["username"]) == ("hello again", "k", "alice")
    assert [text["content"] for text in own["earlier_texts"]] == ["hello"]
    assert others["content"] == "hi" and "client_key" not in others


def test_long_chats_are_read_in_batches(actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 3)
    for number in range(8):
        send_message(actors[0], chat_id, str(number))
    chats = [find_or_create_chat(actors[2], other_id=actors[0].id)]
    send_message(actors[2], chats[0], "other")
    contents = [message["content"] for message in document_of(actors[0])["messages"]]
    assert contents == [*map(str, range(8)), "other"]


def test_no_piece_is_larger_than_a_batch(actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 3)
    for _ in range(30):
        send_message(actors[0], chat_id, "x" * 1000)
    assert max(map(len, Document(actors[0]))) < 3 * 2500


def test_a_chat_that_is_deleted_meanwhile_is_left_out(actors: list[Actor], chat_id: int) -> None:
    send_message(actors[0], chat_id, "hello")
    pieces = iter(Document(actors[0]))
    text = b""
    while b'"messages":[' not in text:
        text += next(pieces)
    delete_chat(actors[0], chat_id)
    found = orjson.loads(text + b"".join(pieces))
    assert found["is_complete"] and found["messages"] == []


@pytest.mark.parametrize("after", [b'{"format"', b'"profile":[', b'"chats":[', b'"messages":[', b'"log_ins":['])
def test_an_erasure_ends_it(actors: list[Actor], chat_id: int, core: Database, after: bytes) -> None:
    send_message(actors[0], chat_id, "hello")
    document = Document(actors[0])
    pieces = iter(document)
    text = b""
    while after not in text:
        text += next(pieces)
    erase_person(actors[0].id)
    found = orjson.loads(text + b"".join(pieces))
    assert (found["is_complete"], found["error"], document.is_complete) == (False, "user_erased", False)
