"""Decisions of people who are moderators: what services may do as well, with the role and the name of the person.

Moderators ban neither one another nor themselves: the service takes the role first.
"""

from __future__ import annotations

import datetime as dt

from chatapp.actions.moderation import bans, decisions, roles
from chatapp.actions.moderation.decisions import Decision
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.models import Ban
from chatapp.queries import moderation as moderation_queries
from chatapp.queries.moderation import ReportSummary


def decide(
    actor: Actor, report_id: int, *, action: str, reason: str = "", until: dt.datetime | None = None
) -> ReportSummary:
    """`decisions.decide` as a moderator.

    Raises:
        Forbidden: `moderator_required`, `user_is_moderator`.
        ChatError: as `decisions.decide`.
    """
    roles.check_moderator(actor)
    if action in decisions.BANS:
        with database_connection():
            report = moderation_queries.report(report_id)
        if report is not None:
            roles.check_no_moderator(report.author_id)
    return decisions.decide(report_id, Decision(action, reason, until, actor.username))


def ban(
    actor: Actor, user_id: int, *, reason: str = "", until: dt.datetime | None = None, is_shadow: bool = False
) -> Ban:
    """`bans.ban` as a moderator.

    Raises:
        Forbidden: `moderator_required`, `user_is_moderator`.
        ChatError: as `bans.ban`.
    """
    roles.check_moderator(actor)
    roles.check_no_moderator(user_id)
    return bans.ban(user_id, reason=reason, until=until, is_shadow=is_shadow, moderator=actor.username)


def unban(actor: Actor, user_id: int, *, reason: str = "") -> None:
    """`bans.unban` as a moderator.

    Raises:
        Forbidden: `moderator_required`.
        NotFound: as `bans.unban`.
    """
    roles.check_moderator(actor)
    bans.unban(user_id, reason=reason, moderator=actor.username)
