"""The command `erasures`: erase users, continue what is unfinished, and print reports. Prints JSON."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import orjson

from chatapp import clock
from chatapp.actions.erasure import requests
from chatapp.errors import NotFound
from chatapp.events.bus import bus
from chatapp.ids.user_reference import parse_user_reference
from chatapp.infra.postgres import database_connection
from chatapp.ops import runtime
from chatapp.ops.startup import check_servers
from chatapp.ops.upkeep.erasing import finish_erasures
from chatapp.queries import erasures as erasure_queries
from chatapp.queries import people
from chatapp.queries.erasures import Erasure
from chatapp.transaction import record_published
from config import Settings

MOST = 1000  # reports that are printed at once


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the actions of the command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    run = actions.add_parser("run", help="erase a user, or finish the erasures that were requested")
    show = actions.add_parser("show", help="print what erasures have done, the newest first")
    for each in (run, show):
        each.add_argument("user", nargs="?", help="integer id or UUID")
    parser.set_defaults(run=_run)


def _run(settings: Settings, options: argparse.Namespace) -> int:
    runtime.build(settings.past_pooler())
    check_servers()
    if options.action == "run":
        _erase(options.user)
    for erasure in _found(options.user):
        sys.stdout.write(orjson.dumps(_as_json(erasure)).decode() + "\n")
    return 0


def _erase(user: str | None) -> None:
    if user is not None:
        reference = parse_user_reference(user)
        if reference is None:
            raise NotFound("user_not_found")
        requests.erase_person(reference)
    finish_erasures()
    bus.publish_waiting()
    record_published()


def _found(user: str | None) -> list[Erasure]:
    if user is None:
        with database_connection():
            return erasure_queries.recent(MOST)
    reference = parse_user_reference(user)
    person = None if reference is None else people.person_of_reference(reference)
    if person is None:
        raise NotFound("user_not_found")
    return [requests.load_erasure(person.id)]


def _as_json(erasure: Erasure) -> dict[str, Any]:
    return {
        "user_id": erasure.user_id,
        "uuid": erasure.uuid,
        "state": erasure.state,
        "content": erasure.content,
        "evidence": erasure.evidence,
        "erased": erasure.report,
        "requested_at": clock.rfc3339(erasure.requested_at),
        "finished_at": clock.rfc3339_or_none(erasure.finished_at),
        "compacted_at": clock.rfc3339_or_none(erasure.compacted_at),
    }
