"""Every command of the documentation, pasted in order, twice: nothing fails, and nothing is left behind."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.conftest import LocalRun
from tests.docs.examples import Example, examples

# Pages in the order in which they build on each other; the README's login() gives the tokens.
WALK = ("README.md", "docs/rest.md", "docs/identity.md", "docs/moderation.md", "docs/browser.md")
# Blocks that are not for `make run`, by the beginning of their first line.
NOT_WALKED = {
    "make run": "starts what the others need",
    "make test": "the tests themselves",
    "make bench": "measures for minutes",
    "make chaos": "injects faults into its own servers for minutes",
    "LIMIT_DEFAULT=": "tries every route for minutes",
}
# Reports the status of each request on standard error; the examples themselves look at none.
WATCHED_CURL = "curl() { command curl -w '%{stderr}status %{http_code} %{url_effective}\\n' \"$@\"; }\n"


def is_walked(example: Example) -> bool:
    return not example.first_line.startswith(tuple(NOT_WALKED))


def files(folder: Path) -> set[Path]:
    """All files but what running leaves where it should: data, and caches of Python."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path for path in found if not {".data", "__pycache__", ".venv"} & set(path.parts)}


def statuses(walked: subprocess.CompletedProcess[str]) -> list[str]:
    lines = walked.stderr.splitlines()
    assert all(line.startswith("status ") for line in lines), walked.stderr
    return lines


def test_every_block_is_walked_or_named() -> None:
    pages = {example.page for example in examples("sh") if is_walked(example)}
    assert pages == set(WALK)


@pytest.mark.parametrize("time", ["first", "second"])
def test_all_commands_succeed(local_run: LocalRun, time: str) -> None:
    before = files(local_run.folder)
    banner = [line for line in local_run.banner().splitlines() if line.startswith(("TOKEN=", "curl "))]
    assert len(banner) == 3, local_run.banner()
    walked_blocks = sorted(filter(is_walked, examples("sh")), key=lambda example: WALK.index(example.page))
    script = "\n".join([*banner, *(example.text for example in walked_blocks), "wait"])
    walked = local_run.shell(WATCHED_CURL + script)
    asked = statuses(walked)
    assert len(asked) >= script.count("curl -s"), asked
    assert [line for line in asked if not line.startswith("status 2")] == []
    assert "new_message" in walked.stdout, "alice's socket received what bob sent"
    assert not re.search(r"\}\{", walked.stdout), "answers run together"
    assert files(local_run.folder) == before


@pytest.mark.parametrize("time", ["first", "second"])
def test_smoke_passes(local_run: LocalRun, time: str) -> None:
    smoke = local_run.shell("tests/smoke.sh http://127.0.0.1:8000")
    assert smoke.returncode == 0, smoke.stdout + smoke.stderr


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_client_example_sends_and_edits(local_run: LocalRun, time: str) -> None:
    (example,) = [example for example in examples("python") if example.page == "docs/client.md"]
    program = example.text.replace("http://127.0.0.1:8000", local_run.url)
    ran = subprocess.run(
        [".venv/bin/python", "-c", program], cwd=local_run.folder, capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    texts = re.findall(r"'content': '(.*?)'", ran.stdout)
    assert texts and texts[-1] == "Is it still there?", ran.stdout


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_browser_example_sends(local_run: LocalRun, time: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    (example,) = [example for example in examples("js") if example.page == "README.md"]
    is_acknowledged = 'JSON.parse(data).type === "message_ack"'
    ends = f'socket.addEventListener("message", ({{ data }}) => {is_acknowledged} && process.exit(0));'
    program = example.text.replace("http://127.0.0.1:8000", local_run.url) + ends
    command = [node, "--experimental-websocket", "--input-type=module", "-e", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if ran.returncode == 9 and "bad option" in ran.stderr:
        pytest.skip("this Node.js has no WebSocket")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_operators_reach_the_running_servers(local_run: LocalRun) -> None:
    listed = local_run.shell('make ops ARGS="jobs list"')
    assert "partitions" in listed.stdout, listed.stderr
    looked = local_run.shell("""make psql ARGS='-At -c "SELECT username FROM users ORDER BY id LIMIT 1"'""")
    assert looked.stdout == "alice\n", looked.stdout + looked.stderr
    saved = local_run.folder / ".data" / "environment.json"
    assert saved.stat().st_mode & 0o077 == 0
    assert json.loads(saved.read_text())["APP_ENV"] == "development"


def test_operators_are_told_when_nothing_runs(local_run: LocalRun, tmp_path: Path) -> None:
    asked = local_run.shell(f"DATA_DIR={tmp_path} make ops ARGS='jobs list'")
    assert asked.returncode != 0
    assert "start `make run` in another terminal first" in asked.stderr
