"""What operators learn about sessions, by day and language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.assistant.test_answers import APPLICATION, answer_of
from tests.flows.assistant.visitors import Visitor
from tests.servers import SERVICE_TOKEN, ChatServer, Reply, database_copy

STATS = "/api/v1/internal/assistant/stats"


@pytest.fixture
def shop(
    environment: dict[str, str], postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChatServer]:
    with database_copy(postgres_url) as url:
        log = tmp_path_factory.mktemp("statistics") / "web.log"
        server = ChatServer({**environment, "DATABASE_URL": url}, log=log, application=APPLICATION)
        yield server
        server.stop()


def asked(shop: ChatServer, **period: str) -> Reply:
    return shop.get(STATS, token=SERVICE_TOKEN, params=period)


def test_numbers_are_counted_by_day_and_language(shop: ChatServer) -> None:
    assert asked(shop).data["total"]["hit_rate"] is None
    visitor = Visitor(shop)
    visitor.says("cards please, I am looking for something for my living room")
    answer = answer_of(visitor)
    visitor.posts(f"/messages/{answer['id']}/feedback", rating="up")
    visitor.posts(f"/messages/{answer['id']}/feedback", rating="down")
    visitor.says("fail")
    answer_of(visitor, 2)
    visitor.at_session("POST", "/handover")
    total = asked(shop).data["total"]
    assert (total["sessions"], total["questions"], total["answers"], total["answers_with_items"]) == (1, 2, 2, 1)
    assert (total["hit_rate"], total["answers_failed"], total["handovers"]) == (0.5, 1, 1)
    assert (total["ratings_up"], total["ratings_down"]) == (0, 1)
    assert sum(total["answer_times"].values()) == 2
    assert {day["language"] for day in asked(shop).data["days"]} == {"en"}
    assert asked(shop, **{"from": "2020-01-01", "to": "2020-01-31"}).data["days"] == []


@pytest.mark.parametrize(
    "period", [{"from": "2020-01-01"}, {"from": "yesterday"}, {"from": "2026-02-02", "to": "2026-02-01"}]
)
def test_a_period_has_a_bound(server: ChatServer, period: dict[str, str]) -> None:
    assert server.get(STATS, token=SERVICE_TOKEN, params=period).status == 422
    assert server.get(STATS, params=period).status == 401
