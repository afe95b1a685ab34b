"""What groups refuse: each with a clear error in the form of the dialect, and without a change."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chatapp.actions.groups.rules import MAX_NAMED
from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.flows.attachments.words import PDF, PNG, adds, named, uploads
from tests.flows.groups.conftest import Group
from tests.flows.members.larger_chats import make_larger_chat
from tests.people import Person, PersonMaker

MISSING = 987_654_321
TITLES: list[Any] = ["", " \t ", "\u202e\u202d\u2066", "\u200b", "x" * 101, "x" * 10_000, "a\x00b", None, 7, ["x"], {}]


@pytest.mark.parametrize("title", TITLES)
def test_titles(group: Group, database: Database, title: Any) -> None:
    before = database.counts()
    replies = [
        group.alice.posts("/groups", {"title": title}),
        group.alice.patches(group.path, {"title": title}),
        group.alice.social.posts("/groups", {"title": title}),
        group.alice.social.patches(group.social_path, {"title": title}),
    ]
    assert [reply.status for reply in replies] == [422] * 4
    assert all(list(reply.json["details"]) == ["title"] for reply in replies[:2])
    assert all(list(reply.json["error"]["details"]) == ["title"] for reply in replies[2:])
    assert database.counts() == before


@pytest.mark.parametrize(
    ("title", "stored"),
    [
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("a\u2066b\u2069\u200f", "ab"),
        (" a \n\t b ", "a b"),
        ("<b>bold</b> & co", "<b>bold</b> & co"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("ส" * 100, "ส" * 100),
    ],
)
def test_titles_are_one_line_of_plain_text(group: Group, title: str, stored: str) -> None:
    assert group.alice.patches(group.path, {"title": title}).data["title"] == stored
    assert group.bob.history(group.id)[0]["system"]["title"] == stored


BODIES: list[tuple[str, str, Any]] = [
    ("POST", "", {}),
    ("POST", "", {"title": "x", "member_ids": "all"}),
    ("POST", "", {"title": "x", "member_ids": [0]}),
    ("POST", "", {"title": "x", "member_ids": ["1"]}),
    ("POST", "", {"title": "x", "member_ids": list(range(1, MAX_NAMED + 2))}),
    ("POST", "", {"title": "x", "usernames": [1]}),
    ("POST", "", {"title": "x", "owner": 1}),
    ("PATCH", "/{id}", {"picture_attachment_id": "x"}),
    ("PATCH", "/{id}", {"picture_attachment_id": 0}),
    ("PATCH", "/{id}", {"kind": "direct"}),
    ("POST", "/{id}/members", {}),
    ("POST", "/{id}/members", {"user_ids": []}),
    ("POST", "/{id}/members", {"usernames": []}),
    ("POST", "/{id}/members", {"user_ids": [], "usernames": []}),
    ("POST", "/{id}/members", {"usernames": [None]}),
    ("POST", "/{id}/members", {"user_ids": [1.5]}),
    ("POST", "/{id}/members", {"user_ids": list(range(1, MAX_NAMED + 2))}),
    ("PATCH", "/{id}/members/{bob}", {}),
    ("PATCH", "/{id}/members/{bob}", {"role": "king"}),
    ("PATCH", "/{id}/members/{bob}", {"role": None}),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_bodies(group: Group, database: Database, method: str, path: str, body: Any) -> None:
    before = database.counts()
    where = "/api/v1/marketplace/chat/groups" + path.format(id=group.id, bob=group.bob.id)
    reply = group.alice.server.request(method, where, token=group.alice.token, json=body)
    assert (reply.status, reply.error) == (422, "marketplace.validationFailed")
    assert database.counts() == before


def test_unknown_people(group: Group, database: Database) -> None:
    before = database.counts()
    alice = group.alice
    for reply in (
        alice.posts("/groups", {"title": "x", "member_ids": [group.dave.id, MISSING]}),
        alice.posts(f"{group.path}/members", {"user_ids": [group.dave.id, MISSING]}),
        alice.posts(f"{group.path}/members", {"user_ids": [group.dave.id], "usernames": ["no-such-user"]}),
    ):
        assert (reply.status, reply.error) == (404, "marketplace.userNotFound")
    for path in ("/groups", f"{group.social_path}/members"):
        body = {"usernames": [group.dave.username, "no-such-user"], **({"title": "x"} if path == "/groups" else {})}
        reply = alice.social.posts(path, body)
        assert (reply.status, reply.json["error"]["code"]) == (404, "USER_NOT_FOUND")
    for reply in (
        alice.deletes(f"{group.path}/members/{group.dave.id}"),
        alice.patches(f"{group.path}/members/{MISSING}", {"role": "admin"}),
    ):
        assert (reply.status, reply.error) == (404, "marketplace.memberNotFound")
    for who in (group.dave.uuid, "no-such-user", "%00", "x" * 300):
        reply = alice.social.deletes(f"{group.social_path}/members/{who}")
        assert (reply.status, reply.json["error"]["code"]) == (404, "MEMBER_NOT_FOUND"), who
    assert database.counts() == before


def test_no_one_is_added_against_a_block(group: Group, database: Database) -> None:
    group.dave.blocks(group.alice)
    before = database.counts()
    for reply in (
        group.alice.posts(f"{group.path}/members", {"user_ids": [group.dave.id]}),
        group.alice.posts("/groups", {"title": "x", "member_ids": [group.dave.id]}),
    ):
        assert (reply.status, reply.error) == (403, "marketplace.blocked")
    assert database.counts() == before
    group.alice.patches(f"{group.path}/members/{group.bob.id}", {"role": "admin"})
    assert group.bob.posts(f"{group.path}/members", {"user_ids": [group.dave.id]}).status == 200


def test_members_without_a_role(group: Group, database: Database) -> None:
    before = database.counts()
    bob = group.bob
    for reply in (
        bob.patches(group.path, {"title": "Mine"}),
        bob.posts(f"{group.path}/members", {"user_ids": [group.dave.id]}),
        bob.deletes(f"{group.path}/members/{group.carol.id}"),
        bob.patches(f"{group.path}/members/{bob.id}", {"role": "owner"}),
        bob.deletes(f"/{group.id}"),
    ):
        assert (reply.status, reply.error) == (403, "marketplace.roleTooLow")
    assert database.counts() == before


def test_the_last_owner_keeps_the_role(group: Group, database: Database) -> None:
    before = database.counts()
    reply = group.alice.patches(f"{group.path}/members/{group.alice.id}", {"role": "member"})
    assert (reply.status, reply.error) == (409, "marketplace.lastOwner")
    assert database.counts() == before


def test_pictures(group: Group, database: Database) -> None:
    alice, bob = group.alice, group.bob
    document = uploads(alice, named("a.pdf", PDF))[0]["id"]
    foreign = uploads(bob)[0]["id"]
    sent = adds(alice, group.says("look"), named("a.png", PNG))[0]["id"]
    before = database.counts()
    for id, error in (
        (document, "validationFailed"), (foreign, "attachmentNotFound"), (sent, "attachmentNotFound"),
        (MISSING, "attachmentNotFound"),
    ):  # fmt: skip
        reply = alice.patches(group.path, {"picture_attachment_id": id, "title": "Not this either"})
        assert (reply.status, reply.error) == (422, f"marketplace.{error}"), id
        assert list(reply.json["details"]) == ["picture_attachment_id"]
    reply = alice.social.patches(group.social_path, {"pictureAttachmentId": "no-uuid"})
    assert (reply.status, reply.json["error"]["code"]) == (422, "ATTACHMENT_NOT_FOUND")
    assert list(reply.json["error"]["details"]) == ["pictureAttachmentId"]
    assert database.counts() == before


def test_system_messages_cannot_be_sent_edited_or_deleted(group: Group, database: Database) -> None:
    message = group.alice.history(group.id)[0]
    before = database.counts()
    alice = group.alice
    shown = encode_message(message["id"])
    for reply in (
        alice.patches(f"/messages/{message['id']}", {"content": "x"}),
        alice.deletes(f"/messages/{message['id']}"),
        alice.server.post(
            f"/api/v1/marketplace/chat/messages/{message['id']}/attachments", token=alice.token, files=[named("a")]
        ),
    ):
        assert (reply.status, reply.error) == (403, "marketplace.systemMessage")
    assert alice.social.deletes(f"/messages/{shown}").json["error"]["code"] == "SYSTEM_MESSAGE"
    sent = alice.posts("/messages", {"chat_id": group.id, "content": "x", "message_type": "system"})
    assert (sent.status, list(sent.json["details"])) == (422, ["message_type"])
    assert group.bob.patches(f"/messages/{message['id']}", {"content": "x"}).error == "marketplace.notAuthor"
    assert database.counts() == before


def test_member_1001_is_refused_however_many_try(
    alice: Person, bob: Person, make_person: PersonMaker, database: Database
) -> None:
    chat_id = make_larger_chat(database, [alice.id, bob.id], members=996)
    latecomers = [make_person("late") for _ in range(8)]

    def add(person: Person) -> str | None:
        return alice.posts(f"/groups/{chat_id}/members", {"user_ids": [person.id]}).json.get("error")

    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(add, latecomers))
    assert found == {None: 4, "marketplace.groupFull": 4}
    assert alice.gets(f"/groups/{chat_id}").data["member_count"] == 1000
    assert database.rows("SELECT count(*) FROM chat_members WHERE chat_id = %s", chat_id) == [(1000,)]
    reply = alice.social.posts(f"/groups/{encode_chat(chat_id)}/members", {"usernames": [make_person().username]})
    assert (reply.status, reply.json["error"]["code"]) == (409, "GROUP_FULL")
