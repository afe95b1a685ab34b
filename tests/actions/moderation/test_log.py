"""The log of moderation cannot be changed."""

from __future__ import annotations

import psycopg2
import pytest

from chatapp.actions.moderation import log
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation as moderation_queries
from chatapp.transaction import unit_of_work
from tests.database import Database


def test_entries_are_listed_newest_first(actors: list[Actor]) -> None:
    with unit_of_work():
        for number in range(5):
            log.add("warn", moderator="ana", user_id=actors[number % 2].id, reason=f"reason {number}", closed=[number])
    with database_connection():
        first, has_more = moderation_queries.log(limit=3)
        rest, is_last = moderation_queries.log(limit=3, before=first[-1].id)
        of_alice, _ = moderation_queries.log(limit=5, user_id=actors[0].id)
    assert ([entry.reason[-1] for entry in first], has_more) == (["4", "3", "2"], True)
    assert ([entry.reason[-1] for entry in rest], is_last) == (["1", "0"], False)
    assert [entry.detail for entry in of_alice] == [{"closed": [4]}, {"closed": [2]}, {"closed": [0]}]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM moderation_log",
        "TRUNCATE moderation_log",
        "UPDATE moderation_log SET moderator = 'another'",
        "UPDATE moderation_log SET reason = 'another'",
        "UPDATE moderation_log SET reason = '', action = 'dismiss'",
        "UPDATE moderation_log SET created_at = now() + interval '1 s'",
    ],
)
def test_it_is_append_only(core: Database, change: str) -> None:
    with unit_of_work():
        log.add("warn", moderator="ana", reason="why")
    with pytest.raises(psycopg2.Error, match="append-only"):
        core.change(change)
    assert core.rows("SELECT moderator, action, reason FROM moderation_log") == [("ana", "warn", "why")]


def test_reasons_can_be_erased(core: Database) -> None:
    with unit_of_work():
        log.add("warn", moderator="ana", reason="why")
    core.change("UPDATE moderation_log SET reason = ''")
    assert core.rows("SELECT moderator, action, reason FROM moderation_log") == [("ana", "warn", "")]
