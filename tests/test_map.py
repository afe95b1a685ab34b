"""Tests lie where their modules do: `tests/<room>/test_<module>.py`, and all else in `tests/flows`."""

from __future__ import annotations

from pathlib import Path

from tests.module_map import COVERED_BY
from tests.servers import ROOT

TESTS = ROOT / "tests"
PACKAGES = {"chatapp_client", "config", "deploy"}  # beside chatapp
NOT_MIRRORED = {"bench", "browser", "chaos", "docs", "flows", "test_map.py"}


def modules() -> dict[str, Path]:
    """Modules with behaviour, by the key that `module_map.py` uses."""
    found = {str(path.relative_to(ROOT / "chatapp")): path for path in (ROOT / "chatapp").rglob("*.py")}
    found |= {str(path.relative_to(ROOT)): path for path in (ROOT / "config").rglob("*.py")}
    return {key: path for key, path in found.items() if path.name != "__init__.py"}


def direct_test(key: str) -> Path:
    """Where the test of a module lies."""
    path = Path(key)
    return TESTS / path.parent / f"test_{path.name}"


def test_every_module_has_a_test() -> None:
    missing = [key for key in modules() if key not in COVERED_BY and not direct_test(key).exists()]
    assert not missing, (
        f"write {[str(direct_test(key).relative_to(ROOT)) for key in missing]}, or name what covers them"
    )


def test_no_entry_of_the_map_is_stale() -> None:
    known = modules()
    assert [key for key in COVERED_BY if key not in known] == [], "no such module"
    assert [key for key in COVERED_BY if direct_test(key).exists()] == [], "the module has a test of its own"
    assert [test for test in COVERED_BY.values() if not (TESTS / test).exists()] == [], "no such test"


def test_every_test_beside_modules_has_its_module() -> None:
    misplaced = []
    for path in TESTS.rglob("test_*.py"):
        room, *_ = path.relative_to(TESTS).parts
        if room in NOT_MIRRORED:
            continue
        module = (ROOT if room in PACKAGES else ROOT / "chatapp") / path.relative_to(TESTS).with_name(
            path.name.removeprefix("test_")
        )
        if not module.exists() and not module.with_suffix("").is_dir():
            misplaced.append(str(path.relative_to(ROOT)))
    assert not misplaced, "no such module; tests of several modules belong to tests/flows"
