"""The client against real servers that crash, restart or refuse sockets: nothing is lost or duplicated."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest

from chatapp_client import ChatClient, ChatState, Refused
from tests.chatapp_client.conftest import QUICK, ClientMaker
from tests.people import Person, PersonMaker, Socket
from tests.servers import TIMEOUT, ChatServer, await_true

StartServer = Callable[..., ChatServer]


class EventRecorder:
    """Records the events of a client."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []

    def __call__(self, frame: dict[str, Any]) -> None:
        self.received.append(frame)

    def texts(self) -> list[str]:
        """Texts of new messages, in the order of their events."""
        return [frame["message"]["content"] for frame in self.of("new_message")]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Events of this type."""
        return [frame for frame in self.received if frame["type"] == kind]


@pytest.fixture(scope="module")
def breakable_server(start_server: StartServer) -> ChatServer:
    """A server that these tests may break."""
    return start_server()


def texts(client: ChatClient, chat_id: int) -> list[str]:
    """The messages of a chat that a device knows."""
    return [message["content"] for message in client.messages(chat_id)]


def signal_worker(server: ChatServer, number: signal.Signals) -> None:
    """Send SIGKILL, like the OOM killer (the master starts another worker), or SIGSTOP, like a hanging machine."""
    for worker in psutil.Process(server.process.pid).children():
        os.kill(worker.pid, number)


def history_of(person: Person, chat_id: int) -> list[str]:
    """All texts of a chat over REST, oldest first."""
    found: list[str] = []
    page = person.history(chat_id, limit=100)
    while page:
        found += [message["content"] for message in page]
        page = person.history(chat_id, limit=100, before_id=page[-1]["id"])
    return found[::-1]


def test_actions_reach_the_other_client(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    events = EventRecorder()
    hers, his = make_client(alice), make_client(bob, on_event=events)
    first = hers.send("hello", receiver_id=bob.id).wait(TIMEOUT)
    chat_id = first["chat_id"]
    edited = hers.edit(first["id"], "hello there", version=first["version"]).wait(TIMEOUT)
    second = hers.send("and then", chat_id=chat_id).wait(TIMEOUT)
    his.mark_read(chat_id, second["id"]).wait(TIMEOUT)
    hers.delete(second["id"]).wait(TIMEOUT)
    await_true(lambda: texts(his, chat_id) == ["hello there", "[deleted]"])
    await_true(lambda: [message["is_read"] for message in hers.messages(chat_id)] == [True, True])
    assert edited["version"] == 2
    assert his.unread(chat_id) == 0
    assert events.texts() == ["hello", "and then"]
    assert [frame["message_id"] for frame in events.of("message_deleted")] == [second["id"]]


def test_refusal_is_raised_to_the_caller(alice: Person, make_client: ClientMaker) -> None:
    hers = make_client(alice)
    with pytest.raises(Refused, match="marketplace"):
        hers.send("to an unknown chat", chat_id=987_654_321).wait(TIMEOUT)
    assert hers.state.pending == {}
    assert hers.await_complete(TIMEOUT)


def test_missed_messages_arrive_after_reconnect(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    his = make_client(bob, timings=replace(QUICK, page=7))
    chat_id = alice.sends("0", to=bob)["chat_id"]
    await_true(lambda: texts(his, chat_id) == ["0"])
    his.close()
    for number in range(1, 25):
        alice.sends(str(number), chat_id=chat_id)
    events = EventRecorder()
    back = make_client(bob, state=his.state, on_event=events, timings=replace(QUICK, page=7))
    assert texts(back, chat_id) == [str(number) for number in range(25)]
    assert events.texts() == [str(number) for number in range(1, 25)]
    assert back.unread(chat_id) == 25


def test_new_device_reads_opened_chats(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    chat_id = alice.sends("0", to=bob)["chat_id"]
    for number in range(1, 120):
        alice.sends(str(number), chat_id=chat_id)
    his = make_client(bob)
    his.open(chat_id)
    assert texts(his, chat_id) == [str(number) for number in range(120)]
    assert his.unread(chat_id) == 120


def test_messages_are_sent_once_while_workers_are_killed(
    breakable_server: ChatServer, make_client: ClientMaker
) -> None:
    make_person = PersonMaker(breakable_server)
    alice, bob = make_person("alice"), make_person("bob")
    events = EventRecorder()
    hers, his = make_client(alice), make_client(bob, on_event=events)
    chat_id = hers.send("0", receiver_id=bob.id).wait(TIMEOUT)["chat_id"]
    wanted = [str(number) for number in range(1, 201)]
    pending = []
    for number, text in enumerate(wanted):
        pending.append(hers.send(text, chat_id=chat_id))
        if number % 100 == 50:
            pending[number - 20].wait(TIMEOUT)  # some are in flight, some answered
            signal_worker(breakable_server, signal.SIGKILL)
    answers = [send.wait(TIMEOUT) for send in pending]
    assert hers.connection.openings >= 3
    assert [answer["content"] for answer in answers] == wanted
    assert history_of(alice, chat_id) == ["0", *wanted]
    await_true(lambda: texts(his, chat_id) == ["0", *wanted])
    assert texts(hers, chat_id) == ["0", *wanted]
    assert sorted(events.texts(), key=int) == ["0", *wanted]
    assert [answer["seq"] for answer in answers] == list(range(2, 202))


def test_client_reconnects_to_a_restarted_server(breakable_server: ChatServer, make_client: ClientMaker) -> None:
    make_person = PersonMaker(breakable_server)
    alice, bob = make_person("alice"), make_person("bob")
    hers, his = make_client(alice), make_client(bob)
    chat_id = hers.send("before", receiver_id=bob.id).wait(TIMEOUT)["chat_id"]
    breakable_server.stop(signal.SIGTERM)
    while_away = hers.send("while away", chat_id=chat_id)
    with pytest.raises(TimeoutError):
        while_away.wait(0.2)
    breakable_server.start()
    assert while_away.wait(TIMEOUT)["seq"] == 2
    await_true(lambda: texts(his, chat_id) == ["before", "while away"])


def test_invalid_base_url_is_rejected() -> None:
    with pytest.raises(ValueError, match="http://"):
        ChatClient("chat.example.com", "token")


def test_silent_server_is_abandoned_and_reconnected(breakable_server: ChatServer, make_client: ClientMaker) -> None:
    make_person = PersonMaker(breakable_server)
    alice, bob = make_person("alice"), make_person("bob")
    hers = make_client(alice, timings=replace(QUICK, ping_after=0.3, dead_after=0.9, connect_wait=2, rest_wait=2))
    assert hers.connection.is_open
    signal_worker(breakable_server, signal.SIGSTOP)
    try:
        await_true(lambda: not hers.connection.is_open)
        pending = hers.send("into the silence", receiver_id=bob.id)
    finally:
        signal_worker(breakable_server, signal.SIGCONT)
    assert pending.wait(TIMEOUT)["seq"] == 1


def test_a_client_that_gave_up_waiting_is_not_served(breakable_server: ChatServer) -> None:
    """In a storm of connections its place in the queue belongs to those who still wait."""
    alice = PersonMaker(breakable_server)("alice")
    ticket = alice.ticket()
    head = f"GET /ws/chat?ticket={ticket} HTTP/1.1\r\nHost: chat\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    signal_worker(breakable_server, signal.SIGSTOP)
    try:
        with socket.create_connection(("127.0.0.1", breakable_server.port)) as impatient:
            impatient.sendall((head + key).encode())
    finally:
        signal_worker(breakable_server, signal.SIGCONT)
    alice.ticket()  # on a connection behind it in the queue
    later = Socket(breakable_server, query=f"?ticket={ticket}")
    assert later.receives("connected")["type"] == "connected"
    later.closes()


def test_pings_keep_an_idle_connection(alice: Person, make_client: ClientMaker) -> None:
    events = EventRecorder()
    hers = make_client(alice, timings=replace(QUICK, ping_after=0.2, dead_after=1), on_event=events)
    await_true(lambda: len(events.of("pong")) >= 6)
    assert hers.connection.openings == 1


def test_client_polls_without_a_socket_and_returns_to_it(start_server: StartServer, make_client: ClientMaker) -> None:
    server = start_server(WS_MAX_CONNECTIONS="1")
    make_person = PersonMaker(server)
    alice, bob = make_person("alice"), make_person("bob")
    occupant = alice.connects()
    his = make_client(bob, wait=None)
    await_true(lambda: his.connection.is_polling and his.state.cursor is not None)
    first = his.send("over HTTP", receiver_id=alice.id).wait(TIMEOUT)
    alice.sends("polled", chat_id=first["chat_id"])
    await_true(lambda: texts(his, first["chat_id"]) == ["over HTTP", "polled"])
    assert his.unread(first["chat_id"]) == 1
    his.edit(first["id"], "edited over HTTP").wait(TIMEOUT)
    occupant.closes()
    assert his.await_complete(TIMEOUT)
    alice.sends("live", chat_id=first["chat_id"])
    await_true(lambda: texts(his, first["chat_id"]) == ["edited over HTTP", "polled", "live"])


def test_broken_connections_while_both_write(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    hers, his = make_client(alice), make_client(bob)
    chat_id = hers.send("first", receiver_id=bob.id).wait(TIMEOUT)["chat_id"]
    pending = []
    for number in range(40):
        pending += [hers.send(f"hers {number}", chat_id=chat_id), his.send(f"his {number}", chat_id=chat_id)]
        if number % 10 == 5:
            pending[-8].wait(TIMEOUT)  # the last ones are still in flight
            hers.connection.abort()
            his.connection.abort()
    for send in pending:
        send.wait(TIMEOUT)
    assert min(hers.connection.openings, his.connection.openings) >= 4
    expected = history_of(alice, chat_id)
    assert len(expected) == len(set(expected)) == 81
    await_true(lambda: texts(hers, chat_id) == texts(his, chat_id) == expected)


def test_client_stops_after_log_out(alice: Person, make_client: ClientMaker) -> None:
    events = EventRecorder()
    hers = make_client(alice, on_event=events)
    reply = alice.server.post("/api/v1/auth/logout", token=alice.token, json={"refresh_token": alice.refresh_token})
    assert reply.status < 300, reply.text
    await_true(lambda: events.of("stopped"))
    assert not hers.connection.is_open


def test_unknown_cursor_causes_a_full_sync(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    chat_id = alice.sends("kept", to=bob)["chat_id"]
    state = ChatState(bob.id)
    state.cursor = "of another life"
    events = EventRecorder()
    his = make_client(bob, state=state, on_event=events)
    await_true(lambda: chat_id in his.state.chats)
    alice.sends("live", chat_id=chat_id)
    await_true(lambda: texts(his, chat_id) == ["live"])
    assert events.of("full_sync")


def test_failing_callback_does_not_end_the_connection(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    called = threading.Event()

    def fail(frame: dict[str, Any]) -> None:
        called.set()
        raise ValueError("a defect of the program around the client")

    his = make_client(bob, on_event=fail)
    chat_id = alice.sends("one", to=bob)["chat_id"]
    alice.sends("two", chat_id=chat_id)
    await_true(lambda: texts(his, chat_id) == ["one", "two"])
    assert called.is_set()


def test_pending_sends_survive_a_restart_of_the_program(alice: Person, bob: Person, make_client: ClientMaker) -> None:
    hers = make_client(alice)
    chat_id = hers.send("first", receiver_id=bob.id).wait(TIMEOUT)["chat_id"]
    lost = hers.send("lost", chat_id=chat_id)
    hers.close()
    assert lost.is_done  # answered just in time, or failed
    again = make_client(alice, state=hers.state)
    assert again.await_complete(TIMEOUT)
    assert texts(again, chat_id) == history_of(alice, chat_id) == ["first", "lost"]
    assert again.state.pending == {}
