"""More questions than a worker can answer at once: they wait, the last ones are turned away, and a stop loses none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.database import Database
from tests.flows.assistant.test_answers import APPLICATION, answer_of
from tests.flows.assistant.visitors import Visitor
from tests.servers import ChatServer, await_true, database_copy

Start = Callable[..., ChatServer]


@pytest.fixture
def start(environment: dict[str, str], postgres_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts servers on one database of their own."""
    started: list[ChatServer] = []
    with database_copy(postgres_url) as url:

        def start(**changed: str) -> ChatServer:
            log = tmp_path / f"{len(started)}.log"
            changed = {**environment, "DATABASE_URL": url, **changed}
            started.append(ChatServer(changed, log=log, application=APPLICATION))
            return started[-1]

        yield start
        for server in started:
            if server.process.poll() is None:
                server.stop()


def test_questions_beyond_the_queue_are_told_when_to_ask_again(start: Start) -> None:
    server = start(ASSISTANT_CONCURRENCY="2", ASSISTANT_QUEUE="3")
    visitors = [Visitor(server) for _ in range(7)]
    for visitor in visitors[:5]:
        visitor.says("hang")
    for visitor in visitors[5:]:
        visitor.says("one too many")
    for visitor in visitors[5:]:
        refusal = answer_of(visitor)
        assert (refusal["status"], refusal["retry_after"] > 0) == ("failed", True)
    for visitor in visitors[:5]:
        assert visitor.at_session("POST", "/stop").json["stopped"] is True
    for visitor in visitors[:5]:
        assert answer_of(visitor)["status"] == "stopped"


def test_all_answers_come_though_few_are_made_at_once(start: Start) -> None:
    server = start(ASSISTANT_CONCURRENCY="2")
    visitors = [Visitor(server) for _ in range(8)]
    for visitor in visitors:
        visitor.says("words 5 20")
    assert {answer_of(visitor)["content"] for visitor in visitors} == {"w0 w1 w2 w3 w4 "}


def test_a_worker_that_ends_lets_answers_end(start: Start) -> None:
    first, second = start(), start()
    visitor = Visitor(first)
    socket = visitor.connects()
    visitor.says("words 20 50")
    socket.receives_any("assistant.delta", "assistant.partial")
    first.stop()
    visitor.server = second
    assert answer_of(visitor)["content"] == "".join(f"w{number} " for number in range(20))
    assert len(visitor.history()) == 2


def test_answers_of_a_session_are_limited_and_no_question_is_lost(start: Start) -> None:
    server = start(LIMIT_QUESTIONS="2/hour")
    visitor, other = Visitor(server), Visitor(server)

    def said(by: Visitor, role: str) -> list[str]:
        return [message["content"] for message in by.history(limit=100) if message["role"] == role]

    for number in (1, 2):
        visitor.says(f"words {number} 0")
        await_true(lambda expected=number: len(said(visitor, "assistant")) == expected)
    for number in (3, 4, 5):
        visitor.says(f"question{number}")
    other.says("words 3 0")
    assert answer_of(other)["content"] == "w0 w1 w2 "
    asked = ["words 1 0", "words 2 0", "question3", "question4", "question5"]
    assert (said(visitor, "user"), said(visitor, "assistant")) == (asked, ["w0 ", "w0 w1 "])
    database = Database(server.environment["DATABASE_URL"])
    database.change("UPDATE assistant_turns SET finished_at = finished_at - interval '1 hour'")
    await_true(lambda: said(visitor, "assistant")[2:] == ["question3+question4+question5"])
