"""The SDK in Node against real servers that crash, restart or refuse sockets: nothing is lost or duplicated."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from tests.flows.sdk.device import SdkError, SdkProcess
from tests.people import Person, PersonMaker
from tests.servers import ChatServer, await_true

StartServer = Callable[..., ChatServer]


@pytest.fixture(scope="module")
def breakable_server(start_server: StartServer) -> ChatServer:
    """A server that these tests may break."""
    return start_server()


def signal_worker(server: ChatServer, number: signal.Signals) -> None:
    """Send SIGKILL, like the OOM killer (the master starts another worker), or SIGSTOP, like a hanging machine."""
    for worker in psutil.Process(server.process.pid).children():
        os.kill(worker.pid, number)


def test_actions_reach_the_other_client(alice: Person, bob: Person, sdk: SdkProcess) -> None:
    hers, his = (sdk.client(person.server.url, person.token) for person in (alice, bob))
    hers.send(receiverId=bob.id, content="hello")
    await_true(lambda: his.call("state.list"))
    (chat_id,) = his.call("state.list")
    first = his.call("state.messages", chat_id)[0]
    assert his.call("state.chat", chat_id)["unread_count"] == 1
    edited = hers.call("edit", chat_id, first["id"], "hello there", first["version"])
    his.call("react", chat_id, first["id"], "👍")
    his.call("pin", chat_id, first["id"])
    his.call("star", chat_id, first["id"])
    his.call("markRead", chat_id)
    await_true(lambda: hers.call("state.messages", chat_id)[0]["is_read"])
    await_true(
        lambda: [kind["emoji"] for kind in hers.call("state.message", chat_id, first["id"])["reactions"]] == ["👍"]
    )
    await_true(lambda: hers.call("state.pinned", chat_id) == [first["id"]])
    await_true(lambda: his.call("state.starred", chat_id) == [first["id"]])
    assert (edited["version"], his.call("state.unread", chat_id)) == (2, 0)
    hers.call("typing", chat_id)
    await_true(lambda: his.call("state.typing", chat_id) == [alice.id])
    hers.call("delete", chat_id, first["id"])
    his.awaits_texts(chat_id, ["[deleted]"])
    assert his.call("state.pinned", chat_id) == []


def test_refused_message_is_kept_with_its_error_and_can_be_sent_again(
    alice: Person, bob: Person, sdk: SdkProcess
) -> None:
    chat_id = alice.sends("0", to=bob)["chat_id"]
    hers = sdk.client(alice.server.url, alice.token)
    bob.blocks(alice)
    key = hers.send(chatId=chat_id, content="refused")
    await_true(lambda: [each["state"] for each in hers.call("state.pending", chat_id)] == ["refused"])
    assert hers.call("state.pending", chat_id)[0]["error"]["code"] == "marketplace.blocked"
    assert [event["error"]["code"] for event in hers.events("refused")] == ["marketplace.blocked"]
    bob.unblocks(alice)
    hers.call("retry", key)
    hers.awaits_texts(chat_id, ["refused"])
    assert hers.call("state.pending", chat_id) == []


def test_history_is_read_in_pages_and_around_a_message(alice: Person, bob: Person, sdk: SdkProcess) -> None:
    sent = [alice.sends("0", to=bob)]
    chat_id = sent[0]["chat_id"]
    sent += [alice.sends(str(number), chat_id=chat_id) for number in range(1, 130)]
    his = sdk.client(bob.server.url, bob.token)

    def window(*around: int) -> tuple[int, int, bool, bool]:
        found = his.call("state.window", chat_id, *around)
        seqs = [message["seq"] for message in found["messages"]]
        assert seqs == list(range(seqs[0], seqs[-1] + 1))
        return seqs[0], seqs[-1], found["hasOlder"], found["hasNewer"]

    his.call("openChat", chat_id)
    assert window() == (81, 130, True, False)
    assert his.call("loadOlder", chat_id)
    assert window() == (31, 130, True, False)
    his.call("closeChat", chat_id)
    assert window() == (81, 130, True, False)
    target = sent[29]["id"]
    his.call("loadAround", chat_id, target, {"limit": 10})
    assert window(target) == (21, 40, True, True)
    while window(target)[3]:
        assert his.call("loadNewer", chat_id, target)
    assert window(target) == (21, 130, True, False)
    while window()[2]:
        assert his.call("loadOlder", chat_id)
    assert not his.call("loadOlder", chat_id)
    assert window() == (1, 130, False, False)
    alice.sends("live", chat_id=chat_id)
    await_true(lambda: window() == (1, 131, False, False))


def test_messages_are_sent_once_while_workers_are_killed(breakable_server: ChatServer, sdk: SdkProcess) -> None:
    make_person = PersonMaker(breakable_server)
    alice, bob = make_person("alice"), make_person("bob")
    hers, his = (sdk.client(person.server.url, person.token) for person in (alice, bob))
    chat_id = alice.sends("0", to=bob)["chat_id"]
    wanted = [str(number) for number in range(1, 201)]
    for number, text in enumerate(wanted):
        hers.send(chatId=chat_id, content=text)
        if number % 100 == 50:
            await_true(lambda waited=number - 20: wanted[waited] in hers.texts(chat_id))  # type: ignore[misc]
            signal_worker(breakable_server, signal.SIGKILL)
    his.awaits_texts(chat_id, ["0", *wanted])
    hers.awaits_texts(chat_id, ["0", *wanted])
    assert hers.call("state.pending", chat_id) == []
    stored = [message["content"] for page in (1, 2, 3) for message in alice.history(chat_id, limit=100, page=page)]
    assert stored[::-1] == ["0", *wanted]
    lost = [event for event in hers.events("connection") if event["state"] == "waiting"]
    assert len(lost) >= 2
    seen = [event["message"]["content"] for event in his.events("new_message")]
    assert sorted(seen, key=int) == ["0", *wanted]  # each one once


def test_restarted_server_gets_what_was_sent_meanwhile(breakable_server: ChatServer, sdk: SdkProcess) -> None:
    make_person = PersonMaker(breakable_server)
    alice, bob = make_person("alice"), make_person("bob")
    chat_id = alice.sends("before", to=bob)["chat_id"]
    hers, his = (sdk.client(person.server.url, person.token) for person in (alice, bob))
    breakable_server.stop(signal.SIGTERM)
    hers.send(chatId=chat_id, content="while away")
    assert [each["state"] for each in hers.call("state.pending", chat_id)] == ["sending"]
    hers.awaits("polling")
    breakable_server.start()
    his.awaits_texts(chat_id, ["while away"] if not his.texts(chat_id) else ["before", "while away"])
    hers.awaits("live")


def test_silent_server_is_abandoned(breakable_server: ChatServer, sdk: SdkProcess) -> None:
    make_person = PersonMaker(breakable_server)
    alice, bob = make_person("alice"), make_person("bob")
    pace = {"pingAfter": 300, "pongWait": 600, "connectWait": 2000, "restWait": 2000}
    hers = sdk.client(alice.server.url, alice.token, pace=pace)
    chat_id = bob.sends("hello", to=alice)["chat_id"]
    hers.awaits_texts(chat_id, ["hello"])
    signal_worker(breakable_server, signal.SIGSTOP)
    try:
        await_true(lambda: hers.call("connection")["state"] != "live")
        hers.send(chatId=chat_id, content="into the silence")
    finally:
        signal_worker(breakable_server, signal.SIGCONT)
    hers.awaits_texts(chat_id, ["hello", "into the silence"])


def test_client_polls_without_a_socket_and_returns_to_it(start_server: StartServer, sdk: SdkProcess) -> None:
    server = start_server(WS_MAX_CONNECTIONS="1")
    make_person = PersonMaker(server)
    alice, bob = make_person("alice"), make_person("bob")
    occupant = alice.connects()
    his = sdk.start_client(server.url, bob.token)
    his.awaits("polling")
    his.send(receiverId=alice.id, content="over HTTP")
    await_true(lambda: alice.chats())
    chat_id = alice.chats()[0]["id"]
    alice.sends("polled", chat_id=chat_id)
    his.awaits_texts(chat_id, ["over HTTP", "polled"])
    assert his.call("state.chat", chat_id)["unread_count"] == 1
    his.call("mute", chat_id)
    await_true(lambda: his.call("state.chat", chat_id)["is_muted"])
    occupant.closes()
    his.awaits("live")
    alice.sends("live", chat_id=chat_id)
    his.awaits_texts(chat_id, ["over HTTP", "polled", "live"])


def test_newer_socket_stops_the_client_and_connect_takes_its_place(start_server: StartServer, sdk: SdkProcess) -> None:
    server = start_server(WS_MAX_CONNECTIONS_PER_USER="1")
    alice = PersonMaker(server)("alice")
    first = sdk.client(server.url, alice.token)
    second = sdk.client(server.url, alice.token)
    first.awaits("stopped")
    assert first.call("connection")["reason"] == "replaced"
    first.call("connect")
    first.awaits("live")
    second.awaits("stopped")


def test_ended_log_in_stops_the_client_and_keeps_what_is_pending(alice: Person, bob: Person, sdk: SdkProcess) -> None:
    chat_id = alice.sends("0", to=bob)["chat_id"]
    hers = sdk.client(alice.server.url, alice.token)
    assert alice.server.post("/api/v1/auth/logout", token=alice.token).status == 200
    hers.awaits("stopped")
    assert hers.call("connection")["reason"] == "unauthorized"
    assert [event["reason"] for event in hers.events("signedOut")] == ["unauthorized"]
    hers.send(chatId=chat_id, content="kept")
    assert [each["state"] for each in hers.call("state.pending", chat_id)] == ["sending"]


def test_expired_token_is_replaced(alice: Person, sdk: SdkProcess) -> None:
    hers = sdk.client(alice.server.url, ["expired", alice.token])
    assert hers.call("connection")["state"] == "live"


def test_errors_are_typed(alice: Person, sdk: SdkProcess) -> None:
    hers = sdk.client(alice.server.url, alice.token)
    with pytest.raises(SdkError) as refusal:
        hers.call("readDraft", 987_654_321)
    assert (refusal.value.name, refusal.value.code, refusal.value.status) == (
        "RefusedError",
        "marketplace.chatNotFound",
        404,
    )
    with pytest.raises(SdkError) as refusal:
        hers.call("groups.create", "", [])
    assert (refusal.value.name, refusal.value.status) == ("RefusedError", 422)


def test_groups(alice: Person, bob: Person, carol: Person, sdk: SdkProcess) -> None:
    hers, his = (sdk.client(person.server.url, person.token) for person in (alice, bob))
    chat_id = hers.call("groups.create", "Tours", [bob.id])["id"]
    await_true(lambda: (his.call("state.chat", chat_id) or {}).get("title") == "Tours")
    hers.call("groups.add", chat_id, [carol.id])
    await_true(lambda: his.call("state.chat", chat_id)["member_count"] == 3)
    hers.call("groups.changeRole", chat_id, bob.id, "admin")
    await_true(lambda: his.call("state.chat", chat_id)["role"] == "admin")
    his.call("groups.update", chat_id, {"title": "Tours on Sundays"})
    await_true(lambda: hers.call("state.chat", chat_id)["title"] == "Tours on Sundays")
    his.call("groups.leave", chat_id)
    await_true(lambda: his.call("state.chat", chat_id) is None)
    hers.call("groups.add", chat_id, [bob.id])
    hers.send(chatId=chat_id, content="welcome back")
    await_true(lambda: his.texts(chat_id)[-1:] == ["welcome back"])
