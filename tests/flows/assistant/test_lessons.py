"""Faults of an earlier system of this kind: what went wrong there does not here.

Messages in memory only, no way back after a broken connection, sessions that others could take over, and the like.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import redis

from tests.commands import ops_process
from tests.database import Database
from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import CHAT, SESSIONS, Visitor
from tests.flows.live.workers import on_each_worker
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true


def contents(visitor: Visitor) -> list[str]:
    return [message["content"] for message in visitor.history(limit=100) if message["role"] == "user"]


def test_devices_on_different_workers_receive_the_same(two_workers: ChatServer) -> None:
    alice = PersonMaker(two_workers)("alice")
    visitor = Visitor(two_workers, alice)

    def connect(server: ChatServer) -> Socket:
        alice.sockets.append(visitor.connects(server))
        return alice.sockets[-1]

    sockets = on_each_worker(alice, two_workers, connect=connect)
    sent = visitor.says("to all devices")
    assert [socket.receives("message")["message"] for socket in sockets] == [sent, sent]
    visitor.leaves()


def test_history_survives_the_loss_of_redis(opens: OpenSession, environment: dict[str, str]) -> None:
    visitor = opens()
    for number in range(3):
        visitor.says(f"kept {number}")
    before = visitor.history()[:3]
    redis.Redis.from_url(environment["REDIS_URL"]).flushall()
    assert visitor.history()[:3] == before
    visitor.says("and after")
    assert contents(visitor) == ["kept 0", "kept 1", "kept 2", "and after"]


def test_a_client_that_was_away_gets_what_it_missed(opens: OpenSession) -> None:
    visitor = opens()
    last = visitor.says("before")
    visitor.connects().closes()
    visitor.says("while away")
    missed = visitor.gets("/messages/since", since=last["created_at"]).json["messages"]
    assert [message["content"] for message in missed if message["role"] == "user"] == ["while away"]


def test_opening_sessions_is_limited_and_leaves_no_rows(
    start_server: Callable[..., ChatServer], database: Database
) -> None:
    server = start_server(LIMIT_SESSIONS="10/hour")
    before = database.counts()
    replies = [server.post(SESSIONS, json={}) for _ in range(30)]
    assert [reply.status for reply in replies] == [200] * 10 + [429] * 20
    assert int(replies[-1].headers["Retry-After"]) > 0
    assert replies[-1].json["error"] == "rate_limit_exceeded"
    assert database.counts() == before


def test_questions_without_an_account_are_limited_per_address(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_QUESTIONS_ADDRESS="3/hour")
    visitor, other = Visitor(server), Visitor(server)
    statuses = [visitor.posts("/messages", content=f"question {number}").status for number in range(4)]
    assert statuses == [200, 200, 200, 429]
    socket = other.connects()
    assert socket.requests({"type": "message", "content": "over a socket"}, "error")["error"] == "rate_limit_exceeded"
    customer = Visitor(server, PersonMaker(server)("alice"))
    assert customer.posts("/messages", content="with an account").status == 200
    other.leaves()


def test_expired_sessions_are_deleted_with_their_messages(
    opens: OpenSession, environment: dict[str, str], database: Database
) -> None:
    expired, kept = opens(), opens()
    chat_ids = []
    for visitor in (expired, kept):
        visitor.says(f"of {visitor.session_id}")
        ((chat_id,),) = database.rows(
            "SELECT chat_id FROM messages WHERE retention = 1 AND content = %s", f"of {visitor.session_id}"
        )
        chat_ids.append(chat_id)
    database.change("UPDATE sessions SET expires_at = now() WHERE chat_id = %s", chat_ids[0])
    for job in ("sessions_sweep", "session_orphans"):
        assert ops_process(environment, "jobs", "run", job).code == 0
    assert expired.history() == []
    assert kept.history()[0]["content"] == f"of {kept.session_id}"
    for table in ("sessions", "chat_members", "assistant_turns", "messages"):
        left = database.rows(f"SELECT DISTINCT chat_id FROM {table} WHERE chat_id = ANY(%s)", chat_ids)
        assert left == [(chat_ids[1],)], table


def test_what_is_refused_and_answered_is_counted(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_SESSIONS="1/hour", METRICS_FLEET="0")
    visitor = Visitor(server)
    assert server.post(SESSIONS, json={}).status == 429
    socket = visitor.connects()
    socket.sends({"type": "message", "content": "hello"})
    socket.receives("assistant.message")

    def value(series: str) -> float:
        lines = server.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(series))

    await_true(lambda: value('chat_assistant_answers_total{adapter="catalog",outcome="stop"}') == 1)
    assert value('chat_rate_limit_refusals_total{limit="sessions"}') == 1
    assert value("chat_websocket_connections_total") == 1
    assert value('chat_websocket_messages_total{direction="in",type="message"}') == 1
    assert value('chat_http_requests_total{method="POST",route="/api/sessions",status="429"}') == 1
    visitor.leaves()


def test_a_session_cannot_be_taken_over(opens: OpenSession, alice: Person, bob: Person) -> None:
    hers = opens(alice)
    hers.says("my address")
    for token in (bob.token, None):
        for session_id in (hers.session_id, hers.signed):
            reply = hers.server.get(f"{CHAT}/messages", token=token, params={"session_id": session_id})
            assert reply.status == 404
            signed = hers.server.post(f"{SESSIONS}/sign", token=token, json={"session_id": session_id})
            assert signed.status == 404
    refused = Socket(hers.server, query=f"?session_id={hers.signed}", path=f"{CHAT}/ws")
    assert refused.close_code() == 4401


def test_what_is_changed_in_postgres_is_shown_at_once(opens: OpenSession, alice: Person, database: Database) -> None:
    visitor = opens(alice)
    visitor.says("befroe")
    assert contents(visitor) == ["befroe"]
    (chat,) = [chat for chat in alice.chats() if chat["kind"] == "assistant"]
    messages = alice.gets("/messages", chat_id=chat["id"]).data["messages"]
    (own,) = [message for message in messages if message["sender_id"] == alice.id]
    alice.edits(own, "before")
    assert contents(visitor) == ["before"]


def test_a_socket_is_authenticated_once(opens: OpenSession, alice: Person) -> None:
    socket = opens(alice).connects()
    for number in range(3):
        socket.sends({"type": "message", "content": f"without a token {number}"})
        assert socket.receives("message")["message"]["content"] == f"without a token {number}"


def test_the_same_message_from_two_devices_is_stored_once(opens: OpenSession) -> None:
    visitor = opens()
    visitor.says("first")
    with ThreadPoolExecutor(4) as pool:
        replies = list(
            pool.map(
                lambda _: Visitor.posts(visitor, "/messages", content="second", client_message_id="same").json, range(4)
            )
        )
    assert len({reply["message"]["id"] for reply in replies}) == 1
    assert contents(visitor) == ["first", "second"]


def test_messages_have_one_order_whoever_reads_them(opens: OpenSession, alice: Person) -> None:
    visitor = opens(alice)
    for number in range(30):
        visitor.says(f"m{number}")
    shown = visitor.history(limit=100)
    assert [message["seq"] for message in shown] == sorted({message["seq"] for message in shown})
    since = visitor.gets("/messages/since", since="1970-01-01T00:00:00Z", limit=500).json["messages"]
    assert since[: len(shown)] == shown


def test_a_quiet_client_is_noticed(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(WS_PING_PERIOD="200ms", WS_PONG_WAIT="1s")
    socket = Visitor(server).connects()
    assert socket.close_code() == 4408  # it never answers pings
