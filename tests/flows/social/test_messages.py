"""Messages: sent once, paginated without gaps, shown in context, edited and deleted."""

from __future__ import annotations

import pytest

from tests.database import Database
from tests.host import Host
from tests.people import Person


def test_message_is_sent_and_read(alice: Person, bob: Person) -> None:
    reply = alice.social.posts(f"/conversations/{alice.social.opens(bob)['id']}/messages", {"content": "สวัสดี"})
    assert (reply.status, reply.json["message"]) == (201, "Message sent successfully")
    sent = reply.data
    assert (sent["content"], sent["isRead"], sent["senderId"], sent["seq"]) == ("สวัสดี", False, alice.uuid, 1)
    assert "readAt" not in sent
    assert "tempId" not in sent
    assert bob.social.gets(f"/messages/{sent['id']}").data == sent
    bob.social.reads(sent["conversationId"])
    (read,) = alice.social.history(sent["conversationId"])
    assert read["isRead"] is True
    assert read["readAt"] >= sent["createdAt"]
    assert bob.social.history(sent["conversationId"]) == [read]


def test_pagination_has_no_gaps_in_both_directions(alice: Person, bob: Person) -> None:
    sent = [alice.social.sends(str(number), to=bob) for number in range(7)]
    path = f"/conversations/{sent[0]['conversationId']}/messages"
    pages = bob.social.all_pages(path, "messages", limit=3)
    assert [len(page) for page in pages] == [3, 3, 1]
    newest_first = [message["id"] for page in pages for message in page]
    assert newest_first == [message["id"] for message in reversed(sent)]
    oldest = bob.social.gets(f"/messages/{sent[0]['id']}/context", before=0, after=0).data["meta"]
    assert (oldest["hasMoreBefore"], oldest["hasMoreAfter"]) == (False, True)
    upwards, cursor = [sent[0]["id"]], oldest["afterCursor"]
    while cursor:
        data = bob.social.gets(path, cursor=cursor, direction="after", limit=4).data
        upwards += [message["id"] for message in reversed(data["messages"])]
        cursor = data["meta"].get("nextCursor")
    assert upwards == newest_first[::-1]


def test_new_messages_do_not_shift_pages(alice: Person, bob: Person) -> None:
    sent = [alice.social.sends(str(number), to=bob) for number in range(6)]
    path = f"/conversations/{sent[0]['conversationId']}/messages"
    first = bob.social.gets(path, limit=3).data
    alice.social.sends("late", to=bob)
    second = bob.social.gets(path, limit=3, cursor=first["meta"]["nextCursor"]).data
    seen = [message["content"] for message in first["messages"] + second["messages"]]
    assert seen == ["5", "4", "3", "2", "1", "0"]


def test_default_limit_is_twenty_and_maximum_fifty(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    for number in range(55):
        alice.social.sends(str(number), to=conversation_id)
    path = f"/conversations/{conversation_id}/messages"
    assert len(bob.social.gets(path).data["messages"]) == 20
    assert len(bob.social.gets(path, cursor="").data["messages"]) == 20, "an empty cursor counts as absent"
    for limit in (50, 51, 10**9):
        assert len(bob.social.gets(path, limit=limit).data["messages"]) == 50


def test_message_is_shown_with_its_context(alice: Person, bob: Person) -> None:
    sent = [alice.social.sends(str(number), to=bob) for number in range(9)]
    found = bob.social.gets(f"/messages/{sent[4]['id']}/context", before=2, after=3).data
    assert found["messageId"] == sent[4]["id"]
    assert [message["content"] for message in found["messages"]] == ["7", "6", "5", "4", "3", "2"]
    assert (found["meta"]["hasMoreBefore"], found["meta"]["hasMoreAfter"]) == (True, True)
    path = f"/conversations/{sent[0]['conversationId']}/messages"
    older = bob.social.gets(path, cursor=found["meta"]["beforeCursor"]).data["messages"]
    newer = bob.social.gets(path, cursor=found["meta"]["afterCursor"], direction="after").data["messages"]
    assert [message["content"] for message in older] == ["1", "0"]
    assert [message["content"] for message in newer] == ["8"]
    whole = bob.social.gets(f"/messages/{sent[4]['id']}/context").data
    assert len(whole["messages"]) == 9
    assert whole["meta"] == {"hasMoreBefore": False, "hasMoreAfter": False}


@pytest.mark.parametrize("named", ["tempId", "Idempotency-Key"])
def test_repeated_send_creates_one_message(alice: Person, bob: Person, database: Database, named: str) -> None:
    path = f"/conversations/{alice.social.opens(bob)['id']}/messages"

    def send(content: str) -> tuple[int, str]:
        in_body = {"tempId": "t-1"} if named == "tempId" else {}
        in_header = {} if in_body else {"Idempotency-Key": "t-1"}
        reply = alice.social.posts(path, {"content": content, **in_body}, **in_header)
        return reply.status, reply.data["id"] if reply.status == 201 else reply.code

    first = send("once")
    before = database.counts()
    assert send("once") == first
    assert send("twice") == (409, "TEMP_ID_REUSED")
    assert database.counts() == before


def test_temp_id_is_visible_only_to_its_sender(alice: Person, bob: Person) -> None:
    sent = alice.social.sends("hi", to=bob, tempId="mine")
    assert sent["tempId"] == "mine"
    assert alice.social.history(sent["conversationId"])[0]["tempId"] == "mine"
    assert "tempId" not in bob.social.history(sent["conversationId"])[0]


def test_edits_and_deletions_are_pushed_to_all_devices(alice: Person, bob: Person) -> None:
    message = alice.social.sends("one", to=bob)
    devices = [alice.social.connects(), alice.social.connects(), bob.social.connects()]
    path = f"/messages/{message['id']}"
    edited = alice.social.patches(path, {"content": "two", "version": 1}).data
    assert (edited["content"], edited["isEdited"], edited["version"]) == ("two", True, 2)
    for device in devices:
        received = device.receives("message.updated")["payload"]
        assert (received["id"], received["content"], received["version"]) == (message["id"], "two", 2)
    stale = alice.social.patches(path, {"content": "three", "version": 1})
    assert (stale.status, stale.code) == (409, "STALE_EDIT")
    deleted = alice.social.deletes(path).data
    assert (deleted["content"], deleted["isDeleted"], deleted["seq"]) == ("[deleted]", True, 1)
    for device in devices:
        received = device.receives("message.deleted")["payload"]
        assert (received["messageId"], received["deletedBy"], received["version"]) == (message["id"], alice.uuid, 3)
    assert alice.social.conversations()[0]["lastMessage"]["content"] == "[deleted]"
    assert alice.social.patches(path, {"content": "late"}).code == "MESSAGE_DELETED"


def test_only_the_author_can_change_a_message(alice: Person, bob: Person) -> None:
    path = f"/messages/{alice.social.sends('one', to=bob)['id']}"
    for reply in (bob.social.patches(path, {"content": "mine"}), bob.social.deletes(path)):
        assert (reply.status, reply.code) == (403, "NOT_AUTHOR")


def test_location_message_has_its_type(alice: Person, bob: Person) -> None:
    place = {"latitude": 13.7563, "longitude": 100.5018, "address": "Bangkok"}
    alice.sends("", to=bob, message_type="location", location_data=place)
    (shown,) = bob.social.history(bob.social.opens(alice)["id"])
    assert (shown["messageType"], shown["location"]) == ("location", place)


def test_links_are_listed_as_written(alice: Person, bob: Person) -> None:
    first = alice.social.sends("see example.com/a and (https://example.org/b).", to=bob)
    bob.social.sends("nothing to see", to=alice)
    last = bob.social.sends("[this](https://example.net/c)", to=alice)
    path = f"/conversations/{first['conversationId']}/links"
    links = alice.social.gets(path).data["links"]
    assert [(link["messageId"], link["senderId"]) for link in links] == [
        (last["id"], bob.uuid),
        (first["id"], alice.uuid),
        (first["id"], alice.uuid),
    ]
    assert links[0]["url"] == "https://example.net/c"
    assert [len(page) for page in alice.social.all_pages(path, "links", limit=1)] == [1, 2]
    alice.social.patches(f"/messages/{first['id']}", {"content": "gone"})
    bob.social.deletes(f"/messages/{last['id']}")
    assert alice.social.gets(path).data == {"links": [], "meta": {"hasMore": False}}


def test_non_members_find_nothing(alice: Person, bob: Person, carol: Person) -> None:
    message = alice.social.sends("ours", to=bob)
    for path in ("messages", "links"):
        reply = carol.social.gets(f"/conversations/{message['conversationId']}/{path}")
        assert (reply.status, reply.code) == (404, "CONVERSATION_NOT_FOUND")
    for path in ("", "/context"):
        reply = carol.social.gets(f"/messages/{message['id']}{path}")
        assert (reply.status, reply.code) == (404, "MESSAGE_NOT_FOUND")


def test_marketplace_chat_continues_in_the_social_dialect(alice: Person, bob: Person, host: Host) -> None:
    item = host.lists("Lamp", seller=bob)
    hers, his = alice.connects(), bob.social.connects()
    first = alice.sends("Still there?", listing_id=item, client_message_id="same-key")
    delivered = his.receives("message.new")["payload"]
    assert (delivered["content"], delivered["seq"]) == ("Still there?", 1)
    answer = bob.social.sends("Yes", to=delivered["conversationId"])
    received = hers.receives("new_message", chat_id=first["chat_id"])
    received = received if received["message"]["seq"] == 2 else hers.receives("new_message", chat_id=first["chat_id"])
    assert (received["message"]["content"], received["message"]["sender_id"]) == ("Yes", bob.id)
    assert hers.receives("unread_count", payload={"count": 1})
    assert alice.unread() == alice.social.unread() == 1
    alice.reads(received["message"])
    read = his.receives("message.read", messageId=answer["id"])["payload"]
    assert (read["readBy"], read["conversationId"]) == (alice.uuid, delivered["conversationId"])
    assert alice.unread() == alice.social.unread() == 0
    again = alice.social.posts(
        f"/conversations/{delivered['conversationId']}/messages", {"content": "Still there?", "tempId": "same-key"}
    )
    assert (again.status, again.data["id"]) == (201, delivered["id"]), "idempotency keys are shared by all dialects"
