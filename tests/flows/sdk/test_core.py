"""The core of the SDK in Node: what arrives is news once, commands are executed once, also through crashes."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from tests.flows.sdk.device import SdkError, SdkProcess
from tests.flows.sdk.test_live import StartServer
from tests.people import Person, PersonMaker
from tests.servers import await_true


def test_messages_and_changes_arrive_as_frames(alice: Person, bob: Person, sdk: SdkProcess) -> None:
    hers, his = (sdk.core(person.server.url, person.token) for person in (alice, bob))
    sent = hers.call("send", {"receiver_id": bob.id, "content": "hello"})
    chat_id = sent["chat_id"]
    await_true(lambda: [event["message"]["content"] for event in his.events("new_message")] == ["hello"])
    assert (hers.call("me"), his.call("me")) == (alice.id, bob.id)
    edited = hers.call("change", "edit", chat_id, sent["id"], {"content": "hello there"})
    his.call("change", "react", chat_id, sent["id"], {"emoji": "👍"})
    await_true(lambda: [event["message"]["content"] for event in his.events("message_edited")] == ["hello there"])
    await_true(lambda: [event["emoji"] for event in hers.events("reaction_added")] == ["👍"])
    (known,) = his.call("messages", chat_id)
    assert (known["content"], known["reactions"][0]["emoji"], edited["version"]) == ("hello there", "👍", 2)
    page = his.call("call", "GET", "/messages", {"query": {"chat_id": chat_id}})
    assert [message["id"] for message in page["messages"]] == [sent["id"]]


def test_refusals_are_rejections_and_events(alice: Person, bob: Person, sdk: SdkProcess) -> None:
    chat_id = alice.sends("0", to=bob)["chat_id"]
    hers = sdk.core(alice.server.url, alice.token)
    bob.blocks(alice)
    with pytest.raises(SdkError) as refusal:
        hers.call("send", {"chat_id": chat_id, "content": "refused"}, "key-1")
    assert (refusal.value.name, refusal.value.code) == ("RefusedError", "marketplace.blocked")
    assert [(event["key"], event["error"]["code"]) for event in hers.events("refused")] == [
        ("key-1", "marketplace.blocked")
    ]


def test_each_message_is_sent_and_seen_once_while_workers_are_killed(
    start_server: StartServer, sdk: SdkProcess
) -> None:
    server = start_server()
    make_person = PersonMaker(server)
    alice, bob = make_person("alice"), make_person("bob")
    chat_id = alice.sends("0", to=bob)["chat_id"]
    hers, his = (sdk.core(server.url, person.token) for person in (alice, bob))
    wanted = [str(number) for number in range(1, 101)]
    sends = []
    for number, text in enumerate(wanted):
        sends.append(hers.begin("send", {"chat_id": chat_id, "content": text}))
        if number % 50 == 25:
            sends[number - 10].wait()
            for worker in psutil.Process(server.process.pid).children():
                os.kill(worker.pid, signal.SIGKILL)
    assert [send.wait()["content"] for send in sends] == wanted
    await_true(lambda: his.texts(chat_id)[-100:] == wanted, what=lambda: str(his.texts(chat_id)))
    seen = [event["message"]["content"] for event in his.events("new_message")]
    assert sorted(set(seen), key=int) == sorted(seen, key=int)
    assert set(wanted) <= set(seen)
    stored = [message["content"] for page in (1, 2) for message in alice.history(chat_id, limit=100, page=page)]
    assert stored[::-1] == ["0", *wanted]


def test_forgotten_messages_are_no_news_when_they_are_read_again(alice: Person, bob: Person, sdk: SdkProcess) -> None:
    chat_id = alice.sends("0", to=bob)["chat_id"]
    his = sdk.core(bob.server.url, bob.token)
    for number in range(1, 6):
        alice.sends(str(number), chat_id=chat_id)
    await_true(lambda: his.texts(chat_id)[-5:] == ["1", "2", "3", "4", "5"])
    his.call("forget", chat_id)
    assert his.texts(chat_id) == []
    his.call("disconnect")
    alice.sends("6", chat_id=chat_id)
    his.call("connect")  # reads all since the cursor, which is older than "1"
    await_true(lambda: his.texts(chat_id)[-1:] == ["6"])
    seen = [event["message"]["content"] for event in his.events("new_message")]
    assert [text for text in seen if text != "0"] == ["1", "2", "3", "4", "5", "6"]
