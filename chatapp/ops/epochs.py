"""Notice that this database is a restored backup, and begin a new epoch of cursors.

Clients' cursors and the rows' stamps name transactions. Two things can go wrong with a backup:

- Cursors that were handed out after it was taken name transactions that it does not hold. So the epoch is renewed,
  and whoever shows a cursor of the old one is told to read everything anew.
- A dump keeps the stamps of its rows, while the server that it is restored into counts transactions from elsewhere.
  Rows of the past would be newer than any cursor, or become so when the counter passes them. So the stamps of such a
  database are given an offset that is larger than any transaction id: what was restored stays older than all that
  follows, for ever, and no row is touched. A base backup or a standby brings the counter along and keeps its offset.
"""

from __future__ import annotations

import logging
from dataclasses import astuple, dataclass

from peewee import PostgresqlDatabase, ProgrammingError

log = logging.getLogger(__name__)

# More transactions than a server sees: 10,000 a second for nine centuries. Leaves room for 32,000 restores.
STAMPS_OF_A_DUMP = 1 << 48


@dataclass(frozen=True, slots=True)
class Identity:
    """Which database this is. What the server does not show is empty or 0, and is not compared.

    Attributes:
        system_identifier: of the cluster; some hosts do not let applications read it.
        timeline: changes when a backup is recovered to a point in time, or a standby promoted.
        database_oid: changes when the database is made anew, also from a template.
        relation_oid: of a table; changes when a dump is restored into the same database.
    """

    system_identifier: str
    timeline: int
    database_oid: int
    relation_oid: int


def renew_epoch(database: PostgresqlDatabase) -> None:
    """Begin a new epoch where this is another database than at the last release; note which one it is."""
    here, known = _identity(database), _known_identity(database)
    is_recovered = _differ(here.timeline, known.timeline)
    if _is_dump(here, known) or (not known.relation_oid and _has_stamps_of_the_future(database)):
        with database.atomic():
            _raise_stamps(database)
            _note(database, here, is_renewed=True)
        log.warning("a restored dump was noticed: clients read everything anew")
    elif is_recovered or here != known:
        _note(database, here, is_renewed=is_recovered)
        if is_recovered:
            log.warning("a recovered backup or promoted standby was noticed: clients read everything anew")


def _is_dump(here: Identity, known: Identity) -> bool:
    return (
        _differ(here.system_identifier, known.system_identifier)
        or _differ(here.database_oid, known.database_oid)
        or _differ(here.relation_oid, known.relation_oid)
    )


def _differ(here: object, known: object) -> bool:
    return bool(here and known and here != known)


def _identity(database: PostgresqlDatabase) -> Identity:
    (system_identifier,) = _read(database, "SELECT system_identifier::text FROM pg_control_system()") or ("",)
    # The control file names the timeline of the last checkpoint, which comes some time after a promotion.
    (segment,) = _read(database, "SELECT pg_walfile_name(pg_current_wal_lsn())") or ("0",)
    oids = database.execute_sql(
        "SELECT oid::bigint, 'cluster_epoch'::regclass::oid::bigint FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return Identity(system_identifier, int(segment[:8], 16), *oids)


def _read(database: PostgresqlDatabase, sql: str) -> tuple[str] | None:
    """A row, or None where this host lets nobody ask."""
    try:
        row: tuple[str] = database.execute_sql(sql).fetchone()
    except ProgrammingError:
        return None
    return row


def _known_identity(database: PostgresqlDatabase) -> Identity:
    sql = "SELECT system_identifier, timeline, database_oid, relation_oid FROM cluster_epoch"
    return Identity(*database.execute_sql(sql).fetchone())


def _has_stamps_of_the_future(database: PostgresqlDatabase) -> bool:
    """Whether a dump was restored before databases were told apart by more than their cluster."""
    sql = "SELECT EXISTS (SELECT FROM chats WHERE changed_in >= pg_snapshot_xmax(pg_current_snapshot()))"
    return bool(database.execute_sql(sql).fetchone()[0])


def _raise_stamps(database: PostgresqlDatabase) -> None:
    """Let all stamps from now on be larger than those of before; inside a transaction.

    Invariant: a cursor of the new epoch is made only after every transaction with a stamp of before has ended. All of
    them hold one of these two tables, at least for locking a row, until they end; and each statement that waits here
    is planned anew with the new function.
    """
    database.execute_sql("LOCK TABLE chats, chat_members IN EXCLUSIVE MODE")
    sql = "UPDATE cluster_epoch SET stamp_offset = stamp_offset + %s RETURNING stamp_offset"
    (offset,) = database.execute_sql(sql, (STAMPS_OF_A_DUMP,)).fetchone()
    database.execute_sql(
        "CREATE OR REPLACE FUNCTION transaction_stamp() RETURNS xid8 LANGUAGE sql STABLE AS"
        f" $$ SELECT (pg_current_xact_id()::text::bigint + {int(offset)})::text::xid8 $$"
    )


def _note(database: PostgresqlDatabase, here: Identity, *, is_renewed: bool) -> None:
    renewal = ", epoch = gen_random_uuid(), renewed_at = now()" if is_renewed else ""
    identity = "system_identifier = %s, timeline = %s, database_oid = %s, relation_oid = %s"
    database.execute_sql(f"UPDATE cluster_epoch SET {identity}{renewal}", astuple(here))
