"""The code of an earlier release, taken from the history of the repository."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from bench.environment import ROOT
from deploy.embedded import StartError

RELEASE_BEFORE = "release-before"  # stands for `release_before()`
BRANCH = "main"
# The first migrations that the release before does not have. Their numbers were other ones at times.
_NEW_MIGRATIONS = tuple(f"migrations/{number:04}_*" for number in range(12, 19))


def release_before() -> str:
    """The newest commit of the main branch without the newest release's first migration.

    Raises:
        StartError: the history is not here, as in a shallow clone.
    """
    branch = BRANCH if _git("rev-parse", "--verify", "--quiet", BRANCH, may_fail=True) else "HEAD"
    added = ["log", "--first-parent", "-m", "--diff-filter=A", "--format=%H", branch, "--", *_NEW_MIGRATIONS]
    commits = _git(*added).decode().split()
    return _git("rev-parse", "--verify", f"{commits[-1]}^" if commits else branch).decode().strip()


def check_out(revision: str, folder: Path) -> Path:
    """Write the files of a revision (of `RELEASE_BEFORE`, of `release_before()`) into a new folder, and return it.

    Raises:
        StartError: there is no such revision.
    """
    found = release_before() if revision == RELEASE_BEFORE else revision
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", found))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _git(*arguments: str, may_fail: bool = False) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise StartError("git is not installed, so the release before cannot be taken from the history.") from error
    if done.returncode and not may_fail:
        reason = done.stderr.decode("utf-8", "replace").strip()
        raise StartError(f"The release before cannot be taken from the history: git {arguments[0]}: {reason}")
    return b"" if done.returncode else done.stdout
