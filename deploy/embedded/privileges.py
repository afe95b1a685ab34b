"""Which user a server runs as, and that it dies with the process that started it. Linux's `setpriv` does both."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.folder import StartError

# Their bits in /proc/self/status, see capabilities(7). The first may only read and enter, so it is asked for first;
# the second is all that a container with the usual reduced set has.
CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


@dataclass(frozen=True)
class Account:
    """A system user by its numbers."""

    uid: int
    gid: int


def postgres_account(cluster: Path) -> Account | None:
    """The account that runs PostgreSQL, which refuses root: the cluster's owner, else `nobody`; None when not root.

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
    """The words before a command that make the kernel send it this signal ("TERM") when its parent is gone.

    Empty where the system has no `setpriv` (macOS): there a killed parent leaves its servers running.
    The kernel watches the *thread* that started the command: start from one that lives as long as the program.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal_name, "--"] if setpriv else []


def running_as(account: Account | None, signal_name: str, needed: Iterable[Path]) -> list[str]:
    """The words before a command that must run as this account and read the needed files.

    A clone under a folder that only root may enter (/root/x) hides both the cluster and PostgreSQL's own files from
    `nobody`. Opening the user's folders to everyone would be wrong, so the server is given the one capability that
    lets it enter folders it does not own, and only when it needs that.

    Raises: StartError: there is no `setpriv`, or no capability to hand on.
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
        # initdb looks for its fellows with access(2), which forgets the capability unless this bit is set.
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
