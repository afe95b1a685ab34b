"""What makes sending once and delivery certain, and the record of the jobs."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, CompositeKey, TextField

from chatapp.models.base import DateTimeTZField, Table


class ClientKey(Table):
    """A key that a sender gave to a message, so that sending it again is answered and not repeated."""

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
    """The events of one transaction, written in it; what a dead worker did not publish is found here."""

    id = BigAutoField()
    events = TextField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    published_at = DateTimeTZField(null=True)
    handed_on_at = DateTimeTZField(null=True)

    class Meta:
        table_name = "outbox"


class JobRun(Table):
    """When a job last ran and how it ended."""

    name = TextField(primary_key=True)
    started_at = DateTimeTZField()
    finished_at = DateTimeTZField(null=True)
    outcome = TextField(null=True)

    class Meta:
        table_name = "job_runs"
