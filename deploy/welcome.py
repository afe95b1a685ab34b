"""The banner of the local run: the address, the demo accounts, and three commands to try."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing

import psycopg2

DEMO_PEOPLE = ("alice", "bob", "carol", "dmitri", "somchai")
DEMO_MODERATOR = "carol"
DEMO_PASSWORD = "demo-password"
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.1


class Welcome:
    """Waits for the web process and prints the banner.

    Parameters: address: URL of the web process, without a trailing slash. environment: chatapp's settings.
    """

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        self.address = address
        self.environment = environment

    def __call__(self, is_stopping: Callable[[], bool]) -> None:
        """Print the banner when /health responds, or a message if it does not; print nothing if the run is stopping."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._serves():
            if is_stopping():
                return
            if time.monotonic() > deadline:
                print(f"chatapp: {self.address}/health did not respond within {PATIENCE_SECONDS:.0f} s.", flush=True)
                return
            time.sleep(POLL_SECONDS)
        print(self.text(), flush=True)

    def text(self) -> str:
        """The banner; with an external identity service only the address, since there are no passwords."""
        lines = ["", f"chatapp is running at {self.address}   (Ctrl-C stops it)"]
        if self.environment["AUTH_MODE"] == "builtin":
            people = ", ".join(DEMO_PEOPLE)
            lines.append(f"  open it in a browser, and log in as {people} with the password {DEMO_PASSWORD}")
            lines += [f"  {DEMO_MODERATOR} is a moderator: {self.address}/admin", ""]
            lines += self._commands()
        return "\n".join([*lines, ""])

    def _commands(self) -> list[str]:
        chat = f"{self.address}/api/v1/marketplace/chat"
        login = f'{{"login":"{DEMO_PEOPLE[0]}","password":"{DEMO_PASSWORD}"}}'
        message = f'{{"receiver_id":{self._id_of(DEMO_PEOPLE[1])},"content":"Hello from curl"}}'
        json, bearer = "-H 'Content-Type: application/json'", '-H "Authorization: Bearer $TOKEN"'
        token = r"""sed 's/.*"access_token": *"\([^"]*\)".*/\1/'"""
        return [
            f"TOKEN=$(curl -s {self.address}/api/v1/auth/login {json} -d '{login}' | {token})",
            f"curl -s {chat} {bearer}",
            f"curl -s {chat}/messages {bearer} {json} -d '{message}'",
        ]

    def _id_of(self, username: str) -> int:
        # Read from the database, since log-ins are limited.
        with closing(psycopg2.connect(self.environment["DATABASE_URL"])) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM users WHERE username = %s", (username,))
            found = cursor.fetchone()
        return int(found[0]) if found else 0

    def _serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False
