"""How far each consumer and the search index are behind, as metrics.

Read from Postgres by every web process, because `worker` may be the one that is down.
"""

from __future__ import annotations

from chatapp import metrics
from chatapp.infra.postgres import database_connection, db

_LAGS = """
SELECT name, greatest(0, coalesce(extract(epoch FROM clock_timestamp()
        - (SELECT created_at FROM outbox WHERE id > position ORDER BY id LIMIT 1)), 0))::float,
    (SELECT count(*) FROM outbox_failures WHERE consumer = name)
FROM outbox_consumers
"""
_SEARCH = """
SELECT greatest(0, extract(epoch FROM clock_timestamp() - indexed_until))::float, is_busy FROM search_progress
"""


def report_lags() -> None:
    """Set the metrics of every registered consumer, also of those that only another release runs, and of the index.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(_LAGS).fetchall()
        behind, is_busy = db.execute_sql(_SEARCH).fetchone()
    for name, seconds, set_aside in rows:
        metrics.set_outbox_lag(name, seconds, set_aside)
    metrics.set_search_lag(behind, is_busy=is_busy)
