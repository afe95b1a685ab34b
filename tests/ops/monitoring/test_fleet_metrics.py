"""Metrics: whichever worker is asked answers for all, and what was counted is what happened."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.commands import WORKER
from tests.people import Person, PersonMaker
from tests.servers import ROOT, ChatServer, await_true

WORKERS = 2
MOST_SERIES = 200  # label sets of one metric: more is a leak of cardinality


@pytest.fixture(scope="module")
def chat(start_server: Callable[..., ChatServer], tmp_path_factory: pytest.TempPathFactory) -> ChatServer:
    return start_server(
        WEB_CONCURRENCY=str(WORKERS),
        METRICS_TOKEN="metrics-token",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path_factory.mktemp("metrics")),
        WS_MAX_CONNECTIONS_PER_USER="1000",  # as many as it takes until the kernel has given each worker one
    )


@pytest.fixture
def sign_up(chat: ChatServer) -> Iterator[PersonMaker]:
    maker = PersonMaker(chat)
    yield maker
    maker.close_sockets()


def _families(chat: ChatServer) -> dict[str, Metric]:
    reply = chat.get("/metrics?scope=process", token="metrics-token", headers={"Connection": "close"})
    assert reply.status == 200
    return {family.name: family for family in text_string_to_metric_families(reply.text)}


def _value(chat: ChatServer, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in _families(chat).values()
        for sample in family.samples
        if sample.name == name and all(sample.labels.get(label) == value for label, value in labels.items())
    )


def _reach_both_workers(chat: ChatServer, person: Person) -> list[psutil.Process]:
    """Open sockets until each worker has one: the kernel deals connections out as it likes. Returns the workers."""
    master = psutil.Process(chat.process.pid)

    def all_serve() -> bool:
        person.connects(chat)
        ours = {socket._ws.sock.getsockname()[1] for socket in person.sockets}
        serving = [
            worker
            for worker in master.children()
            if any(open.raddr and open.raddr.port in ours for open in worker.net_connections("tcp"))
        ]
        return len(serving) == WORKERS

    await_true(all_serve)
    return master.children()


def test_workers_sum_up(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice, bob = sign_up("alice"), sign_up("bob")
    before = {
        name: _value(chat, name)
        for name in ("chat_messages_created_total", "chat_websocket_connections_total", "chat_messages_read_total")
    }
    over_http = _value(chat, "chat_messages_sent_total", channel="http")
    over_socket = _value(chat, "chat_messages_sent_total", channel="websocket")
    _reach_both_workers(chat, alice)
    sockets = alice.sockets
    chat_id = alice.sends("over REST", to=bob)["chat_id"]
    for number, socket in enumerate(sockets):
        socket.sends({"chat_id": chat_id, "content": "over a socket", "client_message_id": f"m{number}"})
        socket.receives("message_ack")
    last = bob.history(chat_id)[0]
    assert bob.puts("/messages/read", {"chat_id": chat_id, "message_ids": [last["id"]]}).status == 200

    sent = len(sockets) + 1
    # The other worker writes its counts every half second.
    await_true(lambda: _value(chat, "chat_messages_created_total") == before["chat_messages_created_total"] + sent)
    counted = {"http": over_http + 1, "websocket": over_socket + len(sockets)}
    await_true(lambda: counted == {way: _value(chat, "chat_messages_sent_total", channel=way) for way in counted})
    await_true(lambda: _value(chat, "chat_messages_read_total") == before["chat_messages_read_total"] + sent)
    opened = before["chat_websocket_connections_total"] + len(sockets)
    await_true(lambda: _value(chat, "chat_websocket_connections_total") == opened)
    sign_up.close_sockets()
    alice.sockets.clear()
    await_true(lambda: _value(chat, "chat_websocket_connections_total") == 0)


def test_sockets_of_a_killed_worker_are_not_counted_for_ever(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice = sign_up("alice")
    workers = _reach_both_workers(chat, alice)
    opened = len(alice.sockets)
    await_true(lambda: _value(chat, "chat_websocket_connections_total") == opened)
    workers[0].send_signal(signal.SIGKILL)
    await_true(lambda: 0 < _value(chat, "chat_websocket_connections_total") < opened)
    alice.sockets.clear()


def test_the_names_of_the_contract_are_there(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice, bob = sign_up("alice"), sign_up("bob")
    socket = alice.connects(chat)
    alice.sends("hello", to=bob)
    socket.requests({"type": "ping"}, "pong")
    socket.sends({"type": "made up by a client"})
    socket.receives("error")
    for name, labels in {
        "chat_websocket_connections_total": {},
        "chat_websocket_messages_total": {"type": "ping", "direction": "in"},
        "chat_websocket_errors_total": {"type": "unknown"},
        "chat_websocket_latency_seconds_count": {"type": "ping"},
        "chat_messages_created_total": {},
        "chat_messages_sent_total": {"channel": "http"},
        "chat_db_queries_total": {"operation": "select"},
        "chat_db_query_duration_seconds_count": {"operation": "commit"},
        "chat_http_requests_total": {"route": "/api/v1/marketplace/chat/messages", "method": "POST", "status": "200"},
        "chat_http_request_duration_seconds_count": {"route": "/api/v1/marketplace/chat/messages"},
        "chat_commit_group_size_count": {},
        "chat_event_loop_lag_seconds_count": {},
    }.items():
        # The other worker writes its counts every half second.
        await_true(lambda: _value(chat, name, **labels) > 0, what=lambda: name)  # noqa: B023


def test_hits_and_misses_of_the_cache_are_counted(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice, bob = sign_up("alice"), sign_up("bob")
    chat_id = alice.sends("hello", to=bob)["chat_id"]
    for _ in range(WORKERS + 1):  # so often that some worker is asked twice
        bob.history(chat_id)
    for result in ("hit", "miss"):
        await_true(
            lambda: _value(chat, "chat_cache_requests_total", cache="first_page", result=result) > 0,  # noqa: B023
        )


def test_labelled_series_start_at_zero(start_server: Callable[..., ChatServer]) -> None:
    """Prometheus does not see that a series which starts at 3 grew by 3."""
    fresh = start_server(METRICS_TOKEN="metrics-token", METRICS_FLEET="0")
    samples = [sample for family in _families(fresh).values() for sample in family.samples]
    for name, labels in {
        "chat_db_errors_total": {"operation": "insert"},
        "chat_file_upload_errors_total": {"reason": "unavailable"},
        "chat_files_uploaded_total": {"file_type": "image"},
        "chat_messages_sent_total": {"channel": "websocket"},
        "chat_rate_limit_refusals_total": {"limit": "auth"},
        "chat_websocket_errors_total": {"type": "unknown"},
        "chat_websocket_messages_total": {"type": "message_ack", "direction": "out"},
    }.items():
        assert [sample.value for sample in samples if sample.name == name and sample.labels == labels] == [0], name
    fresh.stop()


def test_frames_to_clients_are_counted_by_the_names_that_clients_know(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice, bob = sign_up("alice"), sign_up("bob")
    chat_id = alice.sends("hello", to=bob)["chat_id"]
    known = ("message_ack", "new_message", "pong", "error", "message.new")

    def written(kind: str) -> float:
        return _value(chat, "chat_websocket_messages_total", type=kind, direction="out")

    before = {kind: written(kind) for kind in known}
    socket, social = alice.connects(chat), bob.social.connects(chat)
    socket.sends({"chat_id": chat_id, "content": "hi", "client_message_id": "m"})
    socket.receives("message_ack")
    social.receives("message.new")
    socket.requests({"type": "ping"}, "pong")
    socket.sends({"type": "made up by a client"})
    socket.receives("error")
    await_true(lambda: all(written(kind) == before[kind] + 1 for kind in known), what=lambda: str(before))


def test_a_repeated_message_is_counted_once(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice, bob = sign_up("alice"), sign_up("bob")
    before = _value(chat, "chat_messages_sent_total")
    for _ in range(3):
        alice.sends("hello", to=bob, client_message_id="once")
    last = alice.sends("the last", to=bob)
    assert last["seq"] == 2
    await_true(lambda: _value(chat, "chat_messages_sent_total") == before + 2)


def test_what_killed_workers_counted_is_kept_in_few_files(chat: ChatServer, sign_up: PersonMaker) -> None:
    alice, bob = sign_up("alice"), sign_up("bob")
    before = _value(chat, "chat_messages_created_total")
    master = psutil.Process(chat.process.pid)
    folder = Path(chat.environment["PROMETHEUS_MULTIPROC_DIR"])
    for number in range(4):
        alice.sends(f"number {number}", to=bob)
        await_true(lambda: _value(chat, "chat_messages_created_total") == before + number + 1)  # noqa: B023
        dead = master.children()[0]
        dead.send_signal(signal.SIGKILL)
        await_true(lambda: not list(folder.glob(f"counter_{dead.pid}.db")))  # noqa: B023
        await_true(lambda: len(master.children()) == WORKERS and dead.pid not in {c.pid for c in master.children()})  # noqa: B023
        await_true(lambda: chat.get("/health").status == 200)
    assert _value(chat, "chat_messages_created_total") == before + 4
    assert len(list(folder.glob("counter_*.db"))) <= WORKERS + 1


def test_one_process_answers_for_all(start_server: Callable[..., ChatServer]) -> None:
    first = start_server(METRICS_TOKEN="metrics-token", DYNO="web.1")
    second = start_server(METRICS_TOKEN="metrics-token", DYNO="web.2")
    worker = subprocess.Popen(
        WORKER, cwd=ROOT, env={**os.environ, **second.environment, "DYNO": "worker.1"}, stdout=subprocess.DEVNULL
    )
    try:

        def fleet() -> dict[str, Metric]:
            text = first.get("/metrics", token="metrics-token").text
            return {family.name: family for family in text_string_to_metric_families(text)}

        def processes() -> set[str]:
            return {sample.labels["process"] for sample in fleet()["chat_event_loop_lag_seconds"].samples}

        await_true(lambda: processes() >= {"web.1", "web.2", "worker.1"}, what=lambda: str(processes()))
        assert all("process" in sample.labels for family in fleet().values() for sample in family.samples)
    finally:
        worker.kill()
        worker.wait()
        second.stop()
        first.stop()


def test_no_client_can_add_series_without_bound(chat: ChatServer, sign_up: PersonMaker) -> None:
    socket = sign_up("alice").connects(chat)
    for number in range(30):
        chat.get(f"/made/up/{number}")
        chat.request(f"VERB{number}", "/health")
        socket.sends({"type": f"made-up-{number}"})
        socket.receives("error")
    for family in _families(chat).values():
        label_sets = {
            tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))
            for sample in family.samples
        }
        assert len(label_sets) <= MOST_SERIES, family.name
        assert not any("made-up" in str(labels) or "VERB" in str(labels) for labels in label_sets)


def test_a_token_closes_it(chat: ChatServer) -> None:
    for token in (None, "wrong", "metrics-token-and-more"):
        reply = chat.get("/metrics", token=token)
        assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
