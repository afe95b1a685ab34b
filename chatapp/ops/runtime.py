"""What every process builds from its settings at its start: web workers, the worker, commands and tests."""

from __future__ import annotations

from chatapp import access
from chatapp.actions import chat_hints, committer, content, editing
from chatapp.actions.assistant import bot
from chatapp.actions.assistant.adapters import answerer
from chatapp.actions.assistant.policy import policy as assistant_policy
from chatapp.actions.attachments import ingest
from chatapp.actions.erasure.policy import policy
from chatapp.actions.exports import limits as export_limits
from chatapp.actions.groups import rules
from chatapp.actions.moderation import filters, reporting
from chatapp.auth import tickets, tokens
from chatapp.auth.session_ids import session_ids
from chatapp.edge.http import signed_urls
from chatapp.infra import object_storage
from chatapp.infra.bound import Part
from chatapp.infra.postgres import db
from chatapp.infra.redis_client import redis
from chatapp.outbox import link_previews
from chatapp.queries import pages, previews, receipts, search_index, shop
from config import Settings

# In any order: no part needs another.
PARTS: tuple[Part, ...] = (
    db,
    redis,
    object_storage.bucket,
    tokens.verifier,
    tickets.serializer,
    access.hides_blocked,
    access.shadow_bans,
    filters.content_filter,
    reporting.max_open_reports,
    pages.first_pages,
    receipts.read_times,
    previews.is_html,
    search_index.known,
    shop.shop,
    content.rules,
    editing.windows,
    rules.max_members,
    ingest.pipeline,
    link_previews.is_enabled,
    committer.committers,
    session_ids,
    assistant_policy,
    bot.known,
    answerer,
    policy,
    export_limits,
    chat_hints.hints,
    signed_urls.links,
)


def build(settings: Settings) -> None:
    """Build every part from the settings, and replace what an earlier call built.

    Opens no connection and starts no process: a server that is away now may be back later.
    """
    for part in PARTS:
        part.bind(settings)


def close() -> None:
    """Close the connections to Postgres and stop the inspector processes. For tests, whose process goes on."""
    db.close_all()
    ingest.pipeline().inspectors.close()
