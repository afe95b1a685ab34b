"""The job `erase_compact`: rewrites tables, so that no file of the database holds what was erased.

A deleted row stays in its page until the space is used again, and VACUUM does not overwrite it; an index keeps the
value for longer. VACUUM FULL writes a table, its TOAST table and its indexes into new files, and drops the old ones,
which the next checkpoint unlinks. It locks the table for that time, which ERASE_COMPACT_LOCK bounds. A partition that
takes longer is rewritten beside its use (`online_rewrite`).

ANALYZE copies values into the statistics. So they are collected again, and their table is rewritten as well.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from peewee import OperationalError, ProgrammingError

from chatapp.actions.erasure import steps
from chatapp.actions.erasure.columns import CHANGED_TABLES
from chatapp.infra.postgres import db
from chatapp.ops.upkeep import online_rewrite, search_rebuild
from chatapp.ops.upkeep.erasing import finish_erasures
from config import Settings

log = logging.getLogger(__name__)

ANALYSE_TIMEOUT_MS = 60_000
STATISTICS = "pg_statistic"
# Rows that a transaction which is still running may read are copied into the new files; and a table of another owner is
# skipped. Both are reported as notices only.
_KEPT = re.compile(r"[1-9]\d* dead row versions cannot be removed yet")
_SKIPPED = re.compile(r"skipping it")


def compact(settings: Settings) -> str:
    """Rewrite what holds erased rows since the last run; returns a description.

    Tables that could not be rewritten are named in it, and tried again by the next run.

    Raises:
        RedisError, Unavailable: a server is away.
    """
    finish_erasures()
    waiting = _take_waiting()
    for user_id in waiting:
        steps.repeat(user_id)  # what a request that was running at the time may have stored after its step
    # Read after the steps, which name the partitions that they touch.
    partitions = _column("SELECT name FROM erased_partitions WHERE to_regclass(name) IS NOT NULL ORDER BY name")
    if not waiting and not partitions:
        return "nothing was erased"
    bound = settings.erase_compact_lock
    left = [name for name in partitions if not (_rewrite(name, bound) or online_rewrite.rewrite(name, bound))]
    left += [name for name in CHANGED_TABLES if not _rewrite(name, bound)]
    search = search_rebuild.rebuild_erased()
    left += ["message_search"] if search == search_rebuild.BUSY else []
    _collect_statistics([*partitions, *CHANGED_TABLES])
    left += [STATISTICS] if not _rewrite(STATISTICS, bound) else []
    db.execute_sql("DELETE FROM erased_partitions WHERE name = ANY(%s) AND name <> ALL(%s)", (partitions, left))
    if not left:
        db.execute_sql("UPDATE erasures SET compacted_at = now() WHERE user_id = ANY(%s)", (waiting,))
    _checkpoint()
    described = f"{len(waiting)} erasures compacted, {len(partitions)} partitions rewritten"
    return f"{described}; left for the next run: {', '.join(left)}" if left else described


def _take_waiting() -> list[int]:
    return [
        user_id
        for (user_id,) in db.execute_sql(
            "SELECT user_id FROM erasures WHERE finished_at IS NOT NULL AND compacted_at IS NULL ORDER BY user_id"
        ).fetchall()
    ]


def _column(sql: str) -> list[str]:
    return [name for (name,) in db.execute_sql(sql).fetchall()]


def _rewrite(name: str, bound: float) -> bool:
    """Rewrite a table, locked for at most `bound` seconds; returns whether no erased row is left in its files."""
    notices: list[Any] = db.connection().notices
    notices.clear()
    try:
        _with_timeout(f"VACUUM (FULL, VERBOSE) {name}", int(bound * 1000))
    except (OperationalError, ProgrammingError) as error:
        log.warning("table not rewritten", extra={"table": name, "reason": str(error).strip().splitlines()[0]})
        return False
    is_whole = not any(_KEPT.search(notice) or _SKIPPED.search(notice) for notice in notices)
    if not is_whole:
        log.warning("table rewritten with erased rows", extra={"table": name})
    return is_whole


def _collect_statistics(names: Sequence[str]) -> None:
    """Replace the statistics of tables, and those of the partitioned tables above that were collected by hand."""
    inherited = _column("SELECT DISTINCT tablename FROM pg_stats WHERE inherited AND schemaname = current_schema()")
    for name in (*names, *inherited):
        _with_timeout(f"ANALYZE {name}", ANALYSE_TIMEOUT_MS)


def _with_timeout(statement: str, milliseconds: int) -> None:
    db.execute_sql(f"SET statement_timeout = {milliseconds}")
    db.execute_sql(f"SET lock_timeout = {milliseconds}")
    try:
        db.execute_sql(statement)
    finally:
        db.execute_sql("RESET statement_timeout")
        db.execute_sql("RESET lock_timeout")


def _checkpoint() -> None:
    """Unlink the old files now, if the role may; else the server's own checkpoint does within minutes."""
    try:
        _with_timeout("CHECKPOINT", ANALYSE_TIMEOUT_MS)
    except ProgrammingError:
        log.info("no right to request a checkpoint: old files are removed by the next one")
