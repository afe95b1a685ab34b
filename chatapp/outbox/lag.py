"""How far each consumer is behind, as metrics.

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


def report_lags() -> None:
    """Set the metrics of every registered consumer, also of those that only another release runs.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(_LAGS).fetchall()
    for name, seconds, set_aside in rows:
        metrics.set_outbox_lag(name, seconds, set_aside)
