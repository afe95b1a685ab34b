"""A shadow-banned user notices nothing, and no one else sees what they write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.database import Database
from tests.host import Host
from tests.people import Person, PersonMaker


@pytest.fixture
def mallory(make_person: PersonMaker, bob: Person, moderators: Host) -> Iterator[Person]:
    """A user who has written to bob, and was shadow-banned after that."""
    mallory = make_person("mallory")
    mallory.sends("before", to=bob)
    moderators.bans(mallory, is_shadow=True, reason="spam")
    yield mallory
    moderators.unbans(mallory)


def view(person: Person, chat_id: int) -> dict[str, Any]:
    """All that a user reads about a chat, in both dialects."""
    conversation = person.social.conversations()
    return {
        "history": person.history(chat_id),
        "chat": person.chat(chat_id),
        "unread": (person.unread(), person.social.unread()),
        "conversations": [{**one, "otherUser": None} for one in conversation],
        "social": person.social.history(conversation[0]["id"]),
        "media": person.social.gets(f"/conversations/{conversation[0]['id']}/media").data,
        "links": person.social.gets(f"/conversations/{conversation[0]['id']}/links").data,
    }


def test_no_one_else_sees_anything_of_it(mallory: Person, bob: Person, database: Database) -> None:
    (before,) = bob.history(chat_id := mallory.chats()[0]["id"])
    his, his_too = bob.connects(), bob.social.connects()
    hers, hers_too = mallory.connects(), mallory.social.connects()
    cursor = bob.cursor(chat_id)
    seen = view(bob, chat_id)

    hers.sends({"type": "message", "chat_id": chat_id, "content": "see https://bad.example", "client_message_id": "1"})
    message = hers.receives("message_ack")["message"]
    hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    mallory.edits(before, "changed")
    mallory.edits(message, "changed, too")
    mallory.sends("more", chat_id=chat_id)
    hers.pings()

    assert hers_too.receives("message.new")["payload"]["content"] == "see https://bad.example"
    assert view(bob, chat_id) == seen
    his.pings()
    his_too.pings()
    assert {frame["type"] for frame in [*his.unclaimed, *his_too.unclaimed]} <= {"user_online", "user.online"}
    missed = bob.catches_up(cursor)
    assert (missed["messages"], missed["changes"], missed["chats"]) == ([], [], {})
    path = f"/messages/{message['id']}/history"
    assert (bob.gets(path).status, bob.gets(path).error) == (404, "marketplace.messageNotFound")
    assert database.rows("SELECT 1 FROM messages WHERE id = %s", message["id"]) == []
    assert database.rows("SELECT 1 FROM outbox WHERE events LIKE %s", f"%{message['id']}%") == []


def test_the_author_sees_it_everywhere(mallory: Person, bob: Person) -> None:
    chat_id = mallory.chats()[0]["id"]
    cursor = mallory.cursor(chat_id)
    first, second = mallory.connects(), mallory.social.connects()
    conversation = mallory.social.opens(bob)["id"]
    payload = {"conversationId": conversation, "content": "hello?", "tempId": "t1"}
    second.sends({"type": "message.send", "payload": payload})
    acknowledged = second.receives("message.sent")["payload"]
    assert (acknowledged["tempId"], acknowledged["message"]["content"]) == ("t1", "hello?")
    second.receives_no("message.new", second.pings)
    message = first.receives("new_message")["message"]
    assert (message["content"], message["is_read"]) == ("hello?", False)
    assert second.receives("conversation.updated")["payload"]["lastMessage"]["content"] == "hello?"
    assert [one["content"] for one in mallory.history(chat_id)] == ["hello?", "before"]
    assert [one["content"] for one in mallory.social.history(conversation)] == ["hello?", "before"]
    assert mallory.chat(chat_id)["last_message"]["content"] == "hello?"
    shown = mallory.social.gets(f"/messages/{acknowledged['message']['id']}").data
    assert shown["content"] == "hello?"
    context = mallory.social.gets(f"/messages/{acknowledged['message']['id']}/context").data
    assert [one["content"] for one in context["messages"]] == ["hello?", "before"]
    missed = mallory.catches_up(cursor)
    assert [one["content"] for one in missed["messages"]] == ["hello?"]
    again = mallory.posts("/messages", {"chat_id": chat_id, "content": "once", "client_message_id": "t2"}).data
    assert mallory.posts("/messages", {"chat_id": chat_id, "content": "once", "client_message_id": "t2"}).data == again

    deleted = mallory.deletes_message(message)
    assert (deleted["is_deleted"], deleted["id"]) == (True, message["id"])
    assert first.receives("message_deleted")["message_id"] == message["id"]
    assert second.receives("message.deleted")["payload"]["messageId"] == acknowledged["message"]["id"]


def test_a_first_message_opens_no_chat_for_the_other(mallory: Person, carol: Person) -> None:
    socket = carol.social.connects()
    message = mallory.sends("hello", to=carol)
    assert message["chat_id"] in [chat["id"] for chat in mallory.chats()]
    assert mallory.history(message["chat_id"])[0]["content"] == "hello"
    assert carol.chats() == []
    assert carol.unread() == 0
    socket.receives_no("message.new", socket.pings)


def test_after_the_ban_messages_are_seen_again(mallory: Person, bob: Person, moderators: Host) -> None:
    chat_id = mallory.chats()[0]["id"]
    mallory.sends("unseen", chat_id=chat_id)
    moderators.unbans(mallory)
    socket = bob.connects()
    mallory.sends("seen", chat_id=chat_id)
    assert socket.receives("new_message")["message"]["content"] == "seen"
    assert [one["content"] for one in bob.history(chat_id)] == ["seen", "before"]
    assert [one["content"] for one in mallory.history(chat_id)] == ["seen", "unseen", "before"]
    assert bob.unread() == 2
