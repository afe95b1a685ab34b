"""What each Postgres session of chatapp must have, and whether it has it.

The time-outs keep one slow statement from holding a request or a lock, and the planner's settings keep prepared
statements fast. Postgres takes them at the start of a session. A connection pooler such as PgBouncer does not forward
them: behind one they are defaults of the role, stored by `release` (`chatapp.ops.migration.pooled_role`).
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg2

from chatapp.errors import Misconfigured
from config import Settings

_CONNECT_SECONDS = 5  # longest wait for the second connection of a check
_REFUSED_OPTIONS = "unsupported startup parameter"  # PgBouncer's message for parameters that it does not forward
_NOT_POSTGRES_ITSELF = (
    "A connection pooler such as PgBouncer answers where Postgres itself is expected: set DATABASE_POOLER to its"
    " pool_mode, session or transaction, and DATABASE_DIRECT_URL to Postgres itself."
)


class Sessions:
    """The sessions that one configuration asks for.

    Attributes:
        is_pooled: whether a pooler stands between us and Postgres, as DATABASE_POOLER says.
        prepares: whether statements may be prepared. In transaction mode the next transaction of a connection may run
            in another session, which knows nothing of them.
        required: settings by their names and in the units of `pg_settings`.
    """

    def __init__(self, settings: Settings) -> None:
        self.is_pooled = settings.database_pooler != "none"
        self.prepares = settings.database_pooler != "transaction"
        milliseconds = int(settings.statement_timeout * 1000)
        self.required = {
            "statement_timeout": str(milliseconds),
            # Shorter, so that a lock is reported as a lock.
            "lock_timeout": str(milliseconds // 2),
            "idle_in_transaction_session_timeout": str(milliseconds * 2),
            "TimeZone": "UTC",
            "synchronous_commit": "on",
            # What is prepared is planned once, maybe while tables are empty: it must enter by an index all the same.
            # Most pages are the next few rows of one; a bitmap would fetch all that follow first.
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            "enable_bitmapscan": "off",
        }

    @property
    def startup(self) -> str | None:
        """The `options` of `psycopg2.connect` that begin such a session; None behind a pooler, which refuses them."""
        return None if self.is_pooled else as_options(self.required)

    def check(self, connection: Any) -> None:
        """Verify that a new connection is of the kind that DATABASE_POOLER names and that its session is as required.

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
        """The values that a session has for the settings in `required`."""
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
    """Verify that no pooler stands between us and Postgres.

    Postgres sends the process id of the session with the key for cancelling statements. A pooler shares its sessions
    and therefore generates keys of its own, with a number that is not the session's. (`SHOW VERSION` does not tell
    them apart: PgBouncer answers it only on its console and forwards it to Postgres otherwise.)

    Raises:
        Misconfigured: one does.
        psycopg2.Error: Postgres does not answer.
    """
    if _session_of(connection) != connection.get_backend_pid():
        raise Misconfigured(_NOT_POSTGRES_ITSELF)


def require_distinct_sessions(connection: Any, url: str) -> None:
    """Verify that a pooler in session mode gives a second connection another session.

    Raises:
        Misconfigured: it gives it the same one, so it pools transactions.
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
    """The misconfiguration behind a refused connection; None where there was another reason."""
    return Misconfigured(_NOT_POSTGRES_ITSELF) if _REFUSED_OPTIONS in str(error) else None


def as_options(values: dict[str, str]) -> str:
    """Settings as the start-up parameter `options` takes them; no value may have a space."""
    return " ".join(f"-c {name}={value}" for name, value in values.items())
