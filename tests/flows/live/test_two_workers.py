"""Users on different workers of a server chat as on one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.live.workers import on_each_worker, worker_of
from tests.host import Host
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true


@pytest.fixture
def people(make_person: PersonMaker, two_workers: ChatServer) -> Iterator[tuple[Person, Person]]:
    yield make_person("alice", server=two_workers), make_person("bob", server=two_workers)


@pytest.fixture
def apart(people: tuple[Person, Person], two_workers: ChatServer) -> tuple[Socket, Socket]:
    """A socket of alice on one worker and one of bob on the other. Each user has one on the other worker, too."""
    alice, bob = people
    here, there = on_each_worker(alice, two_workers)[0], on_each_worker(bob, two_workers)[1]
    assert worker_of(two_workers, here) != worker_of(two_workers, there)
    return here, there


def test_each_message_arrives_once_and_in_order(people: tuple[Person, Person], apart: tuple[Socket, Socket]) -> None:
    alice, bob = people
    all_sockets = [*alice.sockets, *bob.sockets]
    for number in range(50):
        apart[0].sends({"receiver_id": bob.id, "content": f"a{number}"})
        apart[1].sends({"receiver_id": alice.id, "content": f"b{number}"})
    received = [[frame["message"] for frame in socket.receives_all("new_message", 100)] for socket in all_sockets]
    assert [message["seq"] for message in received[0]] == list(range(1, 101))
    assert all(messages == received[0] for messages in received)
    for socket in all_sockets:
        socket.receives_no("new_message", until=socket.pings)


def test_receipts_typing_and_counts_reach_the_other_worker(
    people: tuple[Person, Person], apart: tuple[Socket, Socket]
) -> None:
    alice, bob = people
    message = apart[0].requests({"receiver_id": bob.id, "content": "hi"}, "message_ack")["message"]
    apart[1].receives("new_message")
    apart[1].receives("unread_count", payload={"count": 1})
    apart[1].sends({"type": "typing", "chat_id": message["chat_id"], "is_typing": True})
    assert apart[0].receives("typing")["user_id"] == bob.id
    apart[1].sends({"type": "mark_read", "message_id": message["id"]})
    assert apart[0].receives("message_read")["read_by"] == bob.id
    apart[1].receives("unread_count", payload={"count": 0})
    assert alice.chats()[0]["unread_count"] == bob.unread() == 0


def test_presence_reaches_the_other_worker_once(people: tuple[Person, Person], make_person: PersonMaker) -> None:
    alice, bob = people
    alice.sends("hi", to=bob)
    listening = on_each_worker(alice, alice.server)
    coming = on_each_worker(bob, bob.server)
    for socket in listening:
        assert socket.receives("user_online")["payload"]["user_id"] == bob.id
    for socket in coming:
        socket.closes()
    for socket in listening:
        assert socket.receives("user_offline")["payload"]["user_id"] == bob.id
        socket.receives_no("user_online", until=socket.pings)
        socket.receives_no("user_offline", until=socket.pings)


def test_logging_out_closes_sockets_on_both_workers(
    people: tuple[Person, Person], apart: tuple[Socket, Socket]
) -> None:
    alice, bob = people
    assert alice.server.post("/api/v1/auth/logout", token=alice.token).status == 200
    assert [socket.close_code() for socket in alice.sockets] == [4401, 4401]
    assert all(socket.pings() for socket in bob.sockets)


def test_a_ticket_opens_one_socket_on_one_of_the_workers(people: tuple[Person, Person]) -> None:
    alice, _ = people
    ticket = alice.ticket()

    def use(number: int) -> bool:
        socket = Socket(alice.server, query=f"?ticket={ticket}")
        is_admitted = socket.is_admitted()
        socket.closes()
        return is_admitted

    with ThreadPoolExecutor(100) as pool:
        assert sum(pool.map(use, range(100))) == 1


def test_one_key_on_both_workers_is_one_message(people: tuple[Person, Person]) -> None:
    alice, bob = people
    sockets = on_each_worker(alice, alice.server)
    for number in range(20):
        frame = {"receiver_id": bob.id, "content": "hi", "client_message_id": f"same-{number}"}
        for socket in sockets:
            socket.sends(frame)
        first, second = (socket.receives("message_ack")["message"]["id"] for socket in sockets)
        assert first == second
    assert alice.gets("/messages", receiver_id=bob.id).data["total"] == 20


def test_one_key_for_two_chats_on_both_workers_is_one_message_and_a_conflict(
    people: tuple[Person, Person], make_person: PersonMaker
) -> None:
    alice, bob = people
    carol = make_person("carol", server=alice.server)
    alice.sends("before", to=bob)
    alice.sends("before", to=carol)
    sockets = on_each_worker(alice, alice.server)
    for number in range(50):
        for socket, receiver in zip(sockets, (bob, carol), strict=True):
            socket.sends({"receiver_id": receiver.id, "content": "hi", "client_message_id": f"one-{number}"})
        responses = [next_response(socket) for socket in sockets]
        assert sorted(responses) == ["marketplace.clientKeyReused", "message_ack"], number
    totals = [alice.gets("/messages", receiver_id=person.id).data["total"] for person in (bob, carol)]
    assert sum(totals) == 52


def next_response(socket: Socket) -> str:
    """`message_ack`, or the key of the error."""
    kinds = ("message_ack", "error")
    frame = socket.receives_any(*kinds)
    return str(frame.get("error", frame["type"]))


def test_stats_are_summed_over_workers(people: tuple[Person, Person], apart: tuple[Socket, Socket]) -> None:
    host = Host(people[0].server)

    def is_summed() -> bool:
        counted = host.counts_sockets()
        here = [worker for worker in counted["workers"] if worker["connections"] >= 2]
        sums = {name: sum(worker[name] for worker in counted["workers"]) for name in ("connections", "frames_in")}
        return len(here) >= 2 and counted["users"] >= 2 and all(counted[name] == sums[name] for name in sums)

    await_true(is_summed, what=lambda: str(host.counts_sockets()))
