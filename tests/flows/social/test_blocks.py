"""Blocks in the social dialect; effects in all dialects are tested in `tests/flows/blocking`."""

from __future__ import annotations

from tests.people import Person, PersonMaker
from tests.social_api import frame


def status(person: Person, other: Person) -> tuple[bool, bool, bool]:
    received = person.social.gets(f"/blocks/status/{other.username}").data
    return received["isBlocked"], received["isBlockedBy"], received["canSendMessage"]


def test_block_is_created_listed_and_removed(alice: Person, bob: Person) -> None:
    made = alice.social.blocks(bob)
    assert (made.status, made.data["blockedUser"]["username"]) == (201, bob.username)
    assert alice.social.blocks(bob).data == made.data, "repeated: the same block"
    assert alice.social.gets("/blocks").data == {"blocks": [made.data], "meta": {"hasMore": False}}
    assert bob.social.gets("/blocks").data["blocks"] == []
    assert (status(alice, bob), status(bob, alice)) == ((True, False, False), (False, True, False))
    assert alice.social.unblocks(bob).json == {"success": True, "message": "User unblocked successfully", "data": None}
    assert status(alice, bob) == status(bob, alice) == (False, False, True)
    assert alice.social.gets("/blocks").data["blocks"] == []
    again = alice.social.unblocks(bob)
    assert (again.status, again.code) == (404, "BLOCK_NOT_FOUND")


def test_block_list_is_paginated(alice: Person, make_person: PersonMaker) -> None:
    others = [make_person(f"other{number}") for number in range(5)]
    for other in others:
        alice.social.blocks(other)
    pages = alice.social.all_pages("/blocks", "blocks", limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    names = [block["blockedUser"]["username"] for page in pages for block in page]
    assert names == [other.username for other in reversed(others)]


def test_cursor_stays_valid_after_its_block_is_removed(alice: Person, make_person: PersonMaker) -> None:
    others = [make_person(f"other{number}") for number in range(3)]
    for other in others:
        alice.social.blocks(other)
    cursor = alice.social.gets("/blocks", limit=2).data["meta"]["nextCursor"]
    alice.social.unblocks(others[1])
    (last,) = alice.social.gets("/blocks", limit=2, cursor=cursor).data["blocks"]
    assert last["blockedUser"]["username"] == others[0].username


def test_blocked_conversation_is_readable_but_closed(alice: Person, bob: Person) -> None:
    message = alice.social.sends("before", to=bob)
    conversation_id = message["conversationId"]
    hers, his = alice.social.connects(), bob.social.connects()
    alice.social.blocks(bob)
    for person, socket in ((alice, hers), (bob, his)):
        refused = person.social.posts(f"/conversations/{conversation_id}/messages", {"content": "x"})
        assert (refused.status, refused.code) == (403, "BLOCKED")
        received = socket.requests(
            frame("message.send", conversationId=conversation_id, content="x", tempId="t"), "message.error"
        )["payload"]
        assert (received["tempId"], received["code"]) == ("t", "BLOCKED")
        assert [one["content"] for one in person.social.history(conversation_id)] == ["before"]
        other = person.social.conversations()[0]["otherUser"]
        assert (other["isOnline"], "lastSeen" in other) == (False, False)
    assert alice.social.conversations()[0]["isBlocked"] is True
    assert bob.social.conversations()[0]["isBlocked"] is False
    shown = bob.social.gets(f"/messages/{message['id']}").data["sender"]
    assert shown["isOnline"] is False, "alice is online, but hidden from bob"
    assert hers.receives("typing")["payload"]["isTyping"] is False, "the block clears typing"
    his.sends(frame("typing", conversationId=conversation_id, isTyping=True))
    his.sends(frame("message.read", conversationId=conversation_id))
    his.receives("message.read")
    for kind in ("typing", "message.read", "message.new"):
        hers.receives_no(kind, until=hers.pings)
    assert alice.social.history(conversation_id)[0]["isRead"] is False
    assert bob.social.history(conversation_id)[0]["isRead"] is True
    alice.social.unblocks(bob)
    received = hers.receives("message.read")["payload"]
    assert (received["readBy"], received["messageId"]) == (bob.uuid, message["id"])
    assert alice.social.history(conversation_id)[0]["isRead"] is True


def test_no_conversation_starts_with_a_blocked_user(alice: Person, bob: Person) -> None:
    alice.social.blocks(bob)
    for person, other in ((alice, bob), (bob, alice)):
        reply = person.social.gets(f"/conversations/with/{other.username}")
        assert (reply.status, reply.code) == (403, "BLOCKED")
    alice.social.unblocks(bob)
    created = alice.social.opens(bob)
    alice.social.blocks(bob)
    assert bob.social.opens(alice)["id"] == created["id"], "existing conversations remain"


def test_block_and_unblock_change_presence_for_both(alice: Person, bob: Person) -> None:
    alice.social.sends("hi", to=bob)
    hers, his = alice.social.connects(), bob.social.connects()
    hers.receives("user.online", userId=bob.uuid)
    alice.social.blocks(bob)
    for socket, other in ((hers, bob), (his, alice)):
        assert socket.receives("user.offline")["payload"] == {"userId": other.uuid}
    alice.social.unblocks(bob)
    for socket, other in ((hers, bob), (his, alice)):
        assert socket.receives("user.online")["payload"] == {"userId": other.uuid}


def test_block_is_pushed_to_all_my_devices(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    devices = [alice.social.connects(), alice.social.connects()]
    alice.social.blocks(bob)
    for device in devices:
        assert device.receives("conversation.updated", isBlocked=True)["payload"]["id"] == conversation_id


def test_blocking_oneself_or_an_unknown_user_is_refused(alice: Person) -> None:
    self_block = alice.social.blocks(alice)
    assert (self_block.status, self_block.code) == (422, "CANNOT_BLOCK_SELF")
    unknown = alice.social.posts("/blocks", {"username": "unknown-username"})
    assert (unknown.status, unknown.code) == (404, "USER_NOT_FOUND")
    assert status(alice, alice) == (False, False, False)
