"""Warnings: acknowledged once, by their user alone."""

from __future__ import annotations

import uuid

from chatapp.actions.moderation import warnings
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.moderation import WarningChanged
from chatapp.infra.postgres import database_connection
from chatapp.models import ModeratorWarning
from chatapp.queries import moderation as moderation_queries
from chatapp.transaction import unit_of_work
from tests.actions.moderation.words import published, refusal
from tests.database import Database


def warned(actor: Actor, reason: str = "Be kind.") -> ModeratorWarning:
    """The newest warning of a user, who gets one more."""
    with unit_of_work() as work:
        warnings.warn(work, actor.id, message_id=None, reason=reason)
    with database_connection():
        return moderation_queries.warnings(actor)[0]


def test_each_has_an_id_for_either_dialect(actors: list[Actor]) -> None:
    alice = actors[0]
    first, second = warned(alice), warned(alice)
    assert warnings.acknowledge(alice, first.id).id == first.id
    assert warnings.acknowledge(alice, str(second.uuid)).id == second.id


def test_acknowledging_again_changes_nothing(actors: list[Actor], core: Database) -> None:
    alice = actors[0]
    warning = warned(alice)
    times = {warnings.acknowledge(alice, warning.id).acknowledged_at for _ in range(2)}
    assert len(times) == 1
    issued, acknowledged = published(core, WarningChanged)
    assert isinstance(issued, WarningChanged)
    assert isinstance(acknowledged, WarningChanged)
    assert (issued.acknowledged_at, issued.id) == (None, acknowledged.id)
    assert acknowledged.acknowledged_at is not None


def test_those_of_others_do_not_exist(actors: list[Actor]) -> None:
    warning = warned(actors[0])
    for id in (warning.id, str(warning.uuid)):
        with refusal(NotFound, "warning_not_found"):
            warnings.acknowledge(actors[1], id)
    for id in (2**52, str(uuid.uuid4())):
        with refusal(NotFound, "warning_not_found"):
            warnings.acknowledge(actors[0], id)


def test_the_newest_are_listed_first(actors: list[Actor]) -> None:
    for number in range(moderation_queries.MAX_WARNINGS + 2):
        newest = warned(actors[0], f"warning {number}")
    with database_connection():
        found = moderation_queries.warnings(actors[0])
    assert len(found) == moderation_queries.MAX_WARNINGS
    assert found[0].id == newest.id
