"""The runtime: everything that follows from the settings is built in one place, or says what is missing."""

from __future__ import annotations

import subprocess
import sys

from chatapp.infra.bound import Bound
from chatapp.infra.postgres import Database
from chatapp.infra.refreshed_value import RefreshedValue
from chatapp.ops import runtime
from tests.servers import ROOT

UNBOUND = """
from chatapp.infra.bound import NotBound
from chatapp.infra.postgres import database_connection
from chatapp.ops import runtime
for use in (*runtime.PARTS[1:], database_connection().__enter__):
    try:
        use()
    except NotBound as error:
        print(error)
"""


def test_the_runtime_builds_every_bound_value() -> None:
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "chatapp"]
    values = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Bound | Database | RefreshedValue)
    ]
    assert {id(value) for value in values} == {id(part) for part in runtime.PARTS}


def test_a_part_that_is_used_before_it_is_built_says_so() -> None:
    run = subprocess.run([sys.executable, "-c", UNBOUND], cwd=ROOT, capture_output=True, text=True, timeout=60)
    lines = run.stdout.splitlines()
    assert len(lines) == len(runtime.PARTS), run.stderr
    assert all(line.endswith(" is not bound: call runtime.build first") for line in lines)
