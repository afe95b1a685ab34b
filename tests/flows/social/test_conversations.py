"""Conversations: created, listed, read and removed."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.database import Database
from tests.host import Host
from tests.people import Person, PersonMaker


def test_conversation_is_created_once(alice: Person, bob: Person) -> None:
    created = alice.social.opens(bob)
    assert created["otherUser"]["username"] == bob.username
    assert (created["lastMessage"], created["unreadCount"], created["isBlocked"], created["item"]) == (
        None,
        0,
        False,
        None,
    )
    assert alice.social.opens(bob)["id"] == bob.social.opens(alice)["id"] == created["id"]


def test_concurrent_opens_create_one_conversation(alice: Person, make_person: PersonMaker) -> None:
    others = [make_person("other") for _ in range(5)]
    with ThreadPoolExecutor(4) as pool:
        for other in others:
            asked = [pool.submit(person.social.opens, who) for person, who in ((alice, other), (other, alice)) * 2]
            assert len({one.result()["id"] for one in asked}) == 1


def test_list_is_ordered_by_last_activity(alice: Person, make_person: PersonMaker) -> None:
    others = [make_person(f"other{number}") for number in range(5)]
    for other in [*others, others[2]]:
        alice.social.sends(f"hi {other.username}", to=other)
    names = [conversation["otherUser"]["username"] for conversation in alice.social.conversations()]
    assert names == [others[number].username for number in (2, 4, 3, 1, 0)]
    (first, *_) = alice.social.conversations()
    assert first["lastMessage"]["senderId"] == alice.uuid
    assert first["updatedAt"] == first["lastMessage"]["createdAt"]
    walked = alice.social.all_pages("/conversations", "conversations", limit=2)
    assert [len(page) for page in walked] == [2, 2, 1]
    assert [one["otherUser"]["username"] for page in walked for one in page] == names


def test_conversations_that_move_between_pages_appear_once(alice: Person, make_person: PersonMaker) -> None:
    others = [make_person(f"other{number}") for number in range(4)]
    for other in others:
        alice.social.sends("hi", to=other)
    first = alice.social.gets("/conversations", limit=2).data
    others[3].social.sends("back", to=alice)  # already the newest, so it stays on the first page
    alice.social.deletes(f"/conversations/{first['conversations'][1]['id']}")  # the conversation of the cursor
    second = alice.social.gets("/conversations", limit=2, cursor=first["meta"]["nextCursor"]).data
    seen = [one["otherUser"]["username"] for one in first["conversations"] + second["conversations"]]
    assert seen == [others[number].username for number in (3, 2, 1, 0)]
    assert second["meta"] == {"hasMore": False}


def test_unread_counts_per_conversation_and_in_total(alice: Person, bob: Person, carol: Person) -> None:
    for number in range(3):
        last = bob.social.sends(str(number), to=alice)
    carol.social.sends("hi", to=alice)
    assert alice.social.unread() == 4
    assert [one["unreadCount"] for one in alice.social.conversations()] == [1, 3]
    assert alice.social.conversations()[1]["lastMessage"]["isRead"] is False
    conversation_id = last["conversationId"]
    second = alice.social.history(conversation_id)[1]
    assert alice.social.reads(conversation_id, second) == 2
    assert alice.social.reads(conversation_id, second) == 0
    assert alice.social.unread() == 2
    assert alice.social.reads(conversation_id) == 1
    assert alice.social.conversations()[1]["lastMessage"]["isRead"] is True
    assert bob.social.conversations()[0]["lastMessage"]["isRead"] is True


def test_conversation_about_an_item_shows_the_item(alice: Person, bob: Person, host: Host) -> None:
    item = host.lists("Lamp", seller=bob, price=12.5, currency="EUR", image_url="https://example.com/lamp.jpg")
    alice.sends("Still there?", listing_id=item)
    (found,) = bob.social.conversations()
    assert found["item"] == {
        "type": "listing",
        "id": item,
        "title": "Lamp",
        "imageUrl": "https://example.com/lamp.jpg",
        "price": 12.5,
        "currency": "EUR",
        "isDeleted": False,
    }
    assert bob.social.opens(alice)["id"] != found["id"], "the direct conversation is a different one"
    host.deletes("listing", item)
    about = next(one["item"] for one in bob.social.conversations() if one["item"])
    assert (about["title"], about["price"], about["isDeleted"]) == ("Lamp", None, True)


def test_archived_conversations_are_hidden_and_return(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    alice.posts(f"/{message['chat_id']}/archive")
    assert alice.social.conversations() == []
    bob.social.sends("hi", to=alice)
    assert len(alice.social.conversations()) == 1


def test_removed_conversation_disappears_for_both(
    alice: Person, bob: Person, carol: Person, database: Database
) -> None:
    canary = uuid.uuid4().hex
    message = alice.social.sends(canary, to=bob)
    path = f"/conversations/{message['conversationId']}"
    refused = carol.social.deletes(path)
    assert (refused.status, refused.code) == (404, "CONVERSATION_NOT_FOUND")
    his = bob.social.connects()
    assert alice.social.deletes(path).json == {
        "success": True,
        "message": "Conversation deleted successfully",
        "data": None,
    }
    received = his.receives("conversation.deleted")["payload"]
    assert (received["conversationId"], received["deletedBy"]) == (message["conversationId"], alice.uuid)
    for person in (alice, bob):
        assert person.social.conversations() == []
        assert person.social.gets(f"{path}/messages").code == "CONVERSATION_NOT_FOUND"
    assert alice.social.deletes(path).status == 200, "repeated by a former member"
    assert database.rows("SELECT count(*) FROM messages WHERE content = %s", canary) == [(0,)]


@pytest.mark.parametrize("change", [str.upper, str.title])
def test_usernames_are_case_insensitive(alice: Person, bob: Person, change: type[str]) -> None:
    path = f"/conversations/with/{change(bob.username)}"  # type: ignore[arg-type]
    assert alice.social.gets(path).data["otherUser"]["username"] == bob.username


def test_usernames_with_dots_are_found(alice: Person, make_person: PersonMaker) -> None:
    dotted = make_person("b.o.b")
    assert alice.social.opens(dotted)["otherUser"]["id"] == dotted.uuid


def test_name_and_picture_come_from_the_profile(alice: Person, bob: Person) -> None:
    other = alice.social.opens(bob)["otherUser"]
    assert other == {
        "id": bob.uuid,
        "username": bob.username,
        "displayName": "bob",
        "avatar": "",
        "isOnline": False,
    }
    alice.social.sends("hi", to=bob)
    bob.social.connects()
    assert alice.social.opens(bob)["otherUser"]["isOnline"] is True
