"""Actions on files, in this process, with a separate database and bucket."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatapp.actions import sending
from chatapp.actions.attachments import cleanup, ingest, uploading
from chatapp.actions.attachments.uploading import Upload
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot
from chatapp.files.inspector_pool import InspectorPool
from chatapp.ids.sync_cursor import Cursor
from chatapp.infra import object_storage
from chatapp.infra.object_storage import make_bucket
from chatapp.infra.postgres import database_connection
from chatapp.ops import runtime
from chatapp.queries import catchup
from config import Settings, load
from tests.database import Database
from tests.servers import await_true

LATE = (
    "UPDATE objects SET writable_until = now() - interval '1 s',"
    " remove_at = CASE state WHEN 'doomed' THEN now() ELSE remove_at END"
)


@dataclass
class Storage:
    """Stores files, and shows what is stored.

    Attributes:
        chat_id: a chat of the first two people.
    """

    database: Database
    settings: Settings
    actors: list[Actor]
    chat_id: int
    _folder: Path
    _numbers: Iterator[int]

    def upload(self, content: bytes, name: str = "file", *, voice: bool = False) -> Upload:
        """A received file."""
        path = self._folder / str(next(self._numbers))
        path.write_bytes(content)
        return Upload(path, name, voice=voice)

    def sends(self, content: str = "look", ids: tuple[int, ...] = (), **options: object) -> MessageSnapshot:
        """Alice sends a message."""
        return sending.send_message(self.actors[0], self.chat_id, content, attachment_ids=ids, **options)  # type: ignore[arg-type]

    def adds(self, message: MessageSnapshot, *contents: bytes) -> list[AttachmentSnapshot]:
        """She adds files to it."""
        received = nullcontext([self.upload(content) for content in contents])
        return uploading.add_files(self.actors[0], message.id, received)

    def uploads(self, *contents: bytes) -> tuple[int, ...]:
        """She uploads files to be sent later; returns their ids."""
        files = uploading.upload_unattached(self.actors[0], [self.upload(content) for content in contents])
        return tuple(file.id for file in files)

    def names(self) -> set[str]:
        """The names of all objects in the bucket."""
        return {found.name for found in object_storage.list_objects()}

    def rows(self) -> set[str]:
        """The names of all objects that have a row."""
        return {row[0] for row in self.database.rows("SELECT name FROM objects")}

    def clean_up_later(self) -> None:
        """Let the time for late bytes pass, and run the cleanup."""
        self.database.change(LATE)
        cleanup.clean_up()

    def is_empty(self) -> bool:
        """Whether no file is left in bucket and tables after the cleanup."""
        self.clean_up_later()
        return self.names() == self.rows() == set() and not self.database.rows("SELECT 1 FROM attachments")

    def changes(self) -> list[tuple[str, int]]:
        """Kinds and versions in the change log of the chat."""
        return self.database.rows(  # type: ignore[return-value]
            "SELECT kind, version FROM message_changes WHERE chat_id = %s ORDER BY version", self.chat_id
        )


def settled_cursor(actor: Actor) -> Cursor:
    """Return a cursor past everything so far; none of it is repeated (see `Person.awaits_old_transactions`)."""
    taken: list[Cursor] = []

    def repeats_nothing() -> bool:
        with database_connection():
            taken.append(catchup.cursor_of_now(actor.id))
            return not catchup.page(actor, taken[-1], limit=1).chat_ids

    await_true(repeats_nothing, what=lambda: "an older transaction stays open")
    return taken[-1]


@pytest.fixture(scope="session")
def inspectors() -> Iterator[InspectorPool]:
    """Processes that decode files, shared: starting one costs more CPU than most tests."""
    pool = InspectorPool()
    yield pool
    pool.close()


@pytest.fixture
def rebind(environment: dict[str, str], core: Database, inspectors: InspectorPool) -> Iterator[Callable[..., Settings]]:
    """Bind this process to the stores, with some variables changed. FILE_PROCESSES starts processes of its own."""
    bucket = f"files-{uuid.uuid4().hex[:12]}"

    def build(**changed: str) -> Settings:
        settings = load({**environment, "DATABASE_URL": core.url, "S3_BUCKET": bucket, **changed})
        runtime.build(settings)
        if "FILE_PROCESSES" not in changed:
            ingest.pipeline().inspectors = inspectors
        return settings

    yield build
    if ingest.pipeline().inspectors is inspectors:
        ingest.pipeline().inspectors = InspectorPool()  # closed instead of the shared one
    runtime.close()


@pytest.fixture
def storage(core: Database, actors: list[Actor], rebind: Callable[..., Settings], tmp_path: Path) -> Storage:
    """Two users, a chat and an empty bucket."""
    settings = rebind()
    make_bucket()
    with database_connection():
        chat_id = find_or_create_chat(actors[0], other_id=actors[1].id)
    return Storage(core, settings, actors, chat_id, tmp_path, itertools.count())
