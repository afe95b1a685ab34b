"""What every process builds from its settings at its start: web workers, the worker, commands and tests."""

from __future__ import annotations

from chatapp import access
from chatapp.actions import chat_hints, committer, content
from chatapp.actions.attachments import ingest
from chatapp.auth import tickets, tokens
from chatapp.edge.http import signed_urls
from chatapp.infra import object_storage
from chatapp.infra.bound import Part
from chatapp.infra.postgres import db
from chatapp.infra.redis_client import redis
from chatapp.queries import pages, previews, receipts
from config import Settings

# In any order: no part needs another.
PARTS: tuple[Part, ...] = (
    db,
    redis,
    object_storage.bucket,
    tokens.verifier,
    tickets.serializer,
    access.hides_blocked,
    pages.first_pages,
    receipts.read_times,
    previews.is_html,
    content.rules,
    ingest.pipeline,
    committer.committers,
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
