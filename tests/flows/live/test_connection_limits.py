"""The number of sockets per user and per worker is limited."""

from __future__ import annotations

from collections.abc import Callable

from tests.flows.live.workers import on_each_worker
from tests.people import Person, PersonMaker, Socket
from tests.servers import DEVICES, ChatServer, await_true


def test_one_socket_too_many_closes_the_oldest(quick_alice: Person, quick_bob: Person) -> None:
    sockets = [quick_alice.connects() for _ in range(DEVICES)]
    other = quick_bob.connects()
    sockets.append(quick_alice.connects())
    assert sockets[0].close_code() == 4409
    sockets.append(quick_alice.connects())
    assert sockets[1].close_code() == 4409
    sent = quick_bob.sends("hi", to=quick_alice)
    for socket in sockets[2:]:
        assert socket.receives("new_message")["message"] == sent
    assert other.pings()


def test_a_socket_after_one_was_closed_closes_none(quick_alice: Person) -> None:
    sockets = [quick_alice.connects() for _ in range(DEVICES)]
    sockets.pop().closes()
    sockets.append(quick_alice.connects())
    assert all(socket.pings() for socket in sockets)


def test_the_oldest_is_closed_on_whichever_worker_it_is(
    make_person: PersonMaker, start_server: Callable[..., ChatServer]
) -> None:
    server = start_server(WEB_CONCURRENCY="2", WS_MAX_CONNECTIONS_PER_USER="9")
    alice = make_person("alice", server=server)
    oldest = on_each_worker(alice, server)
    rest = [alice.connects() for _ in range(9)]
    assert [socket.close_code() for socket in oldest] == [4409, 4409]
    assert all(socket.pings() for socket in rest)


def test_a_full_worker_refuses_further_sockets(
    make_person: PersonMaker, start_server: Callable[..., ChatServer]
) -> None:
    server = start_server(WS_MAX_CONNECTIONS="2")
    alice, bob = make_person("alice", server=server), make_person("bob", server=server)
    first, second = alice.connects(), bob.connects()
    ticket = alice.ticket()
    assert Socket(server, query=f"?ticket={ticket}").close_code() == 1013
    assert first.pings()
    second.closes()

    def is_admitted() -> bool:
        return Socket(server, query=f"?ticket={ticket}").is_admitted(otherwise=1013)

    await_true(is_admitted)  # with the same ticket: a refused socket does not use it up
