"""Which envelope a path has, and the bodies outside of all dialects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g

from chatapp.edge.http import envelopes
from chatapp.edge.http.envelopes import PLAIN, Envelope, envelope_for, failure_body, register
from chatapp.errors import ChatError, Invalid, NotFound, RateLimited, Reason


def _named(name: str) -> Envelope:
    def failure(error: ChatError, status: int) -> dict[str, Any]:
        return {name: status}

    return Envelope(lambda data: {name: data}, failure)


OUTER, INNER = _named("outer"), _named("inner")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(envelopes, "_by_prefix", {})
    monkeypatch.setattr(envelopes, "_longest_first", [])
    register("/api/chat", OUTER)
    register("/api/chat/inner", INNER)
    yield


@pytest.fixture
def request_context() -> Iterator[None]:
    with Flask(__name__).test_request_context():
        g.request_id = "r-1"
        yield


@pytest.mark.parametrize(
    ("path", "envelope"),
    [
        ("/api/chat", OUTER),
        ("/api/chat/", OUTER),
        ("/api/chat/x/inner", OUTER),
        ("/api/chat/inner", INNER),
        ("/api/chat/inner/x", INNER),
        ("/api/chat/innermost", OUTER),
        ("/api/chats", PLAIN),
        ("/api", PLAIN),
        ("/", PLAIN),
        ("", PLAIN),
    ],
)
def test_a_path_has_the_envelope_of_its_longest_prefix(path: str, envelope: Envelope) -> None:
    assert envelope_for(path) is envelope


def test_a_plain_failure_has_its_data_at_the_top(request_context: None) -> None:
    assert PLAIN.failure(NotFound(), 404) == {"error": "not_found", "status": 404, "request_id": "r-1"}
    assert PLAIN.failure(RateLimited(3), 429)["retry_after"] == 3
    assert PLAIN.failure(Invalid({"scope": [Reason("unknown_field")]}), 422)["fields"] == {"scope": ["Unknown field."]}


def test_a_failure_names_its_fields_in_the_language(request_context: None) -> None:
    error = Invalid({"limit": [Reason("below_minimum", min=1)]})
    body = failure_body(error, key="x.validationFailed", message="…", language="ru")
    assert body == {
        "success": False,
        "error": "x.validationFailed",
        "message": "…",
        "request_id": "r-1",
        "details": {"limit": ["Должно быть не меньше 1."]},
    }
    assert "details" not in failure_body(NotFound(), key="x.notFound", message="…")
