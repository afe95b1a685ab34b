"""A user who left a text in every field is erased: nothing holds it then, nor do files after `erase_compact`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis

from chatapp.access import access_chat
from chatapp.actions import editing, exports, search
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.sessions import open_session
from chatapp.actions.attachments import uploading
from chatapp.actions.drafts import save_draft
from chatapp.actions.erasure.columns import COLUMNS
from chatapp.actions.erasure.requests import erase_person, load_erasure
from chatapp.actions.forwarding import forward_message
from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.people import Named
from chatapp.actions.items import put_item
from chatapp.actions.log_ins import begin
from chatapp.actions.moderation import reporting
from chatapp.actions.sending import send_message
from chatapp.infra.postgres import database_connection, db
from chatapp.models import User
from chatapp.ops.upkeep import search_rebuild
from chatapp.ops.upkeep.jobs import JOBS_BY_NAME, run_job
from chatapp.outbox import redacting
from chatapp.queries import messages as message_queries
from chatapp.transaction import unit_of_work
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.files import making_documents
from tests.flows.privacy.canaries import all_columns, columns_with, files_with, keys_with, objects_with
from tests.outbox.conftest import export_changes
from tests.servers import await_true

# Lower case, and short: not compressed. The first is in texts that `anonymise` keeps, the second in all else.
TEXT, TRACE = "qzwordcanary", "qztracecanary"

# Erased, but never holding what a user chooses: random names and hashes, words of a fixed list.
NOT_CHOSEN = {
    "token_families.address_hash",
    "client_keys.fingerprint",
    "attachments.file_type",
    "attachments.content_type",
    "attachments.object_name",
    "attachments.thumbnail_name",
    "attachments.metadata",
    "attachments.state",
    "objects.name",
    "exports.state",
    "exports.object_name",
    "exports.reason",
    "messages.original_language",
    "report_objects.object_name",
    "shadow_messages.message_type",
    "shadow_messages.original_language",
    "shadow_messages.mentions",
    "shadow_messages.attachment_ids",
    "shadow_messages.system",
    "shadow_messages.reactions",
    "messages.reactions",
    "reactions.emoji",
    "shadow_messages.link_preview",
    "shadow_messages.extra",
    "sessions.responder",
    "sessions.handover",
    "assistant_turns.state",
    "answer_ratings.rating",
}
# What moderators and the filters keep of a user, beside what a report freezes.
MODERATION = f"""
INSERT INTO warnings (user_id, reason) VALUES (%(alice)s, '{TRACE}');
INSERT INTO bans (user_id, is_shadow, reason) VALUES (%(alice)s, true, '{TRACE}');
INSERT INTO moderation_log (moderator, action, user_id, reason) VALUES ('m', 'warn', %(alice)s, '{TRACE}');
INSERT INTO reports (source, author_id, reason, evidence, people, held_key)
    VALUES ('held', %(alice)s, 'other', '{{"content": "{TRACE}"}}', ARRAY[%(alice)s], '{TRACE}');
INSERT INTO shadow_authors VALUES (%(alice)s);
INSERT INTO shadow_messages (id, chat_id, seq, version, sender_id, content, location, client_key, created_at)
    VALUES (1, %(chat)s, 1, 1, %(alice)s, '{TRACE}', '{{"address": "{TRACE}"}}', '{TRACE}', now());
INSERT INTO shadow_edits (message_id, chat_id, sender_id, content) VALUES (%(sent)s, %(chat)s, %(alice)s, '{TRACE}');
"""
# What the assistant knows of a session.
SESSION = f"""
UPDATE sessions SET language = '{TRACE}', item_kind = '{TRACE}', handover_reason = '{TRACE}' WHERE chat_id = %(chat)s;
UPDATE assistant_turns SET owner = '{TRACE}', partial = '{TRACE}', outcome = '{TRACE}' WHERE chat_id = %(chat)s;
INSERT INTO answer_parts (turn_id, part) SELECT id, '{{"text": "{TRACE}"}}' FROM assistant_turns;
INSERT INTO answer_ratings (message_id, chat_id, rating, reason) VALUES (1, %(chat)s, 'up', '{TRACE}');
UPDATE messages SET extra = '{{"role": "{TRACE}"}}' WHERE chat_id = %(chat)s;
"""


class Life:
    """A user who leaves traces, and another one who reads them."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.alice, self.bob, _ = storage.actors

    def leaves_traces(self) -> None:
        """Fill every field that a user can fill."""
        alice, bob, chat_id = self.alice, self.bob, self.storage.chat_id
        self.storage.database.change(
            "UPDATE users SET subject = %(t)s, username = %(t)s, name = %(t)s, email = %(t)s, picture_url = %(t)s,"
            " password_hash = %(t)s WHERE id = %(id)s".replace("%(t)s", f"'{TRACE}'").replace("%(id)s", str(alice.id))
        )
        with unit_of_work():
            begin(User.get_by_id(alice.id), "192.0.2.1")
        sent = self.storage.sends(f"hello {TEXT}", self._file(), idempotency_key=TRACE)
        editing.edit_message(alice, sent.id, f"bye {TEXT}", idempotency_key=f"edit {TRACE}")
        place = {"latitude": 1.0, "longitude": 2.0, "address": TRACE}
        self.storage.sends("", message_type="location", location=place)
        send_message(bob, chat_id, "an answer", reply_to_id=sent.id, mention_ids=[alice.id])
        forward_message(bob, sent.id, [chat_id])
        reporting.report_message(bob, sent.id, "other")
        answer = send_message(bob, chat_id, "words of bob")
        reporting.report_message(alice, answer.id, "other", TRACE)
        values = {"alice": alice.id, "chat": chat_id, "sent": sent.id}
        with unit_of_work():
            db.execute_sql(MODERATION, values)
        self._leaves_an_item()
        exports.request_export(alice)
        assert exports.make_next()
        self._leaves_what_others_do_not_see(sent.id)
        create_group(alice, f"a group {TEXT}", Named([bob.id]))
        self.storage.sends(f"last {TEXT}")
        with database_connection():
            search_rebuild.rebuild_all()
        export_changes()

    def _leaves_an_item(self) -> None:
        link = f"https://e.com/{TRACE}"
        about = {"description": TRACE, "category": TRACE, "attributes": {"kind": TRACE}, "url": link}
        put_item("listing", 1, {"title": f"a {TEXT}", "seller": self.alice.id, "image_url": link, **about})

    def _leaves_what_others_do_not_see(self, sent_id: int) -> None:
        visit = open_session(self.alice, language="en")
        ask(visit, f"a session {TRACE}", language=None, fallback_language="en")
        with unit_of_work():
            db.execute_sql(SESSION, {"chat": visit.chat_id})
        save_draft(self.alice, self.storage.chat_id, TRACE)
        search.remember_query(self.alice, TRACE)
        preview = f'{{"url": "https://e.com", "title": "{TEXT}"}}'
        self.storage.database.change("UPDATE messages SET link_preview = %s WHERE id = %s", preview, sent_id)

    def _file(self) -> tuple[int, ...]:
        upload = self.storage.upload(making_documents.titled(TRACE), f"{TRACE}.pdf")
        return tuple(file.id for file in uploading.upload_unattached(self.alice, [upload]))

    def texts_for_bob(self) -> list[str]:
        """What the other side reads, oldest first."""
        with database_connection():
            page = message_queries.page(access_chat(self.bob, self.storage.chat_id), limit=100)
        return [message.content for message in reversed(page.messages)]


@pytest.fixture
def keys(storage: Storage, environment: dict[str, str]) -> Iterator[redis.Redis]:
    """Redis, without what other tests left."""
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        client.flushall()
        yield client


def redact_finally(storage: Storage) -> None:
    """Redact stored events, as of a time when no transaction can write others."""
    storage.database.change("UPDATE redactions SET created_at = created_at - interval '1 minute'")
    redacting.redact()


@pytest.mark.parametrize("policy", ["remove", "anonymise"])
def test_nothing_holds_a_canary(
    storage: Storage, rebind: Callable[..., Settings], keys: redis.Redis, policy: str
) -> None:
    settings = rebind(ERASE_CONTENT=policy, ERASE_COMPACT_LOCK="60s")
    life = Life(storage)
    life.leaves_traces()
    before = columns_with(storage.database, TEXT) | columns_with(storage.database, TRACE)
    assert all_columns(COLUMNS, "erased", "texts") - before == NOT_CHOSEN
    assert before - all_columns(COLUMNS, "erased", "texts") == set(), "a column that the table calls `kept`"
    assert objects_with(TRACE) != [] and keys_with(keys, TEXT) != []
    with database_connection():
        for table in ("users", "messages", "chats", "client_keys"):
            db.execute_sql(f"ANALYZE {table}")  # the statistics hold values then
        db.execute_sql("CHECKPOINT")
    assert {"users", "client_keys"} <= files_with(storage.database, TRACE)

    erase_person(life.alice.id)
    storage.clean_up_later()
    export_changes()
    redacting.redact()
    # What a group says last is then that the user has left.
    kept = all_columns(COLUMNS, "texts") - NOT_CHOSEN - {"chats.last_system"} | {"outbox.events"}
    assert columns_with(storage.database, TRACE) == set()
    assert columns_with(storage.database, TEXT) == (kept if policy == "anonymise" else set())
    for canary in (TRACE, *([TEXT] if policy == "remove" else [])):
        assert keys_with(keys, canary) == []
    assert objects_with(TRACE) == objects_with(TEXT) == []
    read = life.texts_for_bob()
    assert len(read) == 6 and read[2] == "an answer"
    assert (f"last {TEXT}" in read) == (policy == "anonymise")

    redact_finally(storage)
    assert load_erasure(life.alice.id).state == "done"
    # A table that another transaction may still read, such as that of an autovacuum, is left for the next run.
    await_true(lambda: "left" not in run_job(JOBS_BY_NAME["erase_compact"], settings))
    assert files_with(storage.database, TRACE) == set()
    if policy == "remove":
        assert files_with(storage.database, TEXT) == set()
    assert load_erasure(life.alice.id).compacted_at is not None
    assert run_job(JOBS_BY_NAME["erase_compact"], settings) == "nothing was erased"
