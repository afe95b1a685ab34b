"""Answers: live pieces, one message in the end, on all devices; stopping, and what a crash leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from chatapp.auth.session_ids import session_ids
from config import load
from tests.database import Database
from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import Visitor
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true, database_copy

APPLICATION = "tests.flows.assistant.answering_app:app()"


@pytest.fixture(scope="module")
def apart(environment: dict[str, str], postgres_url: str) -> Iterator[dict[str, str]]:
    """An environment with a database of its own: other servers would answer, too."""
    with database_copy(postgres_url) as url:
        yield {**environment, "DATABASE_URL": url}


@pytest.fixture(scope="module")
def answering(apart: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """A server whose assistant follows what visitors say."""
    server = ChatServer(apart, log=tmp_path_factory.mktemp("answering") / "web.log", application=APPLICATION)
    session_ids.bind(load(apart))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def database(apart: dict[str, str]) -> Database:
    """The database of that server."""
    return Database(apart["DATABASE_URL"])


@pytest.fixture
def visitor(opens: OpenSession, answering: ChatServer) -> Visitor:
    return opens(on=answering)


def answer_of(visitor: Visitor, number: int = 1) -> dict[str, Any]:
    """The answer, once there are so many."""
    answers: list[dict[str, Any]] = []

    def is_there() -> bool:
        answers[:] = [message for message in visitor.history(limit=100) if message["role"] == "assistant"]
        return len(answers) >= number

    await_true(is_there, within=30)
    return answers[number - 1]


def text_of(frames: list[dict[str, Any]]) -> str:
    """The text that a client shows after these frames."""
    text, attempt, index = "", 0, 0
    for frame in frames:
        if frame["type"] == "assistant.partial" and (frame["attempt"], frame["index"]) >= (attempt, index):
            text, attempt, index = frame["text"], frame["attempt"], frame["index"]
        if frame["type"] == "assistant.delta":
            if frame["attempt"] > attempt:
                text, attempt, index = "", frame["attempt"], 0
            if frame["index"] == index + 1:
                text, index = text + frame["delta"], frame["index"]
    return text


def test_an_answer_comes_in_pieces_and_ends_as_a_message(visitor: Visitor) -> None:
    socket = visitor.connects()
    socket.sends({"type": "message", "content": "words 20 30"})
    done = socket.receives("assistant.message")
    pieces = [frame for frame in socket.received if frame["type"] in ("assistant.delta", "assistant.partial")]
    assert len(pieces) > 2
    whole = "".join(f"w{number} " for number in range(20))
    assert whole == done["message"]["content"]
    assert whole.startswith(text_of(pieces)) and len(text_of(pieces)) > len(whole) / 2
    assert {frame["answer_id"] for frame in pieces} == {done["answer_id"]} == {done["message"]["answer_id"]}
    assert done["message"]["status"] == "complete"
    states = [frame["state"] for frame in socket.received if frame["type"] == "typing"]
    assert states == ["thinking", "generating"]
    assert socket.receives("typing", is_typing=False)["state"] is None
    assert [message["content"] for message in visitor.history()] == ["words 20 30", whole]


def test_cards_and_choices_are_parts_of_the_message(visitor: Visitor) -> None:
    visitor.says("cards please, I am looking for something for my living room")
    message = answer_of(visitor)
    text, items, choices = message["parts"]
    assert text == {"type": "text", "text": "In en: a lamp."}
    (card,) = items["data"]["items"]
    assert (items["type"], items["data"]["found"], items["data"]["exact"]) == ("data-items", 1, True)
    assert (card["title"], card["price"], card["currency"]) == ("Lamp", "12.50", "EUR")
    assert choices == {"type": "data-choices", "data": {"choices": ["cheaper", "another"]}}


def test_the_next_turn_knows_the_wish_and_what_was_shown(visitor: Visitor) -> None:
    visitor.says("cards", item={"kind": "listing", "id": 7})
    answer_of(visitor)
    visitor.says("context now, what do you know about me?")
    roles, wish, shown, place, language, in_time = answer_of(visitor, 2)["content"].split("|")
    assert (roles, wish, shown, place) == ("visitor,assistant,visitor", "{'category': 'lamp'}", "7", "listing/7")
    assert (language, in_time) == ("en", "True")


def test_every_device_ends_with_the_same_text(opens: OpenSession, answering: ChatServer) -> None:
    alice = PersonMaker(answering)("alice")
    hers = opens(alice, on=answering)
    devices = [hers.connects() for _ in range(3)]
    hers.says("words 10 50")
    ends = [device.receives("assistant.message") for device in devices]
    assert all(end == ends[0] for end in ends)


def test_a_cut_socket_does_not_stop_an_answer(visitor: Visitor) -> None:
    first = visitor.connects()
    sent = visitor.says("words 30 50")
    first.receives("assistant.delta")
    first.closes()
    second = visitor.connects()
    missed = second.requests({"type": "resume", "after_id": sent["id"]}, "resumed")
    assert (missed["messages"], missed["is_answering"]) == ([], True)
    done = second.receives("assistant.message")
    pieces = [frame for frame in second.received if frame["type"] in ("assistant.delta", "assistant.partial")]
    whole = "".join(f"w{number} " for number in range(30))
    assert whole == done["message"]["content"]
    assert whole.startswith(text_of(pieces)) and len(text_of(pieces)) > len(whole) / 2
    after = second.requests({"type": "resume", "after_id": sent["id"]}, "resumed")
    assert (after["messages"], after["is_answering"]) == ([done["message"]], False)


@pytest.mark.parametrize("over", ["socket", "rest"])
def test_a_stopped_answer_is_what_was_said_until_then(visitor: Visitor, over: str) -> None:
    socket = visitor.connects()
    visitor.says("hang")
    # A socket that is older than its session may miss the first piece, but not the text.
    delta = socket.receives_any("assistant.delta", "assistant.partial")
    if over == "socket":
        socket.sends({"type": "assistant.stop", "answer_id": delta["answer_id"]})
    else:
        assert visitor.at_session("POST", "/stop").json == {"session_id": visitor.session_id, "stopped": True}
    done = socket.receives("assistant.message")
    assert (done["message"]["status"], done["message"]["content"]) == ("stopped", "well ")
    assert visitor.at_session("POST", "/stop").json["stopped"] is False


def test_questions_before_the_first_piece_are_one_turn(visitor: Visitor, database: Database) -> None:
    visitor.connects()
    for text in ("consider 2000", "three", "four"):
        visitor.says(text)
    assert answer_of(visitor)["content"] == "consider 2000+three+four"
    assert [message["role"] for message in visitor.history()] == ["user", "user", "user", "assistant"]
    chat_id = session_ids().chat_id(visitor.session_id)
    assert database.rows("SELECT state FROM assistant_turns WHERE chat_id = %s", chat_id) == [("done",)]


def test_a_question_during_an_answer_is_answered_next(visitor: Visitor) -> None:
    socket = visitor.connects()
    visitor.says("words 10 60")
    socket.receives("assistant.delta")
    visitor.says("and then")
    assert socket.receives("assistant.message")["message"]["content"].startswith("w0 w1 ")
    assert socket.receives("assistant.message")["message"]["content"].endswith("and then")


@pytest.mark.parametrize(("question", "status"), [("fail", "failed"), ("break", "interrupted")])
def test_a_failure_is_an_answer(visitor: Visitor, question: str, status: str) -> None:
    visitor.says(question)
    message = answer_of(visitor)
    assert (message["status"], bool(message["content"])) == (status, True)


def test_an_answer_can_be_rated_and_made_again(visitor: Visitor, database: Database) -> None:
    visitor.says("explain it")
    first = answer_of(visitor)
    for rating in ("up", "down"):
        reply = visitor.posts(f"/messages/{first['id']}/feedback", rating=rating, reason="so")
        assert (reply.status, reply.json) == (200, {"message_id": first["id"], "rating": rating})
    assert database.rows("SELECT rating, reason FROM answer_ratings ORDER BY rated_at DESC LIMIT 1") == [("down", "so")]
    question = visitor.history()[0]
    assert visitor.posts(f"/messages/{question['id']}/feedback", rating="up").status == 404
    assert visitor.posts(f"/messages/{first['id']}/feedback", rating="sideways").status == 422
    again = visitor.posts(f"/messages/{first['id']}/regenerate")
    assert (again.status, set(again.json)) == (202, {"session_id", "answer_id"})
    second = answer_of(visitor, 2)
    assert (second["content"], second["answer_id"]) == (first["content"], again.json["answer_id"])


def test_a_worker_that_dies_leaves_the_answer_to_the_next(
    environment: dict[str, str], postgres_url: str, tmp_path: Path
) -> None:
    with database_copy(postgres_url) as url:
        _kill_while_it_answers({**environment, "DATABASE_URL": url}, tmp_path)


def _kill_while_it_answers(environment: dict[str, str], folder: Path) -> None:
    database = Database(environment["DATABASE_URL"])
    first, second = (
        ChatServer(environment, log=folder / f"{name}.log", application=APPLICATION) for name in ("first", "second")
    )
    try:
        visitor = Visitor(first)
        socket = visitor.connects()
        visitor.says("words 40 50")
        socket.receives_any("assistant.delta", "assistant.partial")
        for process in [*psutil.Process(first.process.pid).children(), first.process]:
            process.kill()
        visitor.server = second
        late = visitor.connects()
        assert late.receives("assistant.message")["message"] == answer_of(visitor)
        pieces = [frame for frame in late.received if frame["type"] in ("assistant.delta", "assistant.partial")]
        whole = "".join(f"w{number} " for number in range(40))
        assert answer_of(visitor)["content"] == whole
        assert whole.startswith(text_of(pieces)) and len(text_of(pieces)) > len(whole) / 2
        assert {frame["attempt"] for frame in pieces} == {2}
        assert len(visitor.history()) == 2
        assert database.rows("SELECT attempt, outcome FROM assistant_turns") == [(2, "stop")]
    finally:
        first.process.wait()
        second.stop()


def test_people_meet_the_assistant_in_their_own_dialect(opens: OpenSession, answering: ChatServer) -> None:
    alice: Person = PersonMaker(answering)("alice")
    hers = opens(alice, on=answering)
    hers.says("hello")
    answer_of(hers)
    (chat,) = [chat for chat in alice.chats() if chat["kind"] == "assistant"]
    assert chat["last_message"]["sender"]["name"] == "Assistant"
    market = Socket(answering, query=f"?token={alice.token}")
    market.receives("connected")
    alice.sends("from the marketplace", chat_id=chat["id"])
    assert market.receives("new_message")["message"]["content"] == "from the marketplace"
    assert market.receives("new_message")["message"]["content"].endswith("from the marketplace")
    market.closes()
