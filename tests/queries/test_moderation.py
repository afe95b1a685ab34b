"""What moderators read, page by page."""

from __future__ import annotations

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation
from tests.actions.conftest import chat_id as chat_id
from tests.actions.moderation.words import decided, reported, said
from tests.database import Database
from tests.query_counter import QueryCounter


def test_the_queue_is_read_oldest_first(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    reports = [reported(bob, said(alice, chat_id)) for _ in range(5)]
    decided(reports[1], "dismiss")
    undecided = [report for report in reports if report != reports[1]]
    with database_connection():
        first, has_more = moderation.reports(is_open=True, limit=3)
        assert (first, has_more) == (undecided[:3], True)
        assert moderation.reports(is_open=True, limit=3, after=first[-1].id) == (undecided[3:], False)
        assert [report.id for report in moderation.reports(is_open=False, limit=3)[0]] == [reports[1].id]


def test_a_page_is_one_query_without_evidence(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    reported(bob, said(alice, chat_id, "the words"))
    with database_connection(), QueryCounter() as counter:
        found, _ = moderation.reports(is_open=True, limit=100)
    assert len(counter.queries) == 1
    assert "the words" not in str(found)


def test_what_does_not_exist(core: Database) -> None:
    with database_connection():
        assert moderation.report(1) is None
        assert moderation.ban_of(1) is None
        assert moderation.rules() == []
        assert moderation.log(limit=1) == ([], False)
