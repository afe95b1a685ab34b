"""The rules of the filters: stored, replaced, and in force at once."""

from __future__ import annotations

import pytest

from chatapp.actions.moderation import filters
from chatapp.actions.moderation.filters import content_filter
from chatapp.errors import Invalid
from chatapp.events.moderation import ModerationChanged
from chatapp.infra.postgres import database_connection
from chatapp.queries import moderation as moderation_queries
from chatapp.text.content_rules import Rule
from tests.actions.moderation.words import published
from tests.database import Database
from tests.query_counter import QueryCounter

RULES = [Rule("word", "bad", "reject"), Rule("domain", "badshop.com", "mask")]


def stored() -> list[Rule]:
    """The stored rules."""
    with database_connection():
        return moderation_queries.rules()


def test_rules_replace_those_before(core: Database) -> None:
    assert stored() == []
    assert filters.put_rules(RULES, moderator="ana") == RULES == stored()
    assert content_filter().screen("a bad text").is_rejected
    filters.put_rules(RULES[1:])
    assert stored() == RULES[1:]
    assert content_filter().screen("a bad text").content == "a bad text"
    assert content_filter().screen("see badshop.com/x").content == "see ***"
    assert len(published(core, ModerationChanged)) == 2
    log = core.rows("SELECT action, moderator, detail FROM moderation_log ORDER BY id")
    assert log == [("put_filters", "ana", {"count": 2}), ("put_filters", "service", {"count": 1})]


@pytest.mark.parametrize(
    "wrong",
    [
        Rule("word", "...", "mask"),
        Rule("word", "a" * (filters.MAX_PATTERN + 1), "mask"),
        Rule("domain", "no domain", "mask"),
    ],
)
def test_a_rule_that_can_match_nothing_is_refused(core: Database, wrong: Rule) -> None:
    with pytest.raises(Invalid) as refused:
        filters.put_rules([RULES[0], wrong])
    assert list(refused.value.fields) == ["rules.1.pattern"]
    assert stored() == []


def test_rules_are_bounded(core: Database) -> None:
    with pytest.raises(Invalid):
        filters.put_rules([Rule("word", f"word{number}", "mask") for number in range(filters.MAX_RULES + 1)])


def test_texts_are_screened_without_a_query(core: Database) -> None:
    filters.put_rules(RULES)
    with QueryCounter() as queries, database_connection():
        for text in ("good", "bad", "https://badshop.com"):
            content_filter().screen(text)
    assert queries.queries == []
