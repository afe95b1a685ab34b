"""Reports of violated policies are counted, bounded and never logged whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import ChatServer, Reply

LEVEL_2 = {
    "csp-report": {
        "document-uri": "http://127.0.0.1/chat#message-secret",
        "effective-directive": "img-src",
        "blocked-uri": "https://tracker.example/pixel?who=secret",
    }
}
REPORTING = [
    {"type": "csp-violation", "body": {"effectiveDirective": "script-src-elem", "blockedURL": "inline"}},
    {"type": "deprecation", "body": {"id": "secret"}},
]


def report(server: ChatServer, body: Any, kind: str = "application/csp-report") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.post("/csp-reports", data=data, headers={"Content-Type": kind})


def count(server: ChatServer, directive: str) -> float:
    found = re.search(
        rf'^chat_policy_violations_total{{directive="{directive}"}} (\S+)$',
        server.get("/metrics?scope=process").text,
        re.MULTILINE,
    )
    return float(found[1]) if found else 0.0


def test_reports_are_counted_by_directive(server: ChatServer) -> None:
    before = count(server, "img-src"), count(server, "script-src-elem")
    assert report(server, LEVEL_2).status == 204
    assert report(server, REPORTING, "application/reports+json").status == 204
    assert (count(server, "img-src"), count(server, "script-src-elem")) == (before[0] + 1, before[1] + 1)
    log = server.log.read_text()
    assert "tracker.example" in log and "secret" not in log


def test_of_many_reports_in_one_request_ten_count(server: ChatServer) -> None:
    before = count(server, "script-src-elem")
    assert report(server, REPORTING[:1] * 50, "application/reports+json").status == 204
    assert count(server, "script-src-elem") == before + 10


def test_only_known_directives_are_named(server: ChatServer) -> None:
    before = count(server, "other")
    wrong = {"csp-report": {"effective-directive": "x" * 1000, "blocked-uri": "https://[broken/"}}
    assert report(server, wrong).status == 204
    assert count(server, "other") == before + 1
    assert "x" * 1000 not in server.log.read_text()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (LEVEL_2, "application/json", 415),
        (b"{", "application/csp-report", 400),
        (5, "application/csp-report", 400),
        ({}, "application/csp-report", 204),
        ({"csp-report": 5}, "application/csp-report", 204),
        ([5, {"type": "csp-violation", "body": [1]}, {"type": 5}], "application/reports+json", 204),
        (b'{"a":"' + b"x" * 20_000 + b'"}', "application/csp-report", 413),
    ],
)
def test_bad_reports_change_nothing(server: ChatServer, body: Any, kind: str, status: int) -> None:
    assert report(server, body, kind).status == status


def test_an_address_may_report_so_often(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_DEFAULT="3/minute")
    assert [report(server, LEVEL_2).status for _ in range(5)] == [204] * 3 + [429] * 2
