"""Frames of the social dialect, and who receives them."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.people import Person, Socket
from tests.servers import await_true
from tests.social_api import SOCIAL, frame

PATH = f"{SOCIAL}/ws"


def by_ticket(person: Person) -> Socket:
    return Socket(person.server, query=f"?ticket={person.social.posts('/ws-ticket').data['ticket']}", path=PATH)


def by_token(person: Person) -> Socket:
    return Socket(person.server, query=f"?token={person.token}", path=PATH)


def by_subprotocol(person: Person) -> Socket:
    return Socket(person.server, subprotocols=["access_token", person.token], path=PATH)


def by_first_frame(person: Person) -> Socket:
    socket = Socket(person.server, path=PATH)
    socket.sends(frame("auth", token=person.token))
    return socket


@pytest.mark.parametrize("opened", [by_ticket, by_token, by_subprotocol, by_first_frame])
def test_all_four_ways_to_authenticate_are_greeted(alice: Person, opened: type[Socket]) -> None:
    socket = opened(alice)  # type: ignore[arg-type]
    alice.sockets.append(socket)
    greeting = socket.receives("connected")["payload"]
    assert greeting["userId"] == alice.uuid
    assert abs(dt.datetime.fromisoformat(greeting["timestamp"]) - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=10)
    again = socket.requests(frame("auth", token=alice.token), "error")["payload"]
    assert again["code"] == "ALREADY_AUTHENTICATED"


def test_ticket_opens_one_socket_in_either_dialect(alice: Person) -> None:
    ticket = alice.social.posts("/ws-ticket").data
    assert ticket["expiresIn"] == 30
    assert Socket(alice.server, query=f"?ticket={ticket['ticket']}").is_admitted()
    assert not Socket(alice.server, query=f"?ticket={ticket['ticket']}", path=PATH).is_admitted()


def test_sending_socket_receives_sent_and_others_receive_new(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    sending, other, old, his = (
        alice.social.connects(), alice.social.connects(), alice.connects(), bob.social.connects()
    )  # fmt: skip
    sent = sending.requests(
        frame("message.send", conversationId=conversation_id, content="hi", tempId="t-1"), "message.sent"
    )["payload"]
    message = sent["message"]
    assert (sent["tempId"], message["tempId"], message["content"]) == ("t-1", "t-1", "hi")
    assert message["sender"]["isOnline"] is True
    for socket in (other, his):
        delivered = socket.receives("message.new")["payload"]
        assert {**delivered, "tempId": "t-1"} == message
        assert "tempId" not in delivered
        socket.receives_no("message.sent", until=socket.pings)
    assert old.receives("new_message")["message"]["seq"] == message["seq"]
    sending.receives_no("message.new", until=sending.pings)


def test_message_sent_over_rest_is_pushed_to_all_devices(alice: Person, bob: Person) -> None:
    devices = [alice.social.connects(), bob.social.connects()]
    sent = alice.social.sends("hi", to=bob)
    for device in devices:
        assert device.receives("message.new")["payload"]["id"] == sent["id"]


def test_repeated_temp_id_returns_the_first_message(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    socket, his = alice.social.connects(), bob.social.connects()
    send = frame("message.send", conversationId=conversation_id, content="hi", tempId="t-1")
    first, second = socket.requests(send, "message.sent"), socket.requests(send, "message.sent")
    assert first == second
    his.receives("message.new")
    his.receives_no("message.new", until=his.pings)
    other = socket.requests(frame("message.send", conversationId=conversation_id, content="x", tempId="t-1"),
                        "message.error")["payload"]  # fmt: skip
    assert (other["tempId"], other["code"]) == ("t-1", "TEMP_ID_REUSED")
    assert other["error"] == "This key was already used for another message."


def test_messages_of_one_socket_keep_their_order(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    socket, his = alice.social.connects(), bob.social.connects()
    for number in range(50):
        socket.sends(frame("message.send", conversationId=conversation_id, content=str(number)))
    wanted = [str(number) for number in range(50)]
    assert [received["payload"]["message"]["content"] for received in socket.receives_all("message.sent", 50)] == wanted
    delivered = [received["payload"] for received in his.receives_all("message.new", 50)]
    assert [message["content"] for message in delivered] == wanted
    assert [message["version"] for message in delivered] == list(range(1, 51))


def test_messages_are_edited_and_deleted_over_the_socket(alice: Person, bob: Person) -> None:
    message = alice.social.sends("one", to=bob)
    hers, his = alice.social.connects(), bob.social.connects()
    hers.sends(frame("message.edit", messageId=message["id"], content="two"))
    hers.sends(frame("message.delete", messageId=message["id"]))
    for socket in (hers, his):
        assert socket.receives("message.updated")["payload"]["content"] == "two"
        assert socket.receives("message.deleted")["payload"]["messageId"] == message["id"]
    refused = his.requests(frame("message.delete", messageId=message["id"]), "error")["payload"]
    assert refused["code"] == "NOT_AUTHOR"


@pytest.mark.parametrize("names_message", [True, False])
def test_read_receipt_is_pushed_to_both(alice: Person, bob: Person, names_message: bool) -> None:
    message = alice.social.sends("one", to=bob)
    hers, his, elsewhere = alice.social.connects(), bob.social.connects(), bob.social.connects()
    named = {"messageId": message["id"]} if names_message else {}
    his.sends(frame("message.read", conversationId=message["conversationId"], **named))
    for socket in (hers, his, elsewhere):
        received = socket.receives("message.read")["payload"]
        assert (received["conversationId"], received["messageId"]) == (message["conversationId"], message["id"])
        assert (received["readBy"], received["upToSeq"]) == (bob.uuid, 1)
    (read,) = alice.social.history(message["conversationId"])
    assert read["readAt"] == received["readAt"]


def test_typing_is_pushed_only_to_the_other(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.sends("hi", to=bob)["conversationId"]
    hers, elsewhere, his = alice.social.connects(), alice.social.connects(), bob.social.connects()
    hers.sends(frame("typing", conversationId=conversation_id, isTyping=True))
    received = his.receives("typing")["payload"]
    assert received == {"conversationId": conversation_id, "userId": alice.uuid, "isTyping": True, "version": 1}
    hers.sends(frame("typing", conversationId=conversation_id, isTyping=False))
    his.receives("typing", isTyping=False)
    for socket in (hers, elsewhere):
        socket.receives_no("typing", until=socket.pings)


def test_presence_is_pushed_to_partners(alice: Person, bob: Person, carol: Person) -> None:
    alice.social.sends("hi", to=bob)
    his, strange = bob.social.connects(), carol.social.connects()
    hers = alice.social.connects()
    assert his.receives("user.online")["payload"] == {"userId": alice.uuid}
    assert bob.social.opens(alice)["otherUser"]["isOnline"] is True
    hers.closes()
    gone = his.receives("user.offline")["payload"]
    assert gone["userId"] == alice.uuid
    assert gone["lastSeen"].endswith("Z")
    other = bob.social.opens(alice)["otherUser"]
    assert (other["isOnline"], "lastSeen" in other) == (False, True)
    strange.receives_no("user.online", until=strange.pings)


def test_list_and_unread_count_are_pushed_to_all_devices(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    devices = [bob.social.connects(), bob.social.connects()]
    for number in range(5):
        alice.social.sends(str(number), to=bob)
    for device in devices:
        device.receives("notification.unread", count=5)
        shown = device.receives("conversation.updated", unreadCount=5)["payload"]
        assert (shown["id"], shown["lastMessage"]["content"]) == (conversation_id, "4")
        assert shown == bob.social.conversations()[0]
    bob.social.reads(conversation_id)
    for device in devices:
        device.receives("notification.unread", count=0)
        device.receives("conversation.updated", unreadCount=0)


def test_reconnected_user_receives_everything_missed(alice: Person, bob: Person) -> None:
    first = alice.social.sends("one", to=bob)
    bob.awaits_old_transactions()
    away = bob.social.connects()
    cursor = away.greeting["payload"]["cursor"]
    away.closes()
    second = alice.social.sends("two", to=bob, tempId="t")
    alice.social.patches(f"/messages/{first['id']}", {"content": "one!"})
    bob.social.reads(first["conversationId"], first)
    back = bob.social.connects()
    missed = back.requests(frame("resume", cursor=cursor), "resumed")["payload"]
    assert [(message["content"], message["sender"]["username"]) for message in missed["messages"]] == [
        ("two", alice.username)
    ]
    assert [change["type"] for change in missed["changes"]] == ["message.updated", "message.read"]
    assert [one["id"] for one in missed["conversations"]] == [first["conversationId"]]
    assert (missed["hasMore"], missed["fullSync"]) == (False, False)
    assert "tempId" not in missed["messages"][0]
    polled = bob.social.gets("/messages/since", cursor=cursor).data
    assert {**polled, "cursor": ""} == {**missed, "cursor": ""}
    alice.awaits_old_transactions()
    hers = alice.social.gets("/messages/since", cursor=alice.social.gets("/messages/since").data["cursor"]).data
    assert (hers["messages"], hers["changes"], hers["hasMore"]) == ([], [], False)
    assert second["tempId"] == "t"


def test_catch_up_is_paginated(alice: Person, bob: Person) -> None:
    cursor = bob.social.gets("/messages/since").data["cursor"]
    sent = [alice.social.sends(str(number), to=bob)["id"] for number in range(7)]
    bob.awaits_old_transactions()
    delivered: list[str] = []
    while True:
        page = bob.social.gets("/messages/since", cursor=cursor, limit=3).data
        delivered += [message["id"] for message in page["messages"]]
        cursor = page["cursor"]
        if not page["hasMore"]:
            break
    assert delivered == sent


def test_redis_keys_contain_user_uuids(alice: Person, redis_server: object) -> None:
    import redis

    keys = redis.Redis.from_url(redis_server.url)  # type: ignore[attr-defined]
    alice.social.connects()
    assert keys.ttl(f"online:{alice.uuid}") > 0
    assert keys.scard(f"ws:{alice.uuid}") == 1
    await_true(lambda: keys.exists(f"online:{alice.uuid}"))
