"""Idempotency keys, the transactional outbox and its consumers, and the runs of jobs."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, CompositeKey, IntegerField, TextField
from playhouse.postgres_ext import ArrayField

from chatapp.models.base import DateTimeTZField, Table


class IdempotencyKey(Table):
    """The key of a write: repeating it with the same body returns the first result."""

    sender_id = BigIntegerField()
    key = TextField()
    fingerprint = BlobField()
    chat_id = BigIntegerField()
    message_id = BigIntegerField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "client_keys"
        primary_key = CompositeKey("sender_id", "key")


class Outbox(Table):
    """The events of one transaction, stored in it, for the consumers of the outbox.

    `published_at` and `handed_on_at` are marks of the release before: 'infinity' in the rows of this one.
    """

    id = BigAutoField()
    events = TextField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    published_at = DateTimeTZField(null=True)
    handed_on_at = DateTimeTZField(null=True)

    class Meta:
        table_name = "outbox"


class OutboxConsumer(Table):
    """A consumer of the outbox. It has handled every row up to `position`."""

    name = TextField(primary_key=True)
    position = BigIntegerField()

    class Meta:
        table_name = "outbox_consumers"


class OutboxPublished(Table):
    """Ids of rows that a process has published within a second."""

    last_id = BigIntegerField(primary_key=True)
    ids = ArrayField(BigIntegerField)

    class Meta:
        table_name = "outbox_published"


class OutboxFailure(Table):
    """An event that a consumer could not handle and will try again. `ordinal`: its place in the row."""

    consumer = TextField()
    outbox_id = BigIntegerField()
    ordinal = IntegerField()
    reason = TextField()
    attempts = IntegerField(default=1)
    failed_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    next_attempt_at = DateTimeTZField()

    class Meta:
        table_name = "outbox_failures"
        primary_key = CompositeKey("consumer", "outbox_id", "ordinal")


class JobRun(Table):
    """The last run of a job, and its outcome."""

    name = TextField(primary_key=True)
    started_at = DateTimeTZField()
    finished_at = DateTimeTZField(null=True)
    outcome = TextField(null=True)

    class Meta:
        table_name = "job_runs"
