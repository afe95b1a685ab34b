"""Two servers with the same Postgres and Redis, like two dynos."""

from __future__ import annotations

from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer


def test_users_of_two_servers_receive_each_message_once_and_in_order(
    alice: Person, make_person: PersonMaker, quick_server: ChatServer
) -> None:
    bob = make_person("bob", server=quick_server)
    here, there = alice.connects(), bob.connects()
    for number in range(50):
        here.sends({"receiver_id": bob.id, "content": f"a{number}"})
        there.sends({"receiver_id": alice.id, "content": f"b{number}"})
    received = [[frame["message"] for frame in socket.receives_all("new_message", 100)] for socket in (here, there)]
    assert received[0] == received[1]
    assert [message["seq"] for message in received[0]] == list(range(1, 101))


def test_a_rest_request_on_one_server_reaches_sockets_on_the_other(
    alice: Person, bob: Person, quick_server: ChatServer
) -> None:
    there = bob.connects(quick_server)
    sent = alice.sends("hi", to=bob)
    assert there.receives("new_message")["message"] == sent
    mine = alice.connects(quick_server)
    bob.reads(sent)
    assert mine.receives("message_read")["read_by"] == bob.id


def test_logging_out_on_one_server_closes_sockets_on_the_other(alice: Person, quick_server: ChatServer) -> None:
    there = alice.connects(quick_server)
    alice.server.post("/api/v1/auth/logout", token=alice.token)
    assert there.close_code() == 4401


def test_a_ticket_is_valid_once_on_either_server(alice: Person, quick_server: ChatServer) -> None:
    ticket = alice.ticket()
    assert Socket(quick_server, query=f"?ticket={ticket}").is_admitted()
    assert Socket(alice.server, query=f"?ticket={ticket}").close_code() == 4401
