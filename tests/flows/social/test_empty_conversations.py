"""Before its first message a conversation is visible only to its opener, and shares no presence."""

from __future__ import annotations

import pytest

from tests.people import Person, Socket
from tests.servers import await_true
from tests.social_api import frame


def partners_online(socket: Socket) -> list[int]:
    """Online partners, as a marketplace socket reports them."""
    users: list[int] = socket.requests({"type": "get_online_users"}, "online_users_list")["payload"]["users"]
    return users


def test_empty_conversation_is_listed_only_for_its_opener(alice: Person, bob: Person) -> None:
    cursor = bob.social.gets("/messages/since").data["cursor"]
    created = alice.social.opens(bob)
    assert [one["id"] for one in alice.social.conversations()] == [created["id"]]
    assert len(alice.chats()) == len(alice.chats(q=bob.username)) == 1
    assert bob.social.conversations() == []
    assert bob.chats() == bob.chats(q=alice.username) == bob.chats(archived="true") == []
    assert bob.social.gets("/messages/since", cursor=cursor).data["conversations"] == []
    assert bob.catches_up(cursor)["chats"] == {}
    assert bob.social.opens(alice)["id"] == created["id"]
    assert [one["id"] for one in bob.social.conversations()] == [created["id"]], "opened by both"
    assert [one["id"] for one in bob.social.gets("/messages/since", cursor=cursor).data["conversations"]] == [
        created["id"]
    ]


@pytest.mark.parametrize("is_social", [True, False])
def test_first_message_lists_it_for_the_other(alice: Person, bob: Person, is_social: bool) -> None:
    cursor = bob.social.gets("/messages/since").data["cursor"]
    created = alice.social.opens(bob)
    his = bob.social.connects()
    if is_social:
        alice.social.sends("hi", to=created["id"])
    else:
        alice.sends("hi", to=bob)
    shown = his.receives("conversation.updated")["payload"]
    assert (shown["id"], shown["unreadCount"], shown["otherUser"]["id"]) == (created["id"], 1, alice.uuid)
    assert [one["id"] for one in bob.social.conversations()] == [created["id"]]
    assert [chat["unread_count"] for chat in bob.chats()] == [1]
    assert len(bob.catches_up(cursor)["chats"]) == 1


def test_empty_conversation_shares_no_presence_and_no_typing(
    quick_alice: Person, quick_bob: Person, quick_carol: Person
) -> None:
    """Carol has written to both. Her presence is published after the frames that must not be sent."""
    alice, bob, carol = quick_alice, quick_bob, quick_carol
    for known in (alice, bob):
        carol.sends("hi", to=known)
    conversation_id = alice.social.opens(bob)["id"]
    hers, hers_old = alice.social.connects(), alice.connects()
    his, his_old = bob.social.connects(), bob.connects()
    other = alice.social.opens(bob)["otherUser"]
    assert (other["isOnline"], "lastSeen" in other) == (False, False)
    assert (partners_online(hers_old), partners_online(his_old)) == ([], [])
    hers.sends(frame("typing", conversationId=conversation_id, isTyping=True))
    hers.pings()
    for socket in (his, his_old):
        socket.pings()
        socket.closes()
    await_true(lambda: has_left(bob, viewer=carol))
    assert "lastSeen" not in alice.social.opens(bob)["otherUser"]
    carol.connects()
    hers.receives("user.online", userId=carol.uuid)
    hers_old.receives("user_online", payload={"user_id": carol.id, "status": "online"})
    received = [
        message_frame["type"] for socket in (hers, hers_old, his, his_old) for message_frame in socket.unclaimed
    ]
    assert not [kind for kind in received if kind.startswith(("user", "typing"))]


def has_left(person: Person, *, viewer: Person) -> bool:
    """Whether a viewer sees when the user was last online."""
    others = {chat["other_user"]["id"]: chat["other_user"] for chat in viewer.chats()}
    return others[person.id]["last_seen"] is not None


def test_first_message_shares_presence(alice: Person, bob: Person) -> None:
    sockets = {alice: (alice.connects(), alice.social.connects()), bob: (bob.connects(), bob.social.connects())}
    alice.sends("hi", to=bob)
    for person, other in ((alice, bob), (bob, alice)):
        old, new = sockets[person]
        assert old.receives("user_online")["payload"] == {"user_id": other.id, "status": "online"}
        assert new.receives("user.online")["payload"] == {"userId": other.uuid}
        assert partners_online(old) == [other.id]
        assert person.chats()[0]["other_user"]["is_online"] is True
    bob.sends("hello", to=alice)
    for old, new in sockets.values():
        old.receives_no("user_online", until=old.pings)
        new.receives_no("user.online", until=new.pings)


def test_repeated_first_message_shares_no_presence_after_a_block(alice: Person, bob: Person) -> None:
    first = alice.sends("hi", to=bob, client_message_id="first")
    hers, his = alice.connects(), bob.connects()
    hers.receives("user_online")
    bob.blocks(alice)
    for socket in (hers, his):
        socket.receives("user_offline")
        socket.unclaimed.clear()
    assert alice.sends("hi", to=bob, client_message_id="first")["id"] == first["id"]
    bob.unblocks(alice)
    for socket in (hers, his):
        socket.receives("user_online")
        socket.receives_no("user_online", until=socket.pings)


@pytest.mark.parametrize("is_opener", [True, False])
def test_removal_is_pushed_only_to_users_who_saw_it(alice: Person, bob: Person, is_opener: bool) -> None:
    cursor = bob.social.gets("/messages/since").data["cursor"]
    created = alice.social.opens(bob)
    hers, his = alice.social.connects(), bob.social.connects()
    person = alice if is_opener else bob
    assert person.social.deletes(f"/conversations/{created['id']}").status == 200
    assert person.social.deletes(f"/conversations/{created['id']}").status == 200
    assert hers.receives("conversation.deleted")["payload"]["conversationId"] == created["id"]
    his.receives_no("conversation.deleted", until=his.pings)
    if is_opener:
        assert bob.social.gets("/messages/since", cursor=cursor).data["changes"] == []


def test_block_in_an_empty_conversation_reveals_no_presence(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    hers, his = alice.social.connects(), bob.social.connects()
    alice.social.blocks(bob)
    assert hers.receives("conversation.updated", isBlocked=True)["payload"]["id"] == conversation_id
    alice.social.unblocks(bob)
    hers.receives("conversation.updated", isBlocked=False)
    for socket in (hers, his):
        for kind in ("user.online", "user.offline", "typing"):
            socket.receives_no(kind, until=socket.pings)
    his.receives_no("conversation.updated", until=his.pings)
