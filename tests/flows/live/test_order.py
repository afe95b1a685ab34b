"""Every chat has one order, the same on every socket, however many users send at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.flows.live.workers import on_each_worker
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer

EACH = 25  # messages of each of the eight concurrent senders
TOTAL = 8 * EACH


def test_eight_senders_make_one_order_without_gaps(make_person: PersonMaker, two_workers: ChatServer) -> None:
    alice, bob = make_person("alice", server=two_workers), make_person("bob", server=two_workers)
    observers = [*on_each_worker(alice, two_workers), *on_each_worker(bob, two_workers)]
    devices = [(person, other, person.connects()) for person, other in ((alice, bob), (bob, alice)) for _ in range(3)]
    senders: list[Callable[[], None]] = [
        *(lambda device=device: send_over_socket(*device) for device in devices),
        lambda: send_over_rest(alice, bob),
        lambda: send_over_rest(bob, alice),
    ]
    sockets = [*observers, *(device[2] for device in devices)]
    with ThreadPoolExecutor(len(senders) + len(sockets)) as pool:
        # All sockets read meanwhile; one that does not would be closed.
        listening = [pool.submit(socket.receives_all, "new_message", TOTAL) for socket in sockets]
        for done in [pool.submit(sender) for sender in senders]:
            done.result()
        received = [listener.result() for listener in listening]
    for frames in received:
        assert [frame["message"]["seq"] for frame in frames] == list(range(1, TOTAL + 1))
        assert [frame["version"] for frame in frames] == list(range(1, TOTAL + 1))
    orders = [[frame["message"]["id"] for frame in frames] for frames in received]
    assert all(order == orders[0] == sorted(order) for order in orders)
    chat_id = received[0][0]["chat_id"]
    stored = [message for page in (1, 2) for message in alice.history(chat_id, page=page, limit=100)]
    assert [message["id"] for message in reversed(stored)] == orders[0]
    contents = [frame["message"]["content"] for frame in received[0]]
    for name in {content.rpartition(" ")[0] for content in contents}:
        mine = [content for content in contents if content.startswith(name + " ")]
        assert mine == [f"{name} {number}" for number in range(EACH)], "each sender's own order is kept"


def test_the_version_never_decreases_on_a_socket(make_person: PersonMaker, two_workers: ChatServer) -> None:
    """Receipts and typing carry the version of the chat as well."""
    alice, bob = make_person("alice", server=two_workers), make_person("bob", server=two_workers)
    sockets = [*on_each_worker(alice, two_workers), *on_each_worker(bob, two_workers)]
    chat_id = alice.sends("first", to=bob)["chat_id"]
    for number in range(30):
        for index, socket in enumerate(sockets):
            socket.sends({"chat_id": chat_id, "content": f"{index} {number}"})
            message = socket.receives("message_ack")["message"]
            socket.sends({"type": "mark_read", "message_id": message["id"]})
    for socket in sockets:
        seqs = [socket.receives("new_message")["version"] for _ in range(121)]
        assert seqs == list(range(1, 122))
        socket.pings()


def send_over_socket(person: Person, receiver: Person, socket: Socket) -> None:
    """Send without waiting for acknowledgements."""
    for number in range(EACH):
        socket.sends({"receiver_id": receiver.id, "content": f"{socket.port} {number}"})


def send_over_rest(person: Person, receiver: Person) -> None:
    """Send one message after the other."""
    for number in range(EACH):
        person.sends(f"rest of {person.id} {number}", to=receiver)
