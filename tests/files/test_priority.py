"""A process with lowered priority lowers that of its session only if it leads the session."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.files.priority import NICE

PROGRAM = """
import json, os
from pathlib import Path
from chatapp.files.priority import lower_priority

lower_priority(os.getpid())
group = Path("/proc/self/autogroup")
print(json.dumps([os.getpriority(os.PRIO_PROCESS, 0), group.read_text().split()[-1] if group.exists() else None]))
"""


@pytest.mark.parametrize("leads", [True, False])
def test_a_session_is_lowered_by_its_leader_only(leads: bool) -> None:
    command = [sys.executable, "-c", PROGRAM]
    if not leads:  # a child of the leader
        command = [sys.executable, "-c", f"import subprocess; subprocess.run({command!r}, check=True)"]
    ran = subprocess.run(command, start_new_session=True, capture_output=True, text=True, timeout=120, check=True)
    nice, session_nice = json.loads(ran.stdout)
    assert nice == NICE
    if Path("/proc/self/autogroup").exists():
        assert session_nice == (str(NICE) if leads else "0")
