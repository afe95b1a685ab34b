"""`python app.py` refuses what it cannot run with: one clear sentence, exit code 1, nothing left running."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[3] / "app.py"


def refusal(tmp_path: Path, **settings: str) -> str:
    """What app.py says, started from a foreign folder with these settings, when it ends by itself with 1."""
    unset = ("PORT", "BIND_ADDRESS", "DATA_DIR", "DATABASE_URL", "REDIS_URL", "S3_ENDPOINT")
    inherited = {key: value for key, value in os.environ.items() if key not in unset}
    environment = {**inherited, "DATA_DIR": str(tmp_path / "data"), **settings}
    ended = subprocess.run(
        [sys.executable, str(APP)], cwd="/", env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert all(line.startswith("chatapp: starting ") for line in ended.stdout.splitlines()), ended.stdout
    assert ended.stderr.startswith("chatapp: ") and ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "8e3", "٨٠٠٠"])
def test_a_port_that_is_no_port(tmp_path: Path, port: str) -> None:
    assert "PORT is" in refusal(tmp_path, PORT=port)


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = refusal(tmp_path, PORT=str(port))
    assert f"cannot listen on port {port}" in sentence and "PORT=" in sentence
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("address", ["localhost", "chat.example", "192.0.2.1", "300.0.0.1"])
def test_an_address_that_is_not_of_this_machine(tmp_path: Path, address: str) -> None:
    assert f"BIND_ADDRESS is '{address}'" in refusal(tmp_path, PORT=free_port(), BIND_ADDRESS=address)


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert f"{tmp_path / 'data'} is not a folder" in refusal(tmp_path, PORT=free_port())


def test_a_data_folder_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert f"{tmp_path / 'file'} is not a folder" in refusal(
        tmp_path, PORT=free_port(), DATA_DIR=str(tmp_path / "file" / "a" / "b")
    )


def test_a_cluster_of_another_version(tmp_path: Path) -> None:
    cluster = tmp_path / "data" / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    assert "was created by PostgreSQL 16, this is 18" in refusal(tmp_path, PORT=free_port())


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])
