"""`message.sent` replaces `message.new` on the sending socket, at the same position in the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import RedisServer
from tests.flows.live.workers import on_each_worker
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer
from tests.social_api import frame

EACH = 25  # messages of each of six concurrent sockets
MESSAGE_FRAMES = ("message.sent", "message.new")


@pytest.mark.parametrize("which", ["server", "two_workers"])
def test_versions_never_decrease_on_a_sending_socket(
    make_person: PersonMaker, request: pytest.FixtureRequest, which: str
) -> None:
    server: ChatServer = request.getfixturevalue(which)
    alice, bob = make_person("alice", server=server), make_person("bob", server=server)
    conversation_id = alice.social.sends("first", to=bob)["conversationId"]
    sockets = [person.social.connects() for person in (alice, bob) for _ in range(3)]

    def send(socket: Socket) -> None:
        for number in range(EACH):
            temp_id = f"{socket.port}-{number}"
            socket.sends(frame("message.send", conversationId=conversation_id, content="x", tempId=temp_id))

    total = EACH * len(sockets)
    with ThreadPoolExecutor(2 * len(sockets)) as pool:
        futures = [pool.submit(received_messages, socket, total) for socket in sockets]
        for sender in [pool.submit(send, socket) for socket in sockets]:
            sender.result()
        delivered = [future.result() for future in futures]
    for socket, messages in zip(sockets, delivered, strict=True):
        assert [message["version"] for _, message in messages] == list(range(2, total + 2))
        own = [message["tempId"] for kind, message in messages if kind == "message.sent"]
        assert own == [f"{socket.port}-{number}" for number in range(EACH)]
        assert not any("tempId" in message for kind, message in messages if kind == "message.new")


def received_messages(socket: Socket, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The next `count` messages that a socket receives, each with the type of its frame."""
    frames = [socket.receives_any(*MESSAGE_FRAMES) for _ in range(count)]
    return [(received["type"], received["payload"].get("message", received["payload"])) for received in frames]


@pytest.fixture
def workers_without_redis(
    make_person: PersonMaker, start_server: Callable[..., ChatServer], tmp_path: Path
) -> Iterator[tuple[Person, Person, RedisServer]]:
    """Two users on a server with two workers, and its Redis."""
    with RedisServer(tmp_path / "redis") as redis:
        server = start_server(WEB_CONCURRENCY="2", REDIS_URL=redis.url, WS_MAX_CONNECTIONS_PER_USER="30")
        yield make_person("alice", server=server), make_person("bob", server=server), redis
        server.stop()


def test_acknowledgement_waits_for_earlier_messages(workers_without_redis: tuple[Person, Person, RedisServer]) -> None:
    """Without Redis messages of the other worker are not pushed; they are read and sent before later ones."""
    alice, bob, redis = workers_without_redis
    conversation_id = alice.social.sends("1", to=bob)["conversationId"]
    hers, _ = on_each_worker(alice, alice.server, connect=alice.social.connects)
    _, his = on_each_worker(bob, bob.server, connect=bob.social.connects)
    send = {"conversationId": conversation_id}
    assert hers.requests(frame("message.send", **send, content="2", tempId="a"), "message.sent")
    redis.kill()
    his.requests(frame("message.send", **send, content="3", tempId="b"), "message.sent")
    hers.sends(frame("message.send", **send, content="4", tempId="c"))
    received = received_messages(hers, 2)
    assert [(kind, message["content"], message["version"]) for kind, message in received] == [
        ("message.new", "3", 3), ("message.sent", "4", 4)
    ]  # fmt: skip


def test_repeated_message_reaches_each_socket_once(alice: Person, bob: Person) -> None:
    """One `tempId` at once over three sockets and REST: each sending socket receives only `message.sent`."""
    conversation_id = alice.social.sends("first", to=bob)["conversationId"]
    sockets = [alice.social.connects() for _ in range(3)]
    silent = alice.social.connects()
    for number in range(20):
        send = {"content": "again", "tempId": f"t-{number}"}
        with ThreadPoolExecutor(len(sockets) + 1) as pool:
            rest = pool.submit(alice.social.sends, "again", to=conversation_id, tempId=f"t-{number}")
            asked = [
                pool.submit(
                    socket.requests, frame("message.send", conversationId=conversation_id, **send), "message.sent"
                )
                for socket in sockets
            ]
            ids = {answer.result()["payload"]["message"]["id"] for answer in asked} | {rest.result()["id"]}
        assert len(ids) == 1
    silent.receives_all("message.new", 20)
    for socket in sockets:
        socket.pings()
        received = [
            (message_frame["type"], message_frame["payload"])
            for message_frame in socket.received
            if message_frame["type"] in MESSAGE_FRAMES
        ]
        answered: set[str] = set()
        for kind, payload in received:
            if kind == "message.sent":
                answered.add(payload["message"]["id"])
            else:  # stored by another request before this socket sent it
                assert payload["id"] not in answered
        assert len(answered) == 20


def test_message_without_temp_id_is_acknowledged(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    socket = alice.social.connects()
    for number in (1, 2):
        send = frame("message.send", conversationId=conversation_id, content=str(number))
        sent = socket.requests(send, "message.sent")["payload"]
        assert (sent["tempId"], sent["message"]["version"]) == (None, number)
    socket.receives_no("message.new", until=socket.pings)


def test_repeated_send_returns_the_current_message(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    socket = alice.social.connects()
    send = frame("message.send", conversationId=conversation_id, content="one", tempId="t")
    sent = socket.requests(send, "message.sent")["payload"]["message"]
    socket.sends(frame("message.edit", messageId=sent["id"], content="uno"))
    socket.receives("message.updated")
    again = socket.requests(send, "message.sent")["payload"]["message"]
    assert (again["id"], again["content"], again["version"]) == (sent["id"], "uno", 2)
    other = alice.social.connects()
    assert other.requests(send, "message.sent")["payload"]["message"] == again
