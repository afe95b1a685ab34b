"""What an erasure does with each column that can hold a text: every column of the schema has its line.

A test compares the table with the schema, so a new column cannot be forgotten; `docs/privacy.md` is printed from it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Fate = Literal["erased", "texts", "kept"]


class Column(NamedTuple):
    """A column of text, JSON, bytes, or a list.

    Attributes:
        fate: `erased` whatever the policy; `texts`: with ERASE_CONTENT=remove; `kept`: nothing in it names the user.
        how: what erases it, or why it is kept.
    """

    table: str
    name: str
    fate: Fate
    how: str


# A table, one column a line.
# fmt: off
COLUMNS = (
    Column("users", "username", "erased", "replaced by `deleted-…`, as are name, email address and picture"),
    Column("users", "name", "erased", "emptied"),
    Column("users", "email", "erased", "emptied"),
    Column("users", "picture_url", "erased", "emptied"),
    Column("users", "password_hash", "erased", "emptied"),
    Column("users", "subject", "erased", "replaced by a keyed hash, which recognises tokens of the user and refuses them"),
    Column("users", "issuer", "kept", "the service that issues tokens"),
    Column("token_families", "refresh_hash", "kept", "hash of a random token; the row is deleted a week after it expires"),
    Column("token_families", "previous_hash", "kept", "the same"),
    Column("token_families", "address_hash", "erased", "emptied"),
    Column("used_tickets", "id", "kept", "random"),
    Column("items", "kind", "kept", "one of two words"),
    Column("items", "title", "texts", "of items that the user sells"),
    Column("items", "image_url", "erased", "of items that the user sells"),
    Column("items", "currency", "kept", "a code"),
    Column("items", "description", "erased", "of items that the user sells"),
    Column("items", "category", "erased", "the same"),
    Column("items", "attributes", "erased", "the same"),
    Column("items", "url", "erased", "the same"),
    Column("item_search", "kind", "kept", "one of two words"),
    Column("item_search", "tokens", "erased", "the row is deleted, of items that the user sells"),
    Column("item_words", "word", "erased", "words that no other item has are deleted"),
    Column("item_words", "keys", "erased", "the same"),
    Column("chats", "kind", "kept", "one of a few words"),
    Column("chats", "pair_key", "kept", "ids"),
    Column("chats", "last_message_text", "texts", "follows the message"),
    Column("chats", "title", "texts", "of groups that the user named last"),
    Column("chats", "last_system", "texts", "follows the message"),
    Column("chat_tombstones", "kind", "kept", "one of a few words"),
    Column("chat_members", "role", "kept", "one of a few words"),
    Column("messages", "message_type", "kept", "one of a few words"),
    Column("messages", "content", "texts", "emptied; also of copies that others forwarded"),
    Column("messages", "location", "erased", "the message is deleted"),
    Column("messages", "client_key", "erased", "emptied"),
    Column("messages", "original_language", "texts", "emptied"),
    Column("messages", "mentions", "kept", "ids; shown as a deleted user"),
    Column("messages", "system", "texts", "titles that the user gave to groups are replaced by `…`; events and ids stay"),
    Column("messages", "link_preview", "texts", "emptied"),
    Column("messages", "reactions", "erased", "reactions of the user are taken back"),
    Column("messages", "extra", "erased", "answers of the assistant are deleted with the session"),
    Column("message_changes", "kind", "kept", "one of a few words"),
    Column("message_changes", "old_content", "texts", "emptied"),
    Column("message_changes", "detail", "kept", "emoji"),
    Column("client_keys", "key", "erased", "the row is deleted"),
    Column("client_keys", "fingerprint", "erased", "the row is deleted"),
    Column("attachments", "file_type", "erased", "the row is deleted, with copies that others forwarded"),
    Column("attachments", "file_name", "erased", "the row is deleted"),
    Column("attachments", "content_type", "erased", "the row is deleted"),
    Column("attachments", "object_name", "erased", "the row is deleted; so is the object, unless another file shares it"),
    Column("attachments", "thumbnail_name", "erased", "the same"),
    Column("attachments", "metadata", "erased", "the row is deleted"),
    Column("attachments", "state", "erased", "the row is deleted"),
    Column("objects", "name", "erased", "random; the row is deleted after the bytes"),
    Column("objects", "state", "kept", "one of a few words"),
    Column("reports", "source", "kept", "one of a few words"),
    Column("reports", "state", "kept", "one of a few words"),
    Column("reports", "reason", "kept", "one of a few words"),
    Column("reports", "action", "kept", "one of a few words"),
    Column("reports", "text", "erased", "emptied, if the user reported"),
    Column("reports", "evidence", "erased", "messages of the user are emptied, unless `ERASE_EVIDENCE=keep`"),
    Column("reports", "people", "kept", "ids"),
    Column("reports", "held_key", "erased", "emptied"),
    Column("reports", "decided_by", "kept", "a moderator"),
    Column("report_objects", "object_name", "erased", "the row is deleted, and the object, unless `ERASE_EVIDENCE=keep`"),
    Column("warnings", "reason", "erased", "the row is deleted"),
    Column("bans", "reason", "erased", "emptied"),
    Column("shadow_messages", "message_type", "erased", "the row is deleted"),
    Column("shadow_messages", "content", "erased", "the row is deleted"),
    Column("shadow_messages", "location", "erased", "the row is deleted"),
    Column("shadow_messages", "client_key", "erased", "the row is deleted"),
    Column("shadow_messages", "original_language", "erased", "the row is deleted"),
    Column("shadow_messages", "mentions", "erased", "the row is deleted"),
    Column("shadow_messages", "reactions", "erased", "the row is deleted"),
    Column("shadow_messages", "attachment_ids", "erased", "the row is deleted"),
    Column("shadow_messages", "system", "erased", "the row is deleted"),
    Column("shadow_messages", "link_preview", "erased", "the row is deleted"),
    Column("shadow_messages", "extra", "erased", "the row is deleted"),
    Column("shadow_edits", "content", "erased", "the row is deleted"),
    Column("moderation_filters", "rules", "kept", "of the operator"),
    Column("moderation_log", "moderator", "kept", "a moderator"),
    Column("moderation_log", "action", "kept", "one of a few words"),
    Column("moderation_log", "reason", "erased", "emptied"),
    Column("moderation_log", "detail", "kept", "ids and times"),
    Column("reactions", "emoji", "erased", "the row is deleted"),
    Column("drafts", "content", "erased", "the row is deleted"),
    Column("message_search", "tokens", "texts", "the row is deleted; its bytes by the job `search_erasures`"),
    Column("recent_searches", "query", "erased", "the row is deleted"),
    Column("outbox", "events", "erased", "redacted within seconds; deleted after an hour"),
    Column("outbox_published", "ids", "kept", "ids"),
    Column("outbox_consumers", "name", "kept", "names of parts of chatapp"),
    Column("outbox_failures", "consumer", "kept", "the same"),
    Column("outbox_failures", "reason", "kept", "the class of an error"),
    Column("redactions", "kind", "kept", "one of a few words"),
    Column("job_runs", "name", "kept", "names of jobs"),
    Column("job_runs", "outcome", "kept", "numbers, and names of tables"),
    Column("schema_migration", "name", "kept", "names of migrations"),
    Column("cluster_epoch", "system_identifier", "kept", "of the database"),
    Column("erasures", "content", "kept", "the policy"),
    Column("erasures", "evidence", "kept", "the policy"),
    Column("erasures", "report", "kept", "numbers"),
    Column("erased_partitions", "name", "kept", "names of tables"),
    Column("exports", "state", "erased", "the row is deleted"),
    Column("sessions", "language", "erased", "the row is deleted, with its chat and all messages"),
    Column("sessions", "item_kind", "erased", "the row is deleted"),
    Column("sessions", "responder", "erased", "the row is deleted"),
    Column("sessions", "handover", "erased", "the row is deleted"),
    Column("sessions", "handover_reason", "erased", "the row is deleted"),
    Column("assistant_turns", "state", "erased", "the row is deleted"),
    Column("assistant_turns", "owner", "erased", "the row is deleted"),
    Column("assistant_turns", "partial", "erased", "the row is deleted"),
    Column("assistant_turns", "outcome", "erased", "the row is deleted"),
    Column("answer_parts", "part", "erased", "the row is deleted"),
    Column("answer_ratings", "rating", "erased", "the row is deleted"),
    Column("answer_ratings", "reason", "erased", "the row is deleted"),
    Column("assistant_usage", "scope", "kept", "ids, and one of a few words"),
    Column("assistant_days", "language", "kept", "a tag; numbers of all visitors"),
    Column("assistant_days", "answer_times", "kept", "numbers"),
    Column("exports", "object_name", "erased", "the row is deleted, with the object"),
    Column("exports", "reason", "erased", "the row is deleted"),
)
# fmt: on

# Rewritten by partition, where something was erased; the search index has a job of its own.
PARTITIONED = ("messages", "message_changes", "message_search")

CHANGED_TABLES = tuple(
    dict.fromkeys(column.table for column in COLUMNS if column.fate != "kept" and column.table not in PARTITIONED)
)
"""Tables in which erasures change or delete rows, without the partitioned ones."""


def column_rows() -> list[tuple[str, str, str]]:
    """Column, fate and reason of each line, for `docs/privacy.md`."""
    shown = {"erased": "erased", "texts": "erased with `ERASE_CONTENT=remove`", "kept": "kept"}
    return [(f"`{column.table}.{column.name}`", shown[column.fate], column.how) for column in COLUMNS]
