"""The package for npm: its types hold for a program in TypeScript, and its entries can be imported."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from tests.flows.sdk.node import WEB, run_node

TYPESCRIPT = WEB / "node_modules/typescript/bin/tsc"
OPTIONS = "--ignoreConfig --noEmit --strict --target es2022 --module esnext --moduleResolution bundler"
LIBRARIES = "es2024,esnext.disposable,dom,dom.iterable"
PROGRAM = """
import { ChatClient, type Message } from "chatapp-sdk";
import { AssistantClient } from "chatapp-sdk/assistant";
import { ChatCore, RefusedError } from "chatapp-sdk/core";

const client = new ChatClient({ getToken: () => "token" });
const sent: Promise<Message> = client.send({ chatId: 1, content: "hello" }).sent;
const rows: readonly number[] = client.state.list();

const core = new ChatCore({ baseUrl: "https://chat.example.com", getToken: async () => "token" });
const off: () => void = core.on("new_message", ({ message }) => message.content.trim());
core.on("connection", ({ attempts }) => attempts.toFixed());
core.send({ chat_id: 1, content: "hello" }).catch((error: unknown) => error instanceof RefusedError && error.code);
// @ts-expect-error the core has no cookies: it needs tokens
new ChatCore({});

const assistant = new AssistantClient({ storage: null });
assistant.ask("a bicycle");
"""


@pytest.mark.skipif(not TYPESCRIPT.exists(), reason="install TypeScript with `make web`")
@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm")
def test_types_and_entries_of_the_package(tmp_path: Path) -> None:
    run_node("tools/pack.mjs", str(tmp_path))
    (packed,) = tmp_path.glob("chatapp-sdk-*.tgz")
    with tarfile.open(packed) as files:
        files.extractall(tmp_path, filter="data")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package").rename(tmp_path / "node_modules/chatapp-sdk")
    program = tmp_path / "program.ts"
    program.write_text(PROGRAM)
    run_node(str(TYPESCRIPT), *OPTIONS.split(), "--lib", LIBRARIES, "--types", "", str(program))
    entries = tmp_path / "entries.mjs"
    imports = "\n".join(f'import "{name}";' for name in ("chatapp-sdk", "chatapp-sdk/core", "chatapp-sdk/assistant"))
    entries.write_text(f"{imports}\nconsole.log('imported');\n")
    assert "imported" in run_node(str(entries))
