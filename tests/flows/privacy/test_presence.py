"""Hidden presence through the wire, in both dialects."""

from __future__ import annotations

import redis

from deploy.embedded import RedisServer
from tests.people import Person


def hides(person: Person, value: bool) -> None:
    assert person.patches("/me/privacy", {"hide_last_seen": value}).data == {"hide_last_seen": value}


def shown(viewer: Person) -> list[tuple[bool, bool]]:
    """Whether the other member is online, and has a last-seen time, in each dialect."""
    (chat,) = viewer.chats()
    (conversation,) = viewer.social.conversations()
    other, partner = chat["other_user"], conversation["otherUser"]
    return [
        (other["is_online"], other["last_seen"] is not None),
        (partner["isOnline"], "lastSeen" in partner),
    ]


def test_the_setting_is_the_same_in_both_dialects(alice: Person) -> None:
    assert alice.gets("/me/privacy").data == {"hide_last_seen": False}
    hides(alice, True)
    assert alice.social.gets("/me/privacy").data == {"hideLastSeen": True}
    assert alice.social.patches("/me/privacy", {"hideLastSeen": False}).data == {"hideLastSeen": False}
    for wrong in ({}, {"hide_last_seen": "x"}, {"hide_last_seen": None}, {"hide_last_seen": True, "more": 1}):
        assert alice.patches("/me/privacy", wrong).status == 422, wrong
    assert alice.gets("/me/privacy").data == {"hide_last_seen": False}


def test_hiding_is_mutual_and_live(quick_alice: Person, quick_bob: Person) -> None:
    quick_bob.sends("hi", to=quick_alice)
    hers, her_social, his = quick_alice.connects(), quick_alice.social.connects(), quick_bob.connects()
    hers.receives("user_online")
    assert shown(quick_bob) == [(True, False)] * 2
    hides(quick_alice, True)
    assert hers.receives("privacy_changed")["payload"] == {"hide_last_seen": True}
    assert her_social.receives("privacy.changed")["payload"] == {"hideLastSeen": True}
    assert his.receives("user_offline", user_id=quick_alice.id)["payload"]["last_seen"] is None
    hers.receives("user_offline", user_id=quick_bob.id)
    for viewer in (quick_alice, quick_bob):
        assert shown(viewer) == [(False, False)] * 2
    for socket in (hers, his):
        assert socket.requests({"type": "get_online_users"}, "online_users_list")["payload"] == {"users": []}
    conversation = quick_bob.social.conversations()[0]["id"]
    quick_alice.sends("hello", to=quick_bob)
    senders = {message["sender"]["id"]: message["sender"] for message in quick_bob.social.history(conversation)}
    assert senders[quick_alice.uuid]["isOnline"] is False
    assert senders[quick_bob.uuid]["isOnline"] is True
    hides(quick_alice, False)
    his.receives("user_online", user_id=quick_alice.id)
    assert shown(quick_alice) == [(True, False)] * 2


def test_leaving_while_hidden_leaves_no_trace(
    quick_alice: Person, quick_bob: Person, redis_server: RedisServer
) -> None:
    quick_bob.sends("hi", to=quick_alice)
    his = quick_bob.connects()
    hides(quick_alice, True)
    hers = quick_alice.connects()
    his.receives_no("user_online", until=his.pings)
    hers.closes()
    hides(quick_alice, False)
    assert shown(quick_bob)[0][1] is False
    with redis.Redis.from_url(redis_server.url) as keys:
        assert not keys.exists(f"last_seen:{quick_alice.uuid}")
