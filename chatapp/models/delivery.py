"""Idempotency keys, the transactional outbox, and the runs of jobs."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, CompositeKey, TextField

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
    """The events of one transaction, stored in it. The relay publishes those that a crashed worker did not."""

    id = BigAutoField()
    events = TextField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    published_at = DateTimeTZField(null=True)
    handed_on_at = DateTimeTZField(null=True)

    class Meta:
        table_name = "outbox"


class JobRun(Table):
    """The last run of a job, and its outcome."""

    name = TextField(primary_key=True)
    started_at = DateTimeTZField()
    finished_at = DateTimeTZField(null=True)
    outcome = TextField(null=True)

    class Meta:
        table_name = "job_runs"
