"""Whose files are whose: others cannot add to, take from, read or send what is not theirs, in any dialect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.ids.public import encode_chat, encode_file, encode_message
from tests.database import Database
from tests.flows.attachments.conftest import Message
from tests.flows.attachments.words import (
    adds,
    fetches,
    fetches_path,
    named,
    posts_form,
    social_file,
    tries_to_add,
    uploads,
)
from tests.people import SOCIAL, Person
from tests.servers import Reply
from tests.social_api import frame

pytestmark = pytest.mark.usefixtures("clean_log")

UNKNOWN = 987_654_321
COUNTED = {"X-Request-ID", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"}

# Every route that names a message or a file; `tests/flows/marketplace/test_access.py` fails for one that is not here.
ROUTES: dict[tuple[str, str], Callable[[Person, int, int], Reply]] = {
    ("post", "/messages/{message_id}/attachments"): lambda who, message, file: tries_to_add(
        who, message, named("a.png")
    ),
    ("post", "/attachments/uploads/{attachment_id}/complete"): lambda who, message, file: who.posts(
        f"/attachments/uploads/{file}/complete", {}
    ),
    ("get", "/attachments/{attachment_id}/download"): lambda who, message, file: who.gets(
        f"/attachments/{file}/download"
    ),
    ("get", "/attachments/{attachment_id}/waveform"): lambda who, message, file: who.gets(
        f"/attachments/{file}/waveform"
    ),
    ("delete", "/attachments/{attachment_id}"): lambda who, message, file: who.deletes(f"/attachments/{file}"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_stranger_sees_no_difference(
    alice: Person, carol: Person, message: Message, database: Database, route: tuple[str, str]
) -> None:
    (file,) = adds(alice, message)
    before = database.counts()
    foreign, made_up = (ROUTES[route](carol, *ids) for ids in ((message["id"], file["id"]), (UNKNOWN, UNKNOWN)))
    assert foreign.status == made_up.status == 404
    assert {**foreign.json, "request_id": ""} == {**made_up.json, "request_id": ""}
    headers = [{name: reply.headers[name] for name in reply.headers.keys() - COUNTED} for reply in (foreign, made_up)]
    assert headers[0] == headers[1]
    assert database.counts() == before


def test_only_the_author_adds_and_removes(alice: Person, bob: Person, carol: Person, message: Message) -> None:
    (file,) = adds(alice, message)
    assert tries_to_add(bob, message["id"], named("a.png")).error == "marketplace.notAuthor"
    assert bob.deletes(f"/attachments/{file['id']}").error == "marketplace.notAuthor"
    for stranger_sees in (tries_to_add(carol, message["id"], named("a.png")), tries_to_add(carol, UNKNOWN, named("a"))):
        assert (stranger_sees.status, stranger_sees.error) == (404, "marketplace.messageNotFound")
    for stranger_sees in (carol.deletes(f"/attachments/{file['id']}"), carol.deletes(f"/attachments/{UNKNOWN}")):
        assert (stranger_sees.status, stranger_sees.error) == (404, "marketplace.attachmentNotFound")
    assert fetches(alice, file).status_code == 200


def test_a_file_that_is_not_sent_is_its_uploaders(alice: Person, bob: Person) -> None:
    (file,) = uploads(alice)
    assert fetches(bob, file).status_code == 404
    assert bob.deletes(f"/attachments/{file['id']}").status == 404
    refused = bob.posts("/messages", {"receiver_id": alice.id, "content": "mine", "attachment_ids": [file["id"]]})
    assert (refused.status, refused.error) == (422, "marketplace.attachmentNotFound")
    assert refused.json["details"] == {"attachment_ids": ["Not uploaded by you, or sent already."]}


def test_a_file_is_sent_once(alice: Person, bob: Person) -> None:
    (file,) = uploads(alice)
    alice.sends("here", to=bob, attachment_ids=[file["id"]])
    refused = alice.posts("/messages", {"receiver_id": bob.id, "content": "again", "attachment_ids": [file["id"]]})
    assert (refused.status, refused.error) == (422, "marketplace.attachmentNotFound")


def test_bad_ids_to_send_are_refused(alice: Person, bob: Person) -> None:
    (file,) = uploads(alice)
    for ids in ([UNKNOWN], [file["id"]] * 2, [0], [-1], ["1"], [True], [2**63], list(range(1, 12)), "1", [[1]]):
        refused = alice.posts("/messages", {"receiver_id": bob.id, "content": "look", "attachment_ids": ids})
        assert refused.status == 422, (ids, refused.text)
    bare = {"receiver_id": bob.id, "content": "look", "message_type": "image"}
    assert alice.posts("/messages", bare).error == "marketplace.attachmentsRequired"
    mismatch = {"receiver_id": bob.id, "message_type": "voice", "attachment_ids": [file["id"]]}
    assert alice.posts("/messages", mismatch).error == "marketplace.messageTypeMismatch"
    assert alice.sends("", to=bob, attachment_ids=[file["id"]], message_type="image")["attachments_count"] == 1


def test_after_a_block_nothing_is_added_but_what_was_sent_stays(alice: Person, bob: Person, message: Message) -> None:
    (file,) = adds(alice, message)
    bob.blocks(alice)
    assert tries_to_add(alice, message["id"], named("a.png")).error == "marketplace.blocked"
    assert fetches(bob, file).status_code == fetches(alice, file).status_code == 200


def test_a_chat_that_is_deleted_takes_its_files_along(alice: Person, bob: Person, message: Message) -> None:
    (file,) = adds(alice, message)
    assert bob.deletes(f"/{message['chat_id']}").status == 200
    assert fetches(alice, file).status_code == fetches(bob, file).status_code == 404


def test_the_social_dialect_keeps_the_same_doors(alice: Person, bob: Person, carol: Person, message: Message) -> None:
    (file,) = adds(alice, message)
    path, id = f"/messages/{encode_message(message['id'])}/attachments", encode_file(file["id"])
    assert fetches_path(bob, social_file(id)).status_code == 200
    assert bob.social.gets(path).status == 200
    assert posts_form(bob, SOCIAL + path, named("a.png")).code == "NOT_AUTHOR"
    assert bob.social.deletes(f"/files/{id}").code == "NOT_AUTHOR"
    made_up = (encode_file(UNKNOWN), encode_message(file["id"]), "00000000-0000-0000-0000-000000000000", "1", "x" * 500)
    for other in (id, *made_up):
        assert fetches_path(carol, social_file(other)).status_code == 404
        assert carol.social.deletes(f"/files/{other}").code == "ATTACHMENT_NOT_FOUND"
    assert carol.social.gets(path).code == "MESSAGE_NOT_FOUND"
    assert posts_form(carol, SOCIAL + path, named("a.png")).code == "MESSAGE_NOT_FOUND"
    for shared in ("media", "files"):
        assert carol.social.gets(f"/conversations/{encode_chat(message['chat_id'])}/{shared}").code == (
            "CONVERSATION_NOT_FOUND"
        )


def test_the_social_socket_refuses_what_is_not_mine(alice: Person, bob: Person) -> None:
    (file,) = uploads(alice)
    conversation = bob.social.opens(alice)["id"]
    socket = bob.social.connects()
    socket.sends(
        frame(
            "message.send", conversationId=conversation, content="", tempId="t", attachmentIds=[encode_file(file["id"])]
        )
    )
    refused = socket.receives("message.error")["payload"]
    assert (refused["code"], list(refused["details"])) == ("ATTACHMENT_NOT_FOUND", ["attachmentIds"])
