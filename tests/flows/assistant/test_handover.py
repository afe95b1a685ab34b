"""Handing a session over to a human, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.flows.assistant.test_answers import APPLICATION, answer_of
from tests.flows.assistant.visitors import SESSIONS, Visitor
from tests.host import Host
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true, database_copy


@pytest.fixture(scope="module")
def shop(
    environment: dict[str, str], postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChatServer]:
    """A server with an assistant that hands over at the word `human`, and a user for support."""
    with database_copy(postgres_url) as url:
        changed = {**environment, "DATABASE_URL": url, "ASSISTANT_SUPPORT": "support"}
        server = ChatServer(changed, log=tmp_path_factory.mktemp("shop") / "web.log", application=APPLICATION)
        yield server
        server.stop()


@pytest.fixture(scope="module")
def support(shop: ChatServer) -> Person:
    """Who takes over."""
    reply = shop.post(
        "/api/v1/auth/signup",
        json={"username": "support", "email": "support@example.com", "password": "correct horse battery"},
    )
    return Person(shop, "support", reply.data)


@pytest.fixture
def visitor(shop: ChatServer, support: Person) -> Iterator[Visitor]:
    opened = Visitor(shop)
    yield opened
    opened.leaves()


def chat_of(person: Person, visitor: Visitor, content: str) -> dict[str, Any]:
    """The chat of a session in the list of a human, once it is there."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found[:] = [
            chat
            for chat in person.chats()
            if any(
                message["content"] == content
                for message in person.gets("/messages", chat_id=chat["id"]).data["messages"]
            )
        ]
        return bool(found)

    await_true(is_there)
    return found[0]


def test_a_human_sees_all_of_it_and_answers(visitor: Visitor, support: Person) -> None:
    visitor.says("my number is 4711")
    answer_of(visitor)
    socket = visitor.connects()
    at_work = Socket(support.server, query=f"?token={support.token}")
    at_work.receives("connected")
    asked = visitor.at_session("POST", "/handover", json={"reason": "size advice"})
    assert (asked.json["responder"], asked.json["handover"]) == ("human", "offered")
    frame = socket.receives("session.handover", state="offered")
    assert at_work.receives("chat_joined")["chat"]["id"] == frame["chat_id"]

    chat = chat_of(support, visitor, "my number is 4711")
    assert (chat["kind"], chat["unread_count"]) == ("assistant", 2)
    support.sends("Hello, I am Ana", chat_id=chat["id"])
    assert socket.receives("session.handover", state="accepted")
    said = socket.receives("message", within=10)["message"]
    assert (said["role"], said["content"]) == ("human", "Hello, I am Ana")
    visitor.says("hello Ana")
    assert at_work.receives("new_message", within=10)["message"]["content"] == "Hello, I am Ana"
    assert at_work.receives("new_message", within=10)["message"]["content"] == "hello Ana"
    at_work.closes()


def test_the_assistant_is_silent_until_it_is_released(visitor: Visitor, support: Person) -> None:
    visitor.says("before 4712")
    answer_of(visitor)
    visitor.at_session("POST", "/handover")
    for number in range(100):
        visitor.says(f"to the human {number}")
    chat = chat_of(support, visitor, "to the human 99")
    assert {message["role"] for message in visitor.history(limit=100)} == {"user"}
    signed = support.server.post(f"{SESSIONS}/sign", token=support.token, json={"session_id": visitor.session_id}).json
    released = visitor.at_session("POST", "/release", session_id=signed["signed_session_id"], token=support.token)
    assert (released.json["responder"], released.json["handover"]) == ("assistant", None)
    visitor.says("context")
    await_true(lambda: visitor.history()[-1]["role"] == "assistant")
    assert visitor.history()[-1]["content"].split("|")[0] == "visitor"
    assert chat["id"] not in {chat["id"] for chat in support.chats()}
    assert visitor.at_session("POST", "/release").json["error"] == "not_handed_over"


def test_the_assistant_asks_for_a_human(visitor: Visitor, support: Person) -> None:
    visitor.says("hello")
    answer_of(visitor)
    socket = visitor.connects()
    visitor.says("human please, I would like to talk to a person")
    message = socket.receives("assistant.message")["message"]
    assert (message["status"], message["content"]) == ("complete", "A person will take over and answer here.")
    assert socket.receives("session.handover")["state"] == "offered"
    refused = visitor.posts(f"/messages/{message['id']}/regenerate")
    assert (refused.status, refused.json["error"]) == (409, "human_answers")


def test_the_seller_of_the_item_takes_over(shop: ChatServer, support: Person) -> None:
    seller = PersonMaker(shop)("seller")
    item = Host(shop).lists("Lamp", seller=seller)
    visitor = Visitor(shop)
    visitor.says("about this lamp 4713", item={"kind": "listing", "id": item})
    answer_of(visitor)
    visitor.at_session("POST", "/handover")
    assert chat_of(seller, visitor, "about this lamp 4713")["title"] == "Assistant"
    assert not any(chat["id"] for chat in support.chats() if chat["last_message"]["content"].endswith("4713"))


def test_a_session_of_nothing_cannot_be_handed_over(visitor: Visitor) -> None:
    assert visitor.at_session("POST", "/handover").status == 404


MakeVisitor = Callable[..., Visitor]
