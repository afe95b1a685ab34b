"""Which methods a path offers: 405 and Allow speak of the route that the path belongs to, and of no sibling."""

from __future__ import annotations

import re

import pytest

from chatapp import create_app
from chatapp.edge.http.routing import RESERVED
from chatapp.ids.snowflake import MAX_ID
from config import load
from tests.people import CHAT, SOCIAL, Person

READS = {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("method", "path", "offered"),
    [
        ("DELETE", f"{SOCIAL}/conversations/unread-count", READS),
        ("PATCH", f"{SOCIAL}/messages/since", READS),
        ("DELETE", f"{SOCIAL}/messages/since", READS),
        ("GET", f"{SOCIAL}/files/uploads", {"POST", "OPTIONS"}),
        ("DELETE", f"{CHAT}/messages/since", READS),
        ("POST", f"{CHAT}/unread-count", READS),
    ],
)
def test_a_method_of_a_sibling_is_not_offered(alice: Person, method: str, path: str, offered: set[str]) -> None:
    refused = alice.server.request(method, path, token=alice.token)
    assert (refused.status, set(refused.headers["Allow"].split(", "))) == (405, offered)
    options = alice.server.request("OPTIONS", path, token=alice.token)
    assert set(options.headers["Allow"].split(", ")) == offered


@pytest.mark.parametrize("id", [0, MAX_ID + 1, 10**16 - 1, "01", "-1", "1.0"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT"])
def test_what_is_no_id_is_not_found_whatever_the_method(alice: Person, method: str, id: int | str) -> None:
    assert alice.server.request(method, f"{CHAT}/messages/{id}", token=alice.token, json={}).status == 404


@pytest.mark.parametrize("id", [1, 9, 10, 10**15, 900719925474099, MAX_ID - 1, MAX_ID])
def test_every_id_reaches_its_route(alice: Person, id: int) -> None:
    reply = alice.deletes(f"/messages/{id}")
    assert (reply.status, reply.error) == (404, "marketplace.messageNotFound")


def test_words_beside_uuids_are_reserved(environment: dict[str, str]) -> None:
    """A route such as `/messages/since` beside `/messages/<message:id>` must have its word in RESERVED."""
    app = create_app(load(environment))
    paths = [rule.rule.split("/") for rule in app.url_map.iter_rules()]
    beside_uuids = [parts[:-1] for parts in paths if re.match("<(chat|message|file|session):", parts[-1])]
    words = {parts[-1] for parts in paths if not parts[-1].startswith("<") and parts[:-1] in beside_uuids}
    assert words == set(RESERVED)
