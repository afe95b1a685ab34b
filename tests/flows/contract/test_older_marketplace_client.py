"""Examples of the older marketplace client, replayed: same fields, same types.

The timestamp of a pong is a string, as in the later client.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.contract.examples import differences, example, with_ids
from tests.people import CHAT, Person
from tests.servers import Reply


@pytest.fixture
def ids(alice: Person, bob: Person) -> dict[int, int]:
    """Recorded ids and those of this run: chat 21 of users 7 and 8, with messages 150 (alice's) and 151 (bob's)."""
    first, second = bob.sends("Привет!", to=alice), bob.sends("Да", to=alice)
    return {21: first["chat_id"], 7: alice.id, 8: bob.id, 150: first["id"], 151: second["id"]}


def replay(person: Person, ids: dict[int, int], name: str) -> tuple[Reply, Any]:
    """Send the request of an example; returns the reply and the recorded body."""
    recorded = example(f"marketplace/{name}")
    path = recorded["path"].replace("21", str(ids[21]))
    body = with_ids(recorded.get("request"), ids)
    reply = person.server.request(recorded["method"], path, token=person.token, json=body)
    assert reply.status == 200, reply.text
    return reply, with_ids(recorded["response"], ids)


@pytest.mark.parametrize("name", ["rest_1", "rest_2", "rest_3", "rest_5", "rest_6", "rest_7"])
def test_rest_responses_match(alice: Person, ids: dict[int, int], name: str) -> None:
    reply, recorded = replay(alice, ids, name)
    assert differences(recorded, reply.json) == []
    assert reply.json["success"] is True


def test_values_that_do_not_depend_on_time_match(alice: Person, ids: dict[int, int]) -> None:
    (chat,) = replay(alice, ids, "rest_1")[0].data
    assert (chat["id"], chat["listing_id"], chat["storefront_product_id"], chat["unread_count"]) == (ids[21], 0, 0, 2)
    assert {chat["buyer_id"], chat["seller_id"]} == {ids[7], ids[8]}
    assert set(example("marketplace/rest_1")["response"]["data"][0]["buyer"]) == set(chat["buyer"])
    assert set(chat["buyer"]) <= set(chat["other_user"])
    page = replay(alice, ids, "rest_2")[0].data
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 20)
    for name in ("rest_5", "rest_7"):
        reply, recorded = replay(alice, ids, name)
        assert reply.json == recorded
    reply, recorded = replay(alice, ids, "rest_3")
    same = ("chat_id", "sender_id", "receiver_id", "content", "is_read")
    assert {name: reply.data[name] for name in same} == {name: recorded["data"][name] for name in same}


def test_reading_resets_the_unread_count(alice: Person, ids: dict[int, int]) -> None:
    assert replay(alice, ids, "rest_6")[0].data == {"count": 2}
    replay(alice, ids, "rest_5")
    assert replay(alice, ids, "rest_6")[0].data == {"count": 0}


def test_archiving_removes_the_chat_from_the_list(alice: Person, ids: dict[int, int]) -> None:
    replay(alice, ids, "rest_7")
    assert alice.server.get(CHAT, token=alice.token).data == []


def test_a_sent_message_is_received_as_recorded(alice: Person, bob: Person, ids: dict[int, int]) -> None:
    hers, his = alice.connects(), bob.connects()
    hers.sends(with_ids(example("marketplace/client_1"), ids))
    recorded = with_ids(example("marketplace/server_1"), ids)
    for socket in (hers, his):
        received = socket.receives("new_message")
        assert differences(recorded, received) == []
        same = ("chat_id", "sender_id", "receiver_id", "content", "is_read")
        assert {name: received["payload"][name] for name in same} == {name: recorded["payload"][name] for name in same}


def test_presence_frames_match(alice: Person, bob: Person, ids: dict[int, int]) -> None:
    hers, his = alice.connects(), bob.connects()
    assert hers.receives("user_online") == with_ids(example("marketplace/server_2"), ids)
    his.closes()
    recorded, received = with_ids(example("marketplace/server_3"), ids), hers.receives("user_offline")
    assert differences(recorded, received) == []
    assert {**received["payload"], "last_seen": ""} == {**recorded["payload"], "last_seen": ""}


@pytest.mark.parametrize(
    ("sent", "answer"), [("client_2", "server_5"), ("client_4", "server_5"), ("client_3", "server_4")]
)
def test_responses_to_frames_match(alice: Person, bob: Person, ids: dict[int, int], sent: str, answer: str) -> None:
    bob.connects()
    recorded = example(f"marketplace/{answer}")
    received = alice.connects().requests(example(f"marketplace/{sent}"), recorded["type"])
    if recorded["type"] == "pong":
        assert differences(recorded, received) == ["$.timestamp: str instead of int"]
        recorded["timestamp"] = example("marketplace_socket/server_pong")["timestamp"]
    assert differences(recorded, received) == []
    assert received.keys() == recorded.keys()
