"""Forwards: copies with files and origin, over a route for many chats and as a message that is sent."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.actions.forwarding import MAX_TARGETS
from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.flows.attachments.words import adds, fetches
from tests.flows.referring.conftest import Message, conversation
from tests.people import Person
from tests.servers import SERVICE_TOKEN
from tests.social_api import frame

NAME = "alice"  # that people see


@pytest.fixture
def other_chat(bob: Person, carol: Person) -> int:
    """A chat of bob with carol."""
    return int(bob.sends("hi", to=carol)["chat_id"])


def origin_of(question: Message, alice: Person) -> Message:
    """What a copy shows of its origin."""
    return {
        "message_id": question["id"],
        "sender_id": alice.id,
        "sender_name": NAME,
        "created_at": question["created_at"],
    }


def test_copies_arrive_live_with_files_and_origin(
    alice: Person, bob: Person, carol: Person, question: Message, other_chat: int
) -> None:
    (file,) = adds(alice, question)
    carols, carols_too = carol.connects(), carol.social.connects()
    cursor = carol.cursor(other_chat)
    reply = bob.posts(f"/messages/{question['id']}/forward", {"chat_ids": [other_chat, question["chat_id"]]})
    assert [copy["chat_id"] for copy in reply.data] == [other_chat, question["chat_id"]]
    copy = reply.data[0]
    assert (copy["content"], copy["forwarded_from"]) == (question["content"], origin_of(question, alice))
    live = carols.receives("new_message")["message"]
    assert (live["forwarded_from"], live["attachments_count"]) == (copy["forwarded_from"], 1)
    social = carols_too.receives("message.new")["payload"]
    assert social["forwardedFrom"] == {
        "messageId": encode_message(question["id"]),
        "senderId": alice.uuid,
        "senderName": NAME,
        "createdAt": question["created_at"],
    }
    (missed,) = carol.catches_up(cursor)["messages"]
    for shown in (live, missed, carol.history(other_chat)[0]):
        (shared,) = shown["attachments"]
        assert (shared["id"] == file["id"], shared["file_name"]) == (False, file["file_name"])
        assert fetches(carol, shared).content == fetches(alice, file).content
        assert shown["forwarded_from"] == copy["forwarded_from"]


def test_copies_are_independent(alice: Person, bob: Person, carol: Person, question: Message, other_chat: int) -> None:
    (file,) = adds(alice, question)
    (copy,) = bob.posts(f"/messages/{question['id']}/forward", {"chat_ids": [other_chat]}).data
    alice.deletes_message(question)
    assert fetches(alice, file).status_code == 404
    shown = carol.history(other_chat)[0]
    assert (shown["content"], len(shown["attachments"])) == (copy["content"], 1)
    assert fetches(carol, shown["attachments"][0]).status_code == 200
    assert shown["forwarded_from"]["message_id"] == question["id"]
    assert bob.edits(copy, "in my words")["forwarded_from"] == copy["forwarded_from"]


def test_a_message_is_forwarded_by_sending_it(
    alice: Person, bob: Person, carol: Person, question: Message, other_chat: int
) -> None:
    his, his_too = bob.connects(), bob.social.connects()
    by_rest = bob.posts("/messages", {"receiver_id": carol.id, "forward_message_id": question["id"]})
    assert by_rest.data["forwarded_from"] == origin_of(question, alice)
    sent = {"chat_id": other_chat, "forward_message_id": question["id"], "client_message_id": "a"}
    over_socket = his.requests(sent, "message_ack")["message"]
    assert (over_socket["content"], over_socket["client_message_id"]) == (question["content"], "a")
    assert his.requests(sent, "message_ack")["message"]["id"] == over_socket["id"], "its key is one of a message"
    fields = {"conversationId": encode_chat(other_chat), "content": "", "tempId": "b"}
    fields["forwardMessageId"] = encode_message(question["id"])
    stored = his_too.requests(frame("message.send", **fields), "message.sent")["payload"]["message"]
    assert stored["forwardedFrom"]["senderId"] == alice.uuid
    assert [message["seq"] for message in carol.history(other_chat)] == [4, 3, 2, 1]


def test_the_social_route_forwards(bob: Person, carol: Person, question: Message, other_chat: int) -> None:
    body = {"conversationIds": [encode_chat(other_chat), conversation(question)]}
    path = f"/messages/{encode_message(question['id'])}/forward"
    reply = bob.social.posts(path, body, **{"Idempotency-Key": "k"})
    assert reply.status == 201
    assert [copy["conversationId"] for copy in reply.data["messages"]] == body["conversationIds"]
    again = bob.social.posts(path, body, **{"Idempotency-Key": "k"})
    assert [copy["id"] for copy in again.data["messages"]] == [copy["id"] for copy in reply.data["messages"]]
    assert "replyTo" not in reply.data["messages"][0]


@pytest.mark.parametrize("kind", ["not a member", "unknown message", "foreign chat", "unknown chat", "blocked",
                                  "deleted", "too many", "none", "not ids", "no list"])  # fmt: skip
def test_a_forward_is_refused(
    alice: Person, bob: Person, carol: Person, database: Database, question: Message, other_chat: int, kind: str
) -> None:
    mine = question["chat_id"]
    if kind == "blocked":
        carol.blocks(bob)
    if kind == "deleted":
        alice.deletes_message(question)
    who, id, chats, status, error = {
        "not a member": (carol, question["id"], [other_chat], 404, "messageNotFound"),
        "unknown message": (bob, 987_654_321, [other_chat], 404, "messageNotFound"),
        "foreign chat": (alice, question["id"], [mine, other_chat], 404, "chatNotFound"),
        "unknown chat": (alice, question["id"], [mine, 987_654_321], 404, "chatNotFound"),
        "blocked": (bob, question["id"], [mine, other_chat], 403, "blocked"),
        "deleted": (bob, question["id"], [other_chat], 409, "messageDeleted"),
        "too many": (bob, question["id"], list(range(1, MAX_TARGETS + 2)), 422, "validationFailed"),
        "none": (bob, question["id"], [], 422, "validationFailed"),
        "not ids": (bob, question["id"], [mine, "1", None], 422, "validationFailed"),
        "no list": (bob, question["id"], mine, 422, "validationFailed"),
    }[kind]
    before = database.counts()
    reply = who.posts(f"/messages/{id}/forward", {"chat_ids": chats})
    assert (reply.status, reply.error) == (status, f"marketplace.{error}")
    assert database.counts() == before, "nothing is sent, not to the other chats either"


def test_a_hundred_chats_get_a_copy_each(alice: Person, bob: Person, question: Message, database: Database) -> None:
    chats = _chats_with(database, bob, MAX_TARGETS)
    reply = bob.posts(f"/messages/{question['id']}/forward", {"chat_ids": chats})
    assert [copy["chat_id"] for copy in reply.data] == chats
    assert {copy["seq"] for copy in reply.data} == {1}


def _chats_with(database: Database, person: Person, count: int) -> list[int]:
    """So many chats of a user with others, who only have rows."""
    with database.autocommitting() as cursor:
        cursor.execute(
            "WITH others AS (INSERT INTO users (subject, username) SELECT s, s FROM (SELECT 'forward-' ||"
            " gen_random_uuid() AS s FROM generate_series(1, %s)) names RETURNING id),"
            " made AS (INSERT INTO chats (kind, pair_key) SELECT 'direct', 'direct:' || least(id, %s) || ':' ||"
            " greatest(id, %s) FROM others RETURNING id, pair_key),"
            " members AS (INSERT INTO chat_members (chat_id, user_id, role) SELECT made.id, user_id, role FROM made,"
            " LATERAL (VALUES (%s, 'buyer'), (counterpart_id(pair_key, %s), 'seller')) m (user_id, role))"
            " SELECT id FROM made ORDER BY id",
            (count, *[person.id] * 4),
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    "own",
    [
        {"content": "and this"},
        {"reply_to_id": 5},
        {"mentions": [5]},
        {"attachment_ids": [5]},
        {"original_language": "en"},
        {"message_type": "voice"},
        {"location_data": {"latitude": 1, "longitude": 2}},
    ],
)
def test_a_copy_has_nothing_of_its_own(bob: Person, question: Message, other_chat: int, own: dict[str, Any]) -> None:
    body = {"chat_id": other_chat, "forward_message_id": question["id"], **own}
    reply = bob.posts("/messages", body)
    assert (reply.status, list(reply.json["details"])) == (422, list(own))


def test_a_social_copy_has_nothing_of_its_own(bob: Person, question: Message, other_chat: int) -> None:
    body = {"content": "and this", "forwardMessageId": encode_message(question["id"]), "mentions": [bob.username]}
    reply = bob.social.posts(f"/conversations/{encode_chat(other_chat)}/messages", body)
    assert (reply.status, sorted(reply.json["error"]["details"])) == (422, ["content", "mentions"])
    unknown = {"content": "", "forwardMessageId": "nonsense"}
    assert bob.social.posts(f"/conversations/{encode_chat(other_chat)}/messages", unknown).status == 404


def test_an_erased_author_has_no_name_in_copies(
    alice: Person, bob: Person, carol: Person, question: Message, other_chat: int
) -> None:
    bob.posts(f"/messages/{question['id']}/forward", {"chat_ids": [other_chat]})
    assert carol.history(other_chat)[0]["forwarded_from"]["sender_name"] == NAME
    assert alice.server.delete(f"/api/v1/internal/users/{alice.id}", token=SERVICE_TOKEN).status == 200
    assert carol.history(other_chat)[0]["forwarded_from"]["sender_name"].startswith("deleted")
