"""A real PgBouncer in front of a PostgreSQL."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg2
from psycopg2.extensions import parse_dsn

from deploy.embedded import StartError
from deploy.embedded.privileges import postgres_account, running_as
from deploy.embedded.server import HOST, Server

POOL_SIZE = 6  # sessions that it opens for a role and database, fewer than a web worker asks for
PACKAGE = PROGRAM = "pgbouncer"
_FOLDERS = ("/usr/sbin", "/usr/local/sbin")  # not on the path of every user


class PgBouncer(Server):
    """Passes connections on to the databases of one server, under the same names and passwords.

    Parameters:
        server_url: any database of the server.
        mode: `session` or `transaction`.
        options: further lines of its configuration.

    `start()` raises StartError also where it is not installed.
    """

    name = "PgBouncer"

    def __init__(self, folder: Path, server_url: str, mode: str, *options: str) -> None:
        super().__init__(folder)
        self._server = parse_dsn(server_url)
        self._mode = mode
        self._options = options

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """A database of the server, through this."""
        user, password = self._server["user"], self._server["password"]
        return f"postgresql://{user}:{password}@{HOST}:{self.port}/{database}"

    def through(self, direct_url: str) -> str:
        """The same database through this."""
        return self.url_of(parse_dsn(direct_url)["dbname"])

    def prepare(self) -> None:
        found = shutil.which(PROGRAM, path=os.pathsep.join((os.environ.get("PATH", ""), *_FOLDERS)))
        if found is None:
            raise StartError(f"{self.name} is not installed (package {PACKAGE}).")
        self._program = found
        self._users.write_text(f'"{self._server["user"]}" "{self._server["password"]}"\n')

    def command(self) -> list[str]:
        self._write_configuration()  # here, since the port may be another at each launch
        # Like PostgreSQL it refuses to run as root.
        account = postgres_account(self.folder.path / "cluster")
        words = running_as(account, "KILL", [Path(self._program), self.folder.path])
        return [*words, self._program, str(self._configuration)]

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    @property
    def _configuration(self) -> Path:
        return self.folder.path / "pgbouncer.ini"

    @property
    def _users(self) -> Path:
        return self.folder.path / "users.txt"

    def _write_configuration(self) -> None:
        lines = [
            "[databases]",
            f"* = host={self._server['host']} port={self._server['port']}",
            "[pgbouncer]",
            f"listen_addr = {HOST}",
            f"listen_port = {self.port}",
            "unix_socket_dir =",
            "auth_type = scram-sha-256",
            f"auth_file = {self._users}",
            f"pool_mode = {self._mode}",
            f"default_pool_size = {POOL_SIZE}",
            "max_client_conn = 200",
            *self._options,
        ]
        self._configuration.write_text("\n".join([*lines, ""]))
