"""Detect that this database is a restored backup, and start a new epoch of cursors.

The cursors of clients and the stamps of rows refer to transactions. Restoring a backup breaks both:

- Cursors issued after the backup was taken refer to transactions that it does not contain. So the epoch is renewed, and
  a client that sends a cursor of the old epoch gets `full_sync`.
- A dump keeps the stamps of its rows, but the server that it is restored into has another transaction counter. Restored
  rows could look newer than any cursor, or become so when the counter passes their stamps. So stamps in such a database
  get an offset larger than any transaction id: restored rows are older than all later ones, without being rewritten. A
  base backup and a standby include the counter, so their offset is kept.
"""

from __future__ import annotations

import logging
from dataclasses import astuple, dataclass

from peewee import NotSupportedError, PostgresqlDatabase, ProgrammingError

log = logging.getLogger(__name__)

# More transactions than any server runs: 10,000 a second for nine centuries. Leaves room for 32,000 restores.
STAMPS_OF_A_DUMP = 1 << 48


@dataclass(frozen=True, slots=True)
class Identity:
    """Identifies a database. Values that the server does not reveal are empty or 0 and are not compared.

    Attributes:
        system_identifier: of the cluster; some hosts do not let applications read it.
        timeline: changes when a backup is recovered to a point in time, or a standby is promoted.
        database_oid: changes when the database is created again, also from a template.
        relation_oid: of a table; changes when a dump is restored into the same database.
    """

    system_identifier: str
    timeline: int
    database_oid: int
    relation_oid: int


def renew_epoch(database: PostgresqlDatabase) -> None:
    """Start a new epoch if this is not the database of the last release, and record its identity."""
    known = _known_identity(database)
    here = _identity(database, known)
    is_recovered = _differ(here.timeline, known.timeline)
    if _is_dump(here, known) or (not known.relation_oid and _has_stamps_of_the_future(database)):
        with database.atomic():
            _raise_stamps(database)
            _record(database, here, is_renewed=True)
        log.warning("restored dump detected: all clients will resynchronize")
    elif here != known:
        _record(database, here, is_renewed=is_recovered)
        if is_recovered:
            log.warning("recovered backup or promoted standby detected: all clients will resynchronize")


def _is_dump(here: Identity, known: Identity) -> bool:
    return (
        _differ(here.system_identifier, known.system_identifier)
        or _differ(here.database_oid, known.database_oid)
        or _differ(here.relation_oid, known.relation_oid)
    )


def _differ(here: object, known: object) -> bool:
    return bool(here and known and here != known)


def _identity(database: PostgresqlDatabase, known: Identity) -> Identity:
    """The identity that the server reveals, completed by the recorded one."""
    system_identifier = _ask(database, "SELECT system_identifier::text FROM pg_control_system()")
    # The control file has the timeline of the last checkpoint, which may be older than a promotion.
    segment = _ask(database, "SELECT pg_walfile_name(pg_current_wal_lsn())")
    oids = database.execute_sql(
        "SELECT oid::bigint, 'cluster_epoch'::regclass::oid::bigint FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    timeline = int(segment[:8], 16) if segment else known.timeline
    return Identity(system_identifier or known.system_identifier, timeline, *oids)


def _ask(database: PostgresqlDatabase, sql: str) -> str | None:
    """One value, or None if the host does not let applications read it."""
    try:
        return str(database.execute_sql(sql).fetchone()[0])
    except (ProgrammingError, NotSupportedError):
        return None


def _known_identity(database: PostgresqlDatabase) -> Identity:
    sql = "SELECT system_identifier, timeline, database_oid, relation_oid FROM cluster_epoch"
    return Identity(*database.execute_sql(sql).fetchone())


def _has_stamps_of_the_future(database: PostgresqlDatabase) -> bool:
    """Whether a dump was restored while only the cluster's identity was recorded."""
    sql = "SELECT EXISTS (SELECT FROM chats WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))"
    return bool(database.execute_sql(sql).fetchone()[0])


def _raise_stamps(database: PostgresqlDatabase) -> None:
    """Make all stamps from now on larger than earlier ones; call inside a transaction.

    Invariant: when the first cursor of the new epoch is issued, every transaction with an old stamp has ended. Each of
    them holds a lock on one of these two tables until it ends, if only a row lock. Statements that wait for this lock
    are planned again, with the new function.
    """
    database.execute_sql("LOCK TABLE chats, chat_members IN EXCLUSIVE MODE")
    sql = "UPDATE cluster_epoch SET stamp_offset = stamp_offset + %s RETURNING stamp_offset"
    (offset,) = database.execute_sql(sql, (STAMPS_OF_A_DUMP,)).fetchone()
    database.execute_sql(
        "CREATE OR REPLACE FUNCTION transaction_stamp() RETURNS xid8 LANGUAGE sql STABLE AS"
        f" $$ SELECT (pg_current_xact_id()::text::bigint + {int(offset)})::text::xid8 $$"
    )


def _record(database: PostgresqlDatabase, here: Identity, *, is_renewed: bool) -> None:
    renewal = ", epoch = gen_random_uuid(), renewed_at = now()" if is_renewed else ""
    identity = "system_identifier = %s, timeline = %s, database_oid = %s, relation_oid = %s"
    database.execute_sql(f"UPDATE cluster_epoch SET {identity}{renewal}", astuple(here))
