"""Routes that anybody may ask: what they answer is made once, or is counted; health is never refused."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.servers import SECRET_KEY, ChatServer

DOCUMENTS = ("/openapi.json", "/asyncapi.json")


@pytest.fixture(scope="module")
def strict(start_server: Callable[..., ChatServer]) -> ChatServer:
    """Few requests per address; addresses are those that the proxy reports."""
    return start_server(LIMIT_DEFAULT="4/minute", PROXY_HOPS="1", METRICS_TOKEN="metrics-token")


def test_a_client_that_has_a_document_is_not_sent_it_again(server: ChatServer) -> None:
    for path in DOCUMENTS:
        first, second = server.get(path), server.get(path)
        assert first.headers["ETag"] == second.headers["ETag"] and first.text == second.text
        again = server.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.text) == (304, "")
        assert server.get(path, headers={"If-None-Match": '"another"'}).text == first.text
        assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", [*DOCUMENTS, "/swagger/", "/swagger/swagger-ui.css", "/metrics"])
def test_an_address_may_ask_so_often(strict: ChatServer, path: str) -> None:
    address = {"X-Forwarded-For": f"203.0.113.{len(path)}"}
    replies = [strict.get(path, headers=address) for _ in range(6)]
    assert [reply.status for reply in replies] == [401 if path == "/metrics" else 200] * 4 + [429] * 2
    assert replies[-1].json["error"] == "rate_limit_exceeded" and "Retry-After" in replies[-1].headers
    assert strict.get(path, headers={"X-Forwarded-For": "198.51.100.7"}).status != 429


def test_a_scraper_with_the_token_is_never_refused(strict: ChatServer) -> None:
    assert {strict.get("/metrics", token="metrics-token").status for _ in range(8)} == {200}


def test_health_is_asked_once_a_second_and_never_refused(strict: ChatServer) -> None:
    started = time.monotonic()
    replies = [strict.get("/api/v1/health") for _ in range(40)]
    seconds = time.monotonic() - started
    assert {reply.status for reply in replies} == {strict.get("/health").status} == {200}
    # Latencies have hundredths of a millisecond: each question to three servers leaves its own report.
    assert len({reply.text for reply in replies}) <= seconds + 2


def test_in_production_metrics_are_closed_until_they_have_a_token(start_server: Callable[..., ChatServer]) -> None:
    closed = start_server(APP_ENV="production", SECRET_KEY=SECRET_KEY)
    for token in (None, "", "anything"):
        assert closed.get("/metrics", token=token).json["error"] == "token_invalid"
    closed.stop()
    opened = start_server(APP_ENV="production", SECRET_KEY=SECRET_KEY, METRICS_TOKEN="metrics-token")
    assert opened.get("/metrics").status == 401
    assert "chat_messages" in opened.get("/metrics", token="metrics-token").text
    opened.stop()
