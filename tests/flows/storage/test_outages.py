"""S3 dies during uploads and removals; then bucket and rows agree, and what was acknowledged is there."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest

from chatapp.actions import editing
from chatapp.actions.attachments import cleanup, uploading
from chatapp.errors import Unavailable
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.infra import object_storage
from chatapp.infra.object_storage import make_bucket
from chatapp.ops.upkeep import orphans
from config import Settings
from deploy.embedded.s3 import S3Server
from tests.actions.attachments.conftest import Storage
from tests.files.corpus import JPEG, PDF

SEED = 4711
STEPS = 60
KILLED_BEFORE = (20, 40)  # steps


@pytest.fixture
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A store of this test's own, which it may kill."""
    with S3Server(tmp_path_factory.mktemp("s3")) as server:
        yield server


def test_after_two_deaths_nothing_is_left_and_nothing_lacks(
    storage: Storage, rebind: Callable[..., Settings], s3: S3Server
) -> None:
    rebind(S3_ENDPOINT=s3.url, S3_ACCESS_KEY=s3.access_key, S3_SECRET_KEY=s3.secret_key)
    make_bucket()
    chance = random.Random(SEED)
    kept: list[AttachmentSnapshot] = []
    failures = 0
    for step in range(STEPS):
        if step in KILLED_BEFORE:
            threading.Timer(0.01, s3.kill).start()
        if step - 5 in KILLED_BEFORE:
            s3.restart()
        try:
            _do_something(storage, chance, kept)
            cleanup.clean_up()
        except Unavailable as error:
            assert error.code == "s3_unavailable"
            failures += 1
    assert failures
    storage.clean_up_later()
    found = orphans.audit(0)
    # A store that is killed while it writes may keep a part under a name of its own; nothing else may be found.
    assert (found.unused, found.missing) == (0, 0)
    assert orphans.audit(0).total == 0
    expected = {name for file in kept for name in (file.object_name, file.thumbnail_name) if name}
    assert storage.names() == storage.rows() == expected
    for file in kept:
        assert sum(map(len, object_storage.read(file.object_name))) == file.file_size
        uploading.attachment_for_download(storage.actors[1], file.id)


def _do_something(storage: Storage, chance: random.Random, kept: list[AttachmentSnapshot]) -> None:
    """Add files, or remove one, or a message with all of its own."""
    if not kept or chance.random() < 0.6:
        kept += storage.adds(storage.sends(), *chance.choices((JPEG, PDF), k=chance.randint(1, 3)))
        return
    file = chance.choice(kept)
    assert file.message_id is not None
    if chance.random() < 0.5:
        uploading.delete_attachment(storage.actors[0], file.id)
        kept.remove(file)
    else:
        editing.delete_message(storage.actors[0], file.message_id)
        kept[:] = [other for other in kept if other.message_id != file.message_id]
