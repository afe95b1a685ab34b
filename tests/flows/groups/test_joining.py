"""What members see of the time before they joined, and after they left: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.ids.public import encode_file, encode_message
from tests.flows.attachments.words import adds
from tests.flows.groups.conftest import Group
from tests.people import Person
from tests.servers import Reply

BEFORE = "canary-before"


@pytest.fixture
def joined(group: Group) -> dict[str, Any]:
    """The message from before dave joined, with a link and a file."""
    message = group.says(f"{BEFORE} https://example.com")
    file = adds(group.alice, message)[0]
    group.adds(group.dave)
    return {**message, "file": file["id"]}


def everything(person: Person, group: Group) -> str:
    """All that a person can read of a group, in both dialects."""
    conversation = f"/conversations/{group.uuid}"
    replies = [
        person.gets(""),
        person.gets(group.path),
        person.gets("/messages", chat_id=group.id),
        person.gets("/messages/since", since="2024-01-01T00:00:00Z"),
        person.social.gets("/conversations"),
        *(person.social.gets(f"{conversation}/{what}") for what in ("messages", "links", "media", "files")),
    ]
    return "".join(reply.text for reply in replies)


def test_pages_lists_and_catch_ups_begin_with_the_join(group: Group, joined: dict[str, Any]) -> None:
    found = everything(group.dave, group)
    assert BEFORE not in found
    assert "example.com" not in found
    assert str(joined["file"]) not in found and encode_file(joined["file"]) not in found
    page = group.dave.gets("/messages", chat_id=group.id).data
    assert [message["system"]["event"] for message in page["messages"]] == ["member_added"]
    assert page["total"] == 1
    assert group.dave.chat(group.id)["unread_count"] == 1
    assert BEFORE in everything(group.bob, group)


ASKED: dict[str, Callable[[Person, dict[str, Any]], Reply]] = {
    "history": lambda who, message: who.gets(f"/messages/{message['id']}/history"),
    "message": lambda who, message: who.social.gets(f"/messages/{encode_message(message['id'])}"),
    "context": lambda who, message: who.social.gets(f"/messages/{encode_message(message['id'])}/context"),
    "files": lambda who, message: who.social.gets(f"/messages/{encode_message(message['id'])}/attachments"),
    "download": lambda who, message: who.gets(f"/attachments/{message['file']}/download"),
    "social download": lambda who, message: who.social.gets(f"/files/{encode_file(message['file'])}"),
}


@pytest.mark.parametrize("asked", ASKED)
def test_an_earlier_message_does_not_exist(group: Group, joined: dict[str, Any], asked: str) -> None:
    assert ASKED[asked](group.bob, joined).status == 200
    missing = {"id": joined["id"] + 1, "file": joined["file"] + 1}
    refused, unknown = (ASKED[asked](group.dave, message) for message in (joined, missing))
    assert refused.status == unknown.status == 404
    assert refused.json.get("error") == unknown.json.get("error")


def test_changes_of_earlier_messages_are_not_caught_up(group: Group, joined: dict[str, Any]) -> None:
    cursor = group.dave.cursor(group.id)
    group.alice.edits(joined, f"{BEFORE} edited")
    later = group.says("later")
    group.alice.edits(later, "later, edited")
    missed = group.dave.catches_up(cursor)
    assert [message["content"] for message in missed["messages"]] == ["later, edited"]
    assert BEFORE not in str(missed)
    of_bob = group.bob.gets("/messages/since", since="2024-01-01T00:00:00Z").text
    assert f"{BEFORE} edited" in of_bob


def test_live_changes_of_earlier_messages_are_versions_only(group: Group, joined: dict[str, Any]) -> None:
    socket, social = group.dave.connects(), group.dave.social.connects()
    group.alice.edits(joined, f"{BEFORE} edited")
    group.alice.deletes_message(joined)
    group.says("later")
    versions = [frame["version"] for frame in socket.receives_all("chat_advanced", 2)]
    last = socket.receives("new_message")["version"]
    assert versions == [last - 2, last - 1]
    social.receives("message.new")
    assert BEFORE not in str([*socket.received, *social.received])
    assert str(joined["id"]) not in str(socket.received)


def test_who_left_sees_nothing_any_more(group: Group) -> None:
    message = {**group.says(BEFORE), "file": 0}
    message["file"] = adds(group.alice, message)[0]["id"]
    own = group.says("by bob", by=group.bob)
    group.says("unread")
    assert group.bob.unread() == 1
    assert group.bob.posts(f"{group.path}/leave").data == {"message": "marketplace.groupLeft"}
    group.says("after")
    replies = [
        group.bob.gets("/messages", chat_id=group.id),
        group.bob.gets("/messages/since", since="2024-01-01T00:00:00Z", chat_id=group.id),
        group.bob.gets(group.path),
        group.bob.gets(f"{group.path}/members"),
        group.bob.patches(f"/messages/{own['id']}", {"content": "edited"}),
        group.bob.deletes(f"/messages/{own['id']}"),
        group.bob.posts("/messages", {"chat_id": group.id, "content": "hi"}),
        group.bob.puts("/messages/read", {"chat_id": group.id, "message_ids": [message["id"]]}),
        group.bob.social.gets(f"/conversations/{group.uuid}/messages"),
        *(group.bob.posts(f"/{group.id}/{verb}") for verb in ("archive", "mute", "pin")),
        *(ask(group.bob, message) for ask in ASKED.values()),
    ]
    assert {reply.status for reply in replies} == {404}
    assert group.bob.chats() == [] and group.bob.social.conversations() == []
    assert group.bob.unread() == 0
    assert BEFORE not in group.bob.gets("/messages/since", since="2024-01-01T00:00:00Z").text
    seen = [message["content"] or message["system"]["event"] for message in group.carol.history(group.id)]
    assert seen == ["after", "left", "unread", "by bob", BEFORE, "created"]


def test_who_comes_back_sees_what_follows(group: Group) -> None:
    group.says(BEFORE)
    cursor = group.bob.cursor(group.id)
    group.removes(group.bob)
    group.says("meanwhile")
    group.adds(group.bob)
    group.says("again")
    missed = group.bob.catches_up(cursor)
    assert [change["type"] for change in missed["changes"]] == ["chat_left"]
    assert missed["changes"][0]["removed_by"] == group.alice.id
    assert [message["content"] or message["system"]["event"] for message in missed["messages"]] == [
        "member_added", "again"
    ]  # fmt: skip
    assert missed["chats"][group.id]["unread_count"] == 2
    found = everything(group.bob, group)
    assert BEFORE not in found and "meanwhile" not in found


def test_a_stranger_gets_the_same_as_for_no_group(group: Group) -> None:
    nothing = group.alice.sends("a chat of two", to=group.bob)["chat_id"]
    paths = {"group": group.id, "missing": group.id + 1, "of two": nothing}
    bodies = {}
    for name, id in paths.items():
        who = group.alice if name == "of two" else group.dave
        replies = [
            who.gets(f"/groups/{id}"),
            who.patches(f"/groups/{id}", {"title": "x"}),
            who.gets(f"/groups/{id}/members"),
            who.posts(f"/groups/{id}/members", {"user_ids": [group.dave.id]}),
            who.deletes(f"/groups/{id}/members/{group.bob.id}"),
            who.patches(f"/groups/{id}/members/{group.bob.id}", {"role": "admin"}),
            who.posts(f"/groups/{id}/leave"),
        ]
        assert {reply.status for reply in replies} == {404}
        bodies[name] = [{**reply.json, "request_id": None} for reply in replies]
    assert bodies["group"] == bodies["missing"] == bodies["of two"]
