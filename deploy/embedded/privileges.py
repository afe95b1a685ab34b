"""Choose the user of a server, and stop it when its parent dies, both with Linux's `setpriv`."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.folder import StartError

# Their bits in /proc/self/status, see capabilities(7). The first only allows reading and entering, so it is preferred;
# containers with the usual reduced set have only the second.
CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


@dataclass(frozen=True)
class Account:
    """A system user by its numbers."""

    uid: int
    gid: int


def postgres_account(cluster: Path) -> Account | None:
    """The user of PostgreSQL, which refuses root: the owner of the cluster, else `nobody`; None if we are not root.

    Raises: StartError: the machine has no user `nobody`.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise StartError(
            "PostgreSQL refuses to run as root and there is no user `nobody`: run as another user."
        ) from error
    return Account(nobody.pw_uid, nobody.pw_gid)


def dying_with_parent(signal_name: str) -> list[str]:
    """A command prefix that makes the kernel send the signal ("TERM") when the parent of the command exits.

    Empty if the system has no `setpriv` (macOS), where a killed parent leaves its servers running. The kernel watches
    the *thread* that started the command, which must therefore run as long as the program.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal_name, "--"] if setpriv else []


def running_as(account: Account | None, signal_name: str, needed: Iterable[Path]) -> list[str]:
    """A command prefix that runs a command as this account and lets it read the needed files.

    If the repository is in a folder that only root may enter (/root/x), `nobody` can read neither the cluster nor
    PostgreSQL's own files. Instead of changing permissions of the user's folders, the server gets the one capability
    that lets it enter folders of others, and only if it needs it.

    Raises: StartError: there is no `setpriv`, or no capability to pass on.
    """
    if account is None:
        return dying_with_parent(signal_name)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartError("PostgreSQL refuses to run as root and `setpriv` is not installed: run as another user.")
    words = [setpriv, "--pdeathsig", signal_name, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    hidden = next((path for path in needed if not _visible_to_others(path)), None)
    if hidden is not None:
        capability = _capability_at_hand()
        if capability is None:
            raise StartError(
                f"PostgreSQL refuses to run as root and no other user may read {hidden}: "
                "run as another user, or from a folder that all may enter."
            )
        words += [f"--inh-caps=-all,+{capability}", f"--ambient-caps=+{capability}"]
        # initdb looks for other programs with access(2), which ignores the capability unless this bit is set.
        words += ["--securebits=+no_setuid_fixup"]
    return [*words, "--"]


def _visible_to_others(path: Path) -> bool:
    if not path.stat().st_mode & stat.S_IROTH:
        return False
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)


def _capability_at_hand() -> str | None:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    held = {line.split()[0]: int(line.split()[1], 16) for line in status.splitlines() if line.startswith("Cap")}
    usable = held["CapPrm:"] & held["CapBnd:"]
    return next((name for name, bit in CAPABILITIES.items() if usable >> bit & 1), None)
