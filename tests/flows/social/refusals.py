"""The shape of errors in the social dialect."""

from __future__ import annotations

from tests.servers import Reply


def assert_refused(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.code) == (status, code), reply.text
    assert set(reply.json) == {"success", "message", "error"}
    assert set(reply.json["error"]) == {"code", "details"}
    assert reply.json["message"]
