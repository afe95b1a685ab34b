"""Concurrent requests of one caller: counted until their response is sent."""

from __future__ import annotations

import pytest
from flask import Flask

from chatapp.edge.rate_limits import concurrency
from chatapp.errors import RateLimited


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)

    @app.get("/<caller>")
    def view(caller: str) -> str:
        concurrency.enter(caller, 2)
        return "ok"

    @app.errorhandler(RateLimited)
    def refuse(error: RateLimited) -> tuple[str, int]:
        return str(error.retry_after), 429

    return app


def test_a_request_counts_until_its_response_is_closed(app: Flask) -> None:
    client = app.test_client()
    first, second = client.get("/alice"), client.get("/alice")
    assert (first.status_code, second.status_code) == (200, 200)
    refused = client.get("/alice")
    assert (refused.status_code, refused.text) == (429, "1")
    assert client.get("/bob").status_code == 200
    first.close()
    third = client.get("/alice")
    assert third.status_code == 200
    assert client.get("/alice").status_code == 429
    second.close()
    third.close()
    assert "alice" not in concurrency._open_requests
