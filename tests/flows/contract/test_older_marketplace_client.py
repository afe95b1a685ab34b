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
    """Printed ids and those of this run: the chat 21 of 7 and 8, with the messages 150 (hers) and 151 (his)."""
    first, second = bob.sends("Привет!", to=alice), bob.sends("Да", to=alice)
    return {21: first["chat_id"], 7: alice.id, 8: bob.id, 150: first["id"], 151: second["id"]}


def replay(person: Person, ids: dict[int, int], name: str) -> tuple[Reply, Any]:
    """Ask what the example asks; returns the reply and what was printed as its body."""
    printed = example(f"marketplace/{name}")
    path = printed["path"].replace("21", str(ids[21]))
    body = with_ids(printed.get("request"), ids)
    reply = person.server.request(printed["method"], path, token=person.token, json=body)
    assert reply.status == 200, reply.text
    return reply, with_ids(printed["response"], ids)


@pytest.mark.parametrize("name", ["rest_1", "rest_2", "rest_3", "rest_5", "rest_6", "rest_7"])
def test_rest_answers_as_printed(alice: Person, ids: dict[int, int], name: str) -> None:
    reply, printed = replay(alice, ids, name)
    assert differences(printed, reply.json) == []
    assert reply.json["success"] is True


def test_what_does_not_depend_on_the_day_is_as_printed(alice: Person, ids: dict[int, int]) -> None:
    (chat,) = replay(alice, ids, "rest_1")[0].data
    assert (chat["id"], chat["listing_id"], chat["storefront_product_id"], chat["unread_count"]) == (ids[21], 0, 0, 2)
    assert {chat["buyer_id"], chat["seller_id"]} == {ids[7], ids[8]}
    assert set(example("marketplace/rest_1")["response"]["data"][0]["buyer"]) == set(chat["buyer"])
    assert set(chat["buyer"]) <= set(chat["other_user"])
    page = replay(alice, ids, "rest_2")[0].data
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 20)
    for name in ("rest_5", "rest_7"):
        reply, printed = replay(alice, ids, name)
        assert reply.json == printed
    reply, printed = replay(alice, ids, "rest_3")
    same = ("chat_id", "sender_id", "receiver_id", "content", "is_read")
    assert {name: reply.data[name] for name in same} == {name: printed["data"][name] for name in same}


def test_reading_as_printed_empties_the_count(alice: Person, ids: dict[int, int]) -> None:
    assert replay(alice, ids, "rest_6")[0].data == {"count": 2}
    replay(alice, ids, "rest_5")
    assert replay(alice, ids, "rest_6")[0].data == {"count": 0}


def test_archiving_as_printed_puts_the_chat_away(alice: Person, ids: dict[int, int]) -> None:
    replay(alice, ids, "rest_7")
    assert alice.server.get(CHAT, token=alice.token).data == []


def test_a_message_is_sent_and_heard_as_printed(alice: Person, bob: Person, ids: dict[int, int]) -> None:
    hers, his = alice.connects(), bob.connects()
    hers.sends(with_ids(example("marketplace/client_1"), ids))
    printed = with_ids(example("marketplace/server_1"), ids)
    for socket in (hers, his):
        heard = socket.receives("new_message")
        assert differences(printed, heard) == []
        same = ("chat_id", "sender_id", "receiver_id", "content", "is_read")
        assert {name: heard["payload"][name] for name in same} == {name: printed["payload"][name] for name in same}


def test_coming_and_going_is_told_as_printed(alice: Person, bob: Person, ids: dict[int, int]) -> None:
    hers, his = alice.connects(), bob.connects()
    assert hers.receives("user_online") == with_ids(example("marketplace/server_2"), ids)
    his.closes()
    printed, heard = with_ids(example("marketplace/server_3"), ids), hers.receives("user_offline")
    assert differences(printed, heard) == []
    assert {**heard["payload"], "last_seen": ""} == {**printed["payload"], "last_seen": ""}


@pytest.mark.parametrize(
    ("asked", "answer"), [("client_2", "server_5"), ("client_4", "server_5"), ("client_3", "server_4")]
)
def test_frames_are_answered_as_printed(
    alice: Person, bob: Person, ids: dict[int, int], asked: str, answer: str
) -> None:
    bob.connects()
    printed = example(f"marketplace/{answer}")
    heard = alice.connects().requests(example(f"marketplace/{asked}"), printed["type"])
    if printed["type"] == "pong":
        assert differences(printed, heard) == ["$.timestamp: str instead of int"]
        printed["timestamp"] = example("marketplace_socket/server_pong")["timestamp"]
    assert differences(printed, heard) == []
    assert heard.keys() == printed.keys()
