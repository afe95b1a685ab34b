"""What a child that was taken over may leave behind or say, and that its worker believes none of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chatapp.errors import ChatError, Unavailable
from chatapp.files import children
from chatapp.files.handover import BadResult, Handover, made_folder
from chatapp.files.inspected import CONTENT
from chatapp.files.inspector_pool import InspectorPool

# A child that sends a given answer, and may leave something in its folder.
TAKEN_OVER = """
import os, pathlib, socket, sys
connection = socket.socket(fileno=int(sys.argv[1]))
connection.setblocking(True)
made = pathlib.Path(sys.argv[3]) / "made"
connection.sendall(b'{"layers": []}\\n')
connection.recv(65536)
%s
connection.recv(65536)
"""
ANSWER = (
    'connection.sendall(b\'{"used": 0, "inspected": {"content_type": "%s", "file_type": "image", "extension": "%s",'
    ' "metadata": {}}}\\n\')'
)
HONEST = ANSWER % ("image/png", ".png")


@pytest.fixture
def handover() -> Handover:
    return Handover()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("SECRET_KEY=1")
    return path


@pytest.mark.parametrize(
    "leave",
    [
        lambda made, secret: (made / CONTENT).symlink_to(secret),
        lambda made, secret: (made / CONTENT).hardlink_to(secret),
        lambda made, secret: os.mkfifo(made / CONTENT),
    ],
    ids=["symbolic link", "hard link", "pipe"],
)
def test_only_regular_files_are_taken(
    leave: Callable[[Path, Path], None], handover: Handover, secret: Path, tmp_path: Path
) -> None:
    into = tmp_path / "into"
    into.mkdir()
    leave(made_folder(handover.path), secret)
    with pytest.raises(BadResult):
        handover.take(CONTENT, into)
    assert not list(into.iterdir()) and secret.read_text() == "SECRET_KEY=1"
    handover.remove()


def test_the_given_file_and_what_is_left_go(handover: Handover, secret: Path) -> None:
    handover.give(secret)
    (made_folder(handover.path) / "left").write_bytes(b"x")
    handover.clear()
    assert [path.name for path in handover.path.rglob("*") if path.is_file()] == []
    handover.give(secret)
    handover.remove()
    assert secret.exists() and not handover.path.exists()


@pytest.mark.parametrize(
    "act",
    [
        f"os.symlink('/etc/passwd', made / 'content'); {HONEST}",
        f"os.mkdir(made / 'folder'); {HONEST}",
        ANSWER % ("text/html", ".html"),
        ANSWER % ("image/png", "/../x"),
        "connection.sendall(b'[]\\n')",
        "connection.sendall(b'{}\\n')",
        "connection.sendall(b'{\"used\": 0}\\n')",
        'connection.sendall(b\'{"used": 0, "refused": []}\\n\')',
        'connection.sendall(b\'{"used": 0, "refused": "because"}\\n\')',
        HONEST.replace('"metadata": {}', '"metadata": {"width": {"deep": 1}}'),
        HONEST.replace('"metadata": {}', '"metadata": {"dominant_color": "\\u0000"}'),
        HONEST.replace('"metadata": {}', '"metadata": []'),
        "connection.sendall(b'nonsense\\n')",
        "connection.sendall(b'[' * 60000 + b'\\n')",
        "connection.sendall(b'x' * 10_000_000)",
    ],
)
def test_a_bad_answer_refuses_the_file_and_ends_the_child(
    act: str,
    open_inspectors: Callable[..., InspectorPool],
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "taken_over.py"
    program.write_text(TAKEN_OVER % act)
    into = tmp_path / "into"
    into.mkdir()
    inspectors = open_inspectors(children=1)
    with monkeypatch.context() as patched:
        patched.setattr(children, "_PROGRAM", program)
        with pytest.raises(ChatError, match="file_damaged"):
            inspectors.inspect(small, into=into)
    assert not list(into.iterdir()) and not inspectors._idle
    assert inspectors.inspect(small, into=into).content_type == "image/png"


def test_a_folder_that_was_removed_is_made_again(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    """Some systems clean the folder for temporary files by age."""
    inspectors = open_inspectors(children=1)
    inspectors.inspect(small, into=tmp_path)
    inspectors._idle[0]._handover.remove()
    assert inspectors.inspect(small, into=tmp_path).content_type == "image/png"


def test_folders_go_with_their_children(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=1, jobs_per_child=2)
    folders = set()
    for _ in range(3):
        inspectors.inspect(small, into=tmp_path)
        folders |= {child._handover.path for child in inspectors._idle}
    with pytest.raises(Unavailable, match="files_unavailable"):
        inspectors.inspect(small, into=tmp_path / "missing")
    inspectors.close()
    assert folders and not any(folder.exists() for folder in folders)
