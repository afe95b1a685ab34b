"""The filters that every text of a message passes before it is stored.

`ContentFilter` is the port; `RuleFilter`, which knows a list of words and domains, is its adapter. A filter answers
from memory: each process reads the rules once, and again when they change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol

import orjson

from chatapp.actions.content import rules as text_rules
from chatapp.actions.moderation import log
from chatapp.errors import Invalid, Reason
from chatapp.events.moderation import ModerationChanged
from chatapp.infra.postgres import db
from chatapp.infra.refreshed_value import RefreshedValue
from chatapp.queries import moderation as moderation_queries
from chatapp.text.content_rules import Rule, RuleFilter, Screening, is_usable
from chatapp.transaction import unit_of_work

MAX_RULES = 200  # as many as a body can hold; the time to screen a text does not depend on it
MAX_PATTERN = 100  # characters


class ContentFilter(Protocol):
    """Decides what happens to a text. It is asked for every message, so it neither queries nor waits."""

    def screen(self, text: str) -> Screening:
        """What is to be done with a text; `content` is what to store."""
        ...


def _read_filter() -> ContentFilter:
    return RuleFilter(moderation_queries.rules(), is_html=text_rules().is_html)


content_filter: RefreshedValue[ContentFilter] = RefreshedValue("Content filter", _read_filter)
"""The filter of this process."""


def put_rules(rules: Sequence[Rule], *, moderator: str = log.SERVICE) -> list[Rule]:
    """Replace all rules of the filters; returns them. Messages that are already sent stay as they are.

    Raises:
        Invalid: there are too many, or a pattern can match nothing.
    """
    _check(rules)
    stored = orjson.dumps([asdict(rule) for rule in rules]).decode()
    with unit_of_work() as work:
        db.execute_sql(
            "INSERT INTO moderation_filters (rules) VALUES (%s::jsonb) ON CONFLICT (is_current)"
            " DO UPDATE SET rules = excluded.rules, updated_at = now()",
            (stored,),
        )
        log.add("put_filters", moderator=moderator, count=len(rules))
        work.publish_after_commit(ModerationChanged(()))
    content_filter.refresh_or_log()
    return list(rules)


def _check(rules: Sequence[Rule]) -> None:
    if len(rules) > MAX_RULES:
        raise Invalid({"rules": [Reason("too_many", max=MAX_RULES)]})
    for index, rule in enumerate(rules):
        if len(rule.pattern) > MAX_PATTERN or not is_usable(rule):
            raise Invalid({f"rules.{index}.pattern": [Reason("not_a_pattern")]})
