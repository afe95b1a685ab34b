"""The settings that each Postgres session of chatapp must have, and the check that it has them.

The time-outs keep a slow statement from blocking a request or holding a lock; the planner settings keep prepared
statements fast. Postgres takes them at the start of a session. A connection pooler such as PgBouncer does not forward
them: behind one they are defaults of the role, stored by `release` (`chatapp.ops.migration.pooled_role`).
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg2

from chatapp.errors import Misconfigured
from config import Settings

_CONNECT_SECONDS = 5  # time-out of the second connection of a check
_REFUSED_OPTIONS = "unsupported startup parameter"  # PgBouncer's message for parameters that it does not forward
_NOT_POSTGRES_ITSELF = (
    "A connection pooler such as PgBouncer answers where Postgres itself is expected: set DATABASE_POOLER to its"
    " pool_mode, session or transaction, and DATABASE_DIRECT_URL to Postgres itself."
)


class Sessions:
    """The sessions that one configuration requires.

    Attributes:
        is_pooled: whether DATABASE_POOLER declares a pooler between chatapp and Postgres.
        prepares: whether statements may be prepared. In transaction mode the next transaction of a connection may run
            in another session, without the prepared statements.
        required: settings by name, in the units of `pg_settings`.
    """

    def __init__(self, settings: Settings) -> None:
        self.is_pooled = settings.database_pooler != "none"
        self.prepares = settings.database_pooler != "transaction"
        milliseconds = int(settings.statement_timeout * 1000)
        self.required = {
            "statement_timeout": str(milliseconds),
            # Shorter, so that waiting for a lock is reported as such.
            "lock_timeout": str(milliseconds // 2),
            "idle_in_transaction_session_timeout": str(milliseconds * 2),
            "TimeZone": "UTC",
            "synchronous_commit": "on",
            # Functions that lock and then read must see what was committed before the lock (migration 0011).
            "default_transaction_isolation": "read committed",
            # A prepared statement is planned once, perhaps while its tables are empty, and must use its indexes then,
            # too. A page is the next few rows of an index; a bitmap would first collect all rows that follow. What
            # needs a bitmap is a BitmapStatement. See "Query plans" in docs/data.md.
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            "enable_bitmapscan": "off",
        }

    @property
    def startup(self) -> str | None:
        """The `options` of `psycopg2.connect` for such a session; None behind a pooler, which refuses them."""
        return None if self.is_pooled else as_options(self.required)

    def check(self, connection: Any) -> None:
        """Verify that a new connection is of the kind that DATABASE_POOLER declares, with the required settings.

        Raises:
            Misconfigured: it is not.
            psycopg2.Error: Postgres does not answer.
        """
        if not self.is_pooled:
            require_postgres_itself(connection)
        found = self.found(connection)
        wrong = [name for name, value in self.required.items() if found.get(name) != value]
        if wrong:
            raise self._not_held(wrong, found)

    def found(self, connection: Any) -> dict[str, str]:
        """The values of the `required` settings in a session."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(self.required),))
            return dict(cursor.fetchall())

    def _not_held(self, wrong: list[str], found: dict[str, str]) -> Misconfigured:
        differences = ", ".join(f"{name} is {found.get(name)}, not {self.required[name]}" for name in wrong)
        cure = (
            "run `python -m chatapp.ops migrate`, which stores them for the role, and RECONNECT on the pooler's console"
            if self.is_pooled
            else "something between chatapp and Postgres drops them"
        )
        return Misconfigured(f"Sessions of DATABASE_URL lack settings that chatapp relies on ({differences}): {cure}.")


def connect_directly(url: str, **options: Any) -> Any:
    """A connection in autocommit to Postgres itself, as session locks need it.

    Parameters:
        url: past a pooler (`Settings.past_pooler`).
        options: further arguments of `psycopg2.connect`.

    Raises:
        Misconfigured: a pooler answers.
        psycopg2.Error: Postgres does not answer.
    """
    try:
        connection = psycopg2.connect(url, **options)
    except psycopg2.OperationalError as error:
        if misconfigured := refusal(error):
            raise misconfigured from error
        raise
    connection.autocommit = True
    try:
        require_postgres_itself(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def require_postgres_itself(connection: Any) -> None:
    """Verify that there is no pooler between chatapp and Postgres.

    With the key for cancelling statements, Postgres sends the process id of the session. A pooler shares its sessions
    and therefore generates its own keys, whose number is not the id of the session. (`SHOW VERSION` cannot distinguish
    them: outside its console, PgBouncer forwards it to Postgres.)

    Raises:
        Misconfigured: there is a pooler.
        psycopg2.Error: Postgres does not answer.
    """
    if _session_of(connection) != connection.get_backend_pid():
        raise Misconfigured(_NOT_POSTGRES_ITSELF)


def require_distinct_sessions(connection: Any, url: str) -> None:
    """Verify that a pooler in session mode gives a second connection a different session.

    Raises:
        Misconfigured: both connections have the same session, so it pools transactions.
        psycopg2.Error: it does not answer.
    """
    with closing(psycopg2.connect(url, connect_timeout=_CONNECT_SECONDS)) as other:
        other.autocommit = True
        if _session_of(connection) == _session_of(other):
            raise Misconfigured(
                "The pooler at DATABASE_URL pools transactions, not sessions: set DATABASE_POOLER=transaction."
            )


def _session_of(connection: Any) -> int:
    """The process id of the session in which a statement of the connection runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def refusal(error: Exception) -> Misconfigured | None:
    """The misconfiguration that caused a refused connection; None if there was another reason."""
    return Misconfigured(_NOT_POSTGRES_ITSELF) if _REFUSED_OPTIONS in str(error) else None


def as_options(values: dict[str, str]) -> str:
    """Settings in the format of the start-up parameter `options`; values must not contain backslashes."""
    return " ".join("-c {}={}".format(name, value.replace(" ", "\\ ")) for name, value in values.items())
