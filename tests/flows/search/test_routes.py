"""Search and suggestions in both dialects: what they show, refuse and ignore."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.search.conftest import contents, results
from tests.people import Person
from tests.searching import Indexer
from tests.servers import ChatServer


@pytest.fixture
def chat(alice: Person, bob: Person, indexer: Indexer) -> dict[str, Any]:
    """Bob's message to alice, of which others follow."""
    first = bob.sends("Продаю велосипеды, see https://example.com", to=alice)
    bob.sends("A good book", to=alice)
    indexer.run()
    return first


def test_a_result_of_the_marketplace(alice: Person, chat: dict[str, Any]) -> None:
    page = results(alice, "velosiped")
    (result,) = page["results"]
    (message,) = (each for each in alice.history(chat["chat_id"]) if each["id"] == chat["id"])
    assert result["message"] == message
    assert result["chat"] == alice.chat(chat["chat_id"])
    assert result["fragments"] == [
        {"text": "Продаю ", "hit": False},
        {"text": "велосипеды", "hit": True},
        {"text": ", see https://example.com", "hit": False},
    ]
    assert (page["has_more"], page["next_cursor"], page["ignored"]) == (False, None, [])
    assert page["indexed_until"].endswith("Z")


def test_a_result_of_the_social_dialect(alice: Person, chat: dict[str, Any]) -> None:
    page = alice.social.gets("/search", q="velosiped before:yesterday").data
    (result,) = page["results"]
    conversation = result["conversation"]
    assert result["message"] == alice.social.gets(f"/messages/{result['message']['id']}").data
    assert conversation["id"] == result["message"]["conversationId"]
    assert [fragment["text"] for fragment in result["fragments"] if fragment["hit"]] == ["велосипеды"]
    assert page["meta"]["ignored"] == ["before:yesterday"]
    assert page["meta"]["hasMore"] is False
    assert "nextCursor" not in page["meta"]
    narrowed = {"q": "book", "conversationId": conversation["id"], "from": result["message"]["senderId"]}
    assert len(alice.social.gets("/search", **narrowed).data["results"]) == 1


def test_parameters_narrow_the_query(alice: Person, bob: Person, carol: Person, chat: dict[str, Any]) -> None:
    assert contents(alice, "book", chat_id=chat["chat_id"], **{"from": bob.id}) == ["A good book"]
    assert contents(alice, "book", **{"from": "me"}) == contents(alice, "book", after="2050") == []
    assert contents(alice, has="link") == [chat["content"]]
    assert contents(alice, after="2020", **{"from": bob.username}, before="2050-01", sort="newest") == [
        "A good book",
        chat["content"],
    ]
    assert results(alice, "book", before="tomorrow")["ignored"] == ["before:tomorrow"]
    refused = carol.gets("/search", q="book", chat_id=chat["chat_id"])
    assert (refused.status, refused.error) == (404, "marketplace.chatNotFound")
    assert contents(carol, "book") == []


@pytest.mark.parametrize(
    "q", ["", "*", "-book", "😀", "AND OR NOT", "a & b | !c <-> (d", "'\\''", "-- ; DROP TABLE", ":*"]
)
def test_no_query_is_an_error(alice: Person, chat: dict[str, Any], q: str) -> None:
    for reply in (alice.gets("/search", q=q), alice.social.gets("/search", q=q)):
        assert reply.status == 200, reply.text
        assert reply.data["results"] == []


def test_nothing_positive_is_ignored(alice: Person, chat: dict[str, Any]) -> None:
    page = results(alice, "*** -book")
    assert (page["results"], page["ignored"], page["has_more"]) == ([], ["***"], False)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"q": "x" * 1001}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "x", "sort": "best"}, "sort"),
        ({"q": "x", "has": "money"}, "has"),
        ({"q": "x", "limit": 0}, "limit"),
        ({"q": "x", "from": "x" * 101}, "from"),
        ({"q": "x", "page": 1}, "page"),
    ],
)
def test_invalid_parameters(alice: Person, params: dict[str, Any], field: str) -> None:
    for reply in (alice.gets("/search", **params), alice.social.gets("/search", **params)):
        assert reply.status == 422, reply.text
    assert field in alice.gets("/search", **params).json["details"]


def test_ten_kilobytes_are_no_query(alice: Person) -> None:
    assert alice.gets("/search", q="x" * 10_000).status == 414


def test_cursors_are_bound_to_the_search(alice: Person, bob: Person, chat: dict[str, Any]) -> None:
    page = results(alice, "from:" + bob.username, limit=1)
    assert page["has_more"]
    cursor = page["next_cursor"]
    again = results(alice, "from:" + bob.username, limit=1, cursor=cursor)
    assert [result["message"]["id"] for result in again["results"]] == [chat["id"]]
    for params in ({"q": "other"}, {"q": "from:" + bob.username, "sort": "newest"}):
        assert alice.gets("/search", cursor=cursor, **params).status == 400
    assert bob.gets("/search", q="from:" + bob.username, cursor=cursor).status == 400
    for cursor in ("nonsense", "a.b.c"):
        assert alice.gets("/search", q="x", cursor=cursor).status == 400
        assert alice.social.gets("/search", q="x", cursor=cursor).code == "INVALID_CURSOR"


def test_suggestions(alice: Person, bob: Person, chat: dict[str, Any]) -> None:
    results(alice, "book")
    results(alice, "nothing like this")
    assert alice.gets("/search/suggestions").data["suggestions"] == [{"type": "query", "text": "book", "chat_id": 0}]
    found = alice.social.gets("/search/suggestions", q="bo").data["suggestions"]
    assert [(each["type"], each["text"]) for each in found] == [("query", "book"), ("chat", "bob")]
    assert "conversationId" not in found[0]
    assert found[1]["conversationId"]
    assert bob.gets("/search/suggestions").data["suggestions"] == []


def test_what_is_gone_is_not_found_when_the_answer_arrives(
    alice: Person, bob: Person, chat: dict[str, Any], indexer: Indexer
) -> None:
    sent = bob.sends("confidential number", to=alice)
    other = bob.sends("confidential plan", to=alice)
    indexer.run()
    assert len(contents(alice, "confidential")) == 2
    bob.edits(sent, "number")
    assert contents(alice, "confidential") == contents(bob, "confidential") == ["confidential plan"]
    bob.deletes_message(other)
    assert contents(alice, "confidential") == []
    assert contents(alice, "book") == ["A good book"]
    assert bob.deletes(f"/{chat['chat_id']}").status == 200
    assert contents(alice, "book") == contents(bob, "book") == []


def test_thirty_searches_a_minute(start_server: Callable[..., ChatServer], alice: Person, bob: Person) -> None:
    server = start_server(LIMIT_SEARCH="30/minute")
    path = "/api/v1/marketplace/chat/search?q=x"
    statuses = [server.get(path, token=alice.token).status for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    social = server.get("/api/v1/chat/search?q=x", token=alice.token)
    assert (social.status, "Retry-After" in social.headers) == (429, True)
    assert server.get(path, token=bob.token).status == 200
    assert server.get(path.replace("?q=x", "/suggestions"), token=alice.token).status == 200
