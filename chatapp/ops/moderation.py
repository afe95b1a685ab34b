"""The command `moderation`: what the service routes for moderators do, for operators. Prints JSON."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import getpass
from pathlib import Path
from typing import Any

import orjson
from playhouse.shortcuts import model_to_dict

from chatapp import clock
from chatapp.actions.moderation import bans, decisions, filters, roles
from chatapp.errors import Invalid, NotFound, Reason
from chatapp.events.bus import bus
from chatapp.ids.user_reference import parse_user_reference
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from chatapp.ops import runtime
from chatapp.ops.startup import check_servers
from chatapp.queries import moderation as moderation_queries
from chatapp.queries import people
from chatapp.text.content_rules import ACTIONS, KINDS, Rule
from chatapp.transaction import record_published
from config import Settings

MOST = 1000  # reports or entries that are printed at once


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the actions of the command."""
    parser.add_argument(
        "--as", dest="moderator", metavar="NAME", help="who decides, for the log; your user name if not given"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    reports = actions.add_parser("reports", help="print reports, the oldest first")
    reports.add_argument("--state", choices=("open", "decided"), default="open")
    show = actions.add_parser("show", help="print a report with its evidence")
    show.add_argument("report", type=int)
    decide = actions.add_parser("decide", help="decide about a report")
    decide.add_argument("report", type=int)
    decide.add_argument("decision", choices=decisions.ACTIONS)
    ban = actions.add_parser("ban", help="ban a user")
    ban.add_argument("user", help="integer id or UUID")
    ban.add_argument("--shadow", action="store_true", help="let the user write, but show it to no one else")
    unban = actions.add_parser("unban", help="end the ban of a user")
    unban.add_argument("user", help="integer id or UUID")
    for each in (decide, ban, unban):
        each.add_argument("--reason", default="", help="why; a user who is warned reads it")
    for each in (decide, ban):
        each.add_argument("--until", type=_time, metavar="TIME", help="end of the ban, such as 2030-01-31T12:00:00Z")
    actions.add_parser("moderators", help="print the moderators")
    for name, what in (
        ("add-moderator", "make a user a moderator"),
        ("remove-moderator", "end the role of a moderator"),
    ):
        actions.add_parser(name, help=what).add_argument("user", help="integer id or UUID")
    rules = actions.add_parser("filters", help="print the rules of the filters, or replace them")
    rules.add_argument("file", nargs="?", type=Path, help="the new rules, as printed")
    log = actions.add_parser("log", help="print what was done, the newest first")
    log.add_argument("--user", help="only what concerns this user: integer id or UUID")
    parser.set_defaults(run=run)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Run one action, and print its result."""
    runtime.build(settings.past_pooler())
    check_servers()
    options.moderator = options.moderator or getpass.getuser()
    with database_connection():
        result = _ACTIONS[options.action](options)
    print(orjson.dumps(result, default=str, option=orjson.OPT_INDENT_2).decode())
    bus.publish_waiting()
    record_published()
    return 0


def _reports(options: argparse.Namespace) -> Any:
    found, _ = moderation_queries.reports(is_open=options.state == "open", limit=MOST)
    return [report._asdict() for report in found]


def _show(options: argparse.Namespace) -> Any:
    found = moderation_queries.report(options.report)
    if found is None:
        raise NotFound("report_not_found")
    return model_to_dict(found)


def _decide(options: argparse.Namespace) -> Any:
    decision = decisions.Decision(options.decision, options.reason, options.until, options.moderator)
    return decisions.decide(options.report, decision)._asdict()


def _ban(options: argparse.Namespace) -> Any:
    stored = bans.ban(
        _user_id(options.user),
        reason=options.reason,
        until=options.until,
        is_shadow=options.shadow,
        moderator=options.moderator,
    )
    return model_to_dict(stored)


def _unban(options: argparse.Namespace) -> Any:
    bans.unban(_user_id(options.user), reason=options.reason, moderator=options.moderator)


def _moderators(options: argparse.Namespace) -> Any:
    return [_shown_role(user) for user in people.moderators()]


def _add_moderator(options: argparse.Namespace) -> Any:
    return _shown_role(roles.set_moderator(_user_id(options.user), True, moderator=options.moderator))


def _remove_moderator(options: argparse.Namespace) -> Any:
    return _shown_role(roles.set_moderator(_user_id(options.user), False, moderator=options.moderator))


def _shown_role(user: User) -> dict[str, Any]:
    return {"id": user.id, "username": user.username, "is_moderator": user.is_moderator}


def _filters(options: argparse.Namespace) -> Any:
    if options.file is None:
        rules = moderation_queries.rules()
    else:
        rules = filters.put_rules(_read_rules(options.file), moderator=options.moderator)
    return [dataclasses.asdict(rule) for rule in rules]


def _read_rules(path: Path) -> list[Rule]:
    try:
        entries = orjson.loads(path.read_bytes())
        rules = [Rule(**entry) for entry in entries]
        if isinstance(entries, list) and all(
            rule.kind in KINDS and rule.action in ACTIONS and isinstance(rule.pattern, str) for rule in rules
        ):
            return rules
    except (OSError, ValueError, TypeError):
        pass
    raise Invalid({"file": [Reason("invalid")]})


def _log(options: argparse.Namespace) -> Any:
    user_id = None if options.user is None else _user_id(options.user)
    found, _ = moderation_queries.log(limit=MOST, user_id=user_id)
    return [model_to_dict(entry) for entry in found]


def _user_id(text: str) -> int:
    reference = parse_user_reference(text)
    user = None if reference is None else people.person_of_reference(reference)
    if user is None:
        raise NotFound("user_not_found")
    return int(user.id)


def _time(text: str) -> dt.datetime:
    return clock.parse_rfc3339(text)


_ACTIONS = {
    "reports": _reports,
    "show": _show,
    "decide": _decide,
    "ban": _ban,
    "unban": _unban,
    "moderators": _moderators,
    "add-moderator": _add_moderator,
    "remove-moderator": _remove_moderator,
    "filters": _filters,
    "log": _log,
}
