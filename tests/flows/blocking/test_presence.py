"""A block hides presence and typing in both directions."""

from __future__ import annotations

import pytest

from tests.people import Person, Socket

pytestmark = pytest.mark.usefixtures("consistent")
ONLINE = "get_online_users"


def online(socket: Socket) -> list[int]:
    """Online partners, as a socket reports them."""
    found: list[int] = socket.requests({"type": ONLINE}, "online_users_list")["payload"]["users"]
    return found


def test_block_hides_and_unblock_restores_presence_for_both(alice: Person, bob: Person, carol: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    carol.sends("hi", to=alice)
    sockets = {alice: alice.connects(), bob: bob.connects(), carol: carol.connects()}
    alice.blocks(bob)
    for person, other in ((alice, bob), (bob, alice)):
        gone = sockets[person].receives("user_offline")["payload"]
        assert gone == {"user_id": other.id, "status": "offline", "last_seen": None}
        seen = person.chat(chat_id)["other_user"]
        assert (seen["is_online"], seen["last_seen"]) == (False, None)
        assert other.id not in online(sockets[person])
    sockets[carol].receives_no("user_offline", until=sockets[carol].pings)
    alice.unblocks(bob)
    for person, other in ((alice, bob), (bob, alice)):
        sockets[person].receives("user_online", payload={"user_id": other.id, "status": "online"})
        assert person.chat(chat_id)["other_user"]["is_online"] is True
        assert other.id in online(sockets[person])


def test_block_publishes_no_presence_of_offline_users(alice: Person, bob: Person) -> None:
    alice.sends("hi", to=bob)
    hers = alice.connects()
    alice.blocks(bob)
    alice.unblocks(bob)
    for kind in ("user_offline", "user_online"):
        hers.receives_no(kind, until=hers.pings)


def test_second_block_and_its_removal_publish_no_presence(alice: Person, bob: Person) -> None:
    alice.sends("hi", to=bob)
    hers, his = alice.connects(), bob.connects()
    alice.blocks(bob)
    for socket in (hers, his):
        socket.receives("user_offline")
        socket.unclaimed.clear()
    bob.blocks(alice)
    alice.unblocks(bob)
    for socket in (hers, his):
        socket.receives_no("user_offline", until=socket.pings)
        socket.receives_no("user_online", until=socket.pings)
    bob.unblocks(alice)
    for socket in (hers, his):
        socket.receives("user_online")


def test_presence_is_not_pushed_across_a_block(quick_alice: Person, quick_bob: Person, quick_carol: Person) -> None:
    """Carol's presence frames come after Bob's would have come."""
    for person in (quick_bob, quick_carol):
        person.sends("hi", to=quick_alice)
    quick_alice.blocks(quick_bob)
    hers = quick_alice.connects()
    his, carols = quick_bob.connects(), quick_carol.connects()
    assert hers.receives("user_online")["payload"]["user_id"] == quick_carol.id
    assert online(his) == []
    his.closes()
    carols.closes()
    assert hers.receives("user_offline")["payload"]["user_id"] == quick_carol.id
    assert [frame for frame in hers.unclaimed if frame["type"].startswith("user_")] == []


@pytest.mark.parametrize("is_blocker", [True, False])
def test_typing_across_a_block_is_ignored_without_an_error(alice: Person, bob: Person, is_blocker: bool) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    (alice if is_blocker else bob).blocks(bob if is_blocker else alice)
    hers, his = alice.connects(), bob.connects()
    for is_typing in (True, False):
        hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": is_typing})
    hers.receives_no("error", until=hers.pings)
    his.receives_no("typing", until=his.pings)


def test_block_clears_typing(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    hers, his = alice.connects(), bob.connects()
    hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    his.receives("typing", is_typing=True)
    bob.blocks(alice)
    assert his.receives("typing")["is_typing"] is False
