"""Which frames each socket receives."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.people import Person, PersonMaker, Socket


def test_the_greeting_has_the_user_and_the_time(alice: Person) -> None:
    socket = Socket(alice.server, query=f"?ticket={alice.ticket()}")
    greeting = socket.receives("connected")
    assert greeting["user_id"] == alice.id
    assert abs(dt.datetime.fromisoformat(greeting["timestamp"]) - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=10)
    socket.closes()


def test_a_message_reaches_every_device_of_both_members_once(alice: Person, bob: Person) -> None:
    devices = [alice.connects(), alice.connects(), bob.connects(), bob.connects()]
    sent = alice.sends("hi", to=bob)
    for device in devices:
        received = device.receives("new_message")
        assert received["message"] == received["payload"] == sent
        assert (received["chat_id"], received["version"]) == (sent["chat_id"], sent["version"])
        device.receives_no("new_message", until=device.pings)


@pytest.mark.parametrize("named", [{}, {"type": "message"}])
def test_only_the_sending_socket_receives_the_acknowledgement(
    alice: Person, bob: Person, named: dict[str, str]
) -> None:
    sending, other, receiving = alice.connects(), alice.connects(), bob.connects()
    ack = sending.requests({**named, "receiver_id": bob.id, "content": "hi", "client_message_id": "k"}, "message_ack")
    assert ack["client_message_id"] == ack["message"]["client_message_id"] == "k"
    for socket in (sending, other, receiving):
        assert socket.receives("new_message")["message"] == ack["message"]
    for socket in (other, receiving):
        socket.receives_no("message_ack", until=socket.pings)
    sending.receives_no("message_ack", until=sending.pings)


def test_an_acknowledged_message_is_stored(alice: Person, bob: Person) -> None:
    ack = alice.connects().requests({"receiver_id": bob.id, "content": "hi"}, "message_ack")
    assert ack["client_message_id"] is None
    assert bob.history(ack["message"]["chat_id"]) == [ack["message"]]


def test_messages_of_one_socket_keep_their_order(alice: Person, bob: Person) -> None:
    socket, his = alice.connects(), bob.connects()
    for number in range(100):
        socket.sends({"receiver_id": bob.id, "content": str(number)})
    wanted = [str(number) for number in range(100)]
    assert [frame["message"]["content"] for frame in socket.receives_all("message_ack", 100)] == wanted
    received = his.receives_all("new_message", 100)
    assert [frame["message"]["content"] for frame in received] == wanted
    assert [frame["version"] for frame in received] == list(range(1, 101))


def test_typing_is_sent_to_the_other_member_only(alice: Person, bob: Person, carol: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    carol.sends("hi", to=bob)
    hers, elsewhere, his, strange = alice.connects(), alice.connects(), bob.connects(), carol.connects()
    hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    assert his.receives("typing") == {
        "type": "typing",
        "chat_id": chat_id,
        "user_id": alice.id,
        "is_typing": True,
        "version": 1,
    }
    hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": False})
    assert his.receives("typing")["is_typing"] is False
    for socket in (hers, elsewhere, strange):
        socket.receives_no("typing", until=socket.pings)


def test_typing_ends_automatically_once(quick_alice: Person, quick_bob: Person) -> None:
    chat_id = quick_alice.sends("hi", to=quick_bob)["chat_id"]
    hers, his = quick_alice.connects(), quick_bob.connects()
    for _ in range(3):
        hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    assert [frame["is_typing"] for frame in his.receives_all("typing", 4)] == [True, True, True, False]


@pytest.mark.parametrize("how", ["sends", "leaves", "sends over REST"])
def test_typing_ends_on_sending_and_disconnecting(alice: Person, bob: Person, how: str) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    hers, his = alice.connects(), bob.connects()
    hers.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    his.receives("typing", is_typing=True)
    if how == "sends":
        hers.sends({"chat_id": chat_id, "content": "done"})
    elif how == "leaves":
        hers.closes()
    else:
        alice.sends("done", chat_id=chat_id)
    his.receives("typing", is_typing=False)


@pytest.mark.parametrize("kind", ["ping", "heartbeat"])
def test_pings_and_heartbeats_get_a_pong(alice: Person, kind: str) -> None:
    pong = alice.connects().requests({"type": kind}, "pong")
    assert pong["timestamp"].endswith("Z")
    assert set(pong) == {"type", "timestamp"}


def test_an_unknown_frame_leaves_the_socket_open(alice: Person) -> None:
    socket = alice.connects()
    error = socket.requests({"type": "dance"}, "error")
    assert (error["error"], error["message"]) == ("marketplace.unknownFrameType", "Unknown frame type.")
    assert socket.pings()


def test_online_users_are_the_partners_with_a_connection(
    alice: Person, bob: Person, carol: Person, make_person: PersonMaker
) -> None:
    stranger = make_person("stranger")
    stranger.connects()
    for partner in (bob, carol):
        alice.sends("hi", to=partner)
    socket = alice.connects()
    assert socket.requests({"type": "get_online_users"}, "online_users_list")["payload"] == {"users": []}
    bob.connects()
    assert socket.requests({"type": "get_online_users"}, "online_users_list")["payload"] == {"users": [bob.id]}
    carol.connects()
    both = socket.requests({"type": "get_online_users"}, "online_users_list")["payload"]
    assert both == {"users": sorted([bob.id, carol.id])}


def test_presence_is_sent_to_partners_only(quick_alice: Person, quick_bob: Person, quick_carol: Person) -> None:
    quick_alice.sends("hi", to=quick_bob)
    partner, stranger = quick_bob.connects(), quick_carol.connects()
    first = quick_alice.connects()
    assert partner.receives("user_online")["payload"] == {"user_id": quick_alice.id, "status": "online"}
    second = quick_alice.connects()
    first.closes()
    second.closes()
    gone = partner.receives("user_offline")["payload"]
    assert (gone["user_id"], gone["status"]) == (quick_alice.id, "offline")
    last_seen = quick_bob.chats()[0]["other_user"]
    assert last_seen["is_online"] is False
    assert abs(dt.datetime.fromisoformat(last_seen["last_seen"]) - dt.datetime.fromisoformat(gone["last_seen"])) < (
        dt.timedelta(seconds=1)
    )
    for kind in ("user_online", "user_offline"):
        partner.receives_no(kind, until=partner.pings)
        stranger.receives_no(kind, until=stranger.pings)


def test_a_quick_reconnect_is_not_announced(quick_alice: Person, quick_bob: Person, quick_carol: Person) -> None:
    """Another user who leaves later and stays away is announced; by then the first would have been as well."""
    for person in (quick_bob, quick_carol):
        person.sends("hi", to=quick_alice)
    listening = quick_alice.connects()
    away, back = quick_carol.connects(), quick_bob.connects()
    listening.receives("user_online", payload={"user_id": quick_bob.id, "status": "online"})
    listening.receives("user_online", payload={"user_id": quick_carol.id, "status": "online"})
    back.closes()
    quick_bob.connects()
    away.closes()
    assert listening.receives("user_offline")["payload"]["user_id"] == quick_carol.id
    assert listening.unclaimed == []
    assert quick_alice.connects().requests({"type": "get_online_users"}, "online_users_list")["payload"] == {
        "users": [quick_bob.id]
    }
