"""The examples of docs/sdk.md run, one after the other, as one program."""

from __future__ import annotations

import re
from pathlib import Path

from tests.flows.sdk.node import WEB, run_node
from tests.host import Host
from tests.people import Person
from tests.servers import ROOT

EXAMPLE = re.compile(r"<!-- runs -->\n```js\n(.*?)```", re.DOTALL)
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="  # one pixel
)


def test_examples_run(alice: Person, bob: Person, host: Host, tmp_path: Path) -> None:
    item_id = host.lists("City bicycle", seller=alice, price=120, currency="EUR")
    examples = EXAMPLE.findall((ROOT / "docs/sdk.md").read_text())
    assert len(examples) == 7
    program = "\n".join(examples)
    sdk = (WEB / "sdk").as_uri()
    program = program.replace('"chatapp-sdk"', f'"{sdk}/index.js"')
    program = program.replace('"chatapp-sdk/core"', f'"{sdk}/core.js"')
    program = program.replace('"chatapp-sdk/assistant"', f'"{sdk}/assistant.js"')
    program = program.replace("http://127.0.0.1:8000", bob.server.url).replace("1001", str(item_id))
    program += "\nclient.disconnect();\nassistant.disconnect();\nconsole.log('end of the examples');\n"
    start = f'const token = "{bob.token}";\nconst picture = Buffer.from("{PICTURE}", "base64");\n'
    path = tmp_path / "examples.mjs"
    path.write_text(start + program)
    assert "end of the examples" in run_node(str(path))
    chat_id = bob.chats()[0]["id"]
    assert [message["content"] for message in alice.history(chat_id)] == [
        "Could you hold it until Monday?", "", "This one", "Is it still there?",
    ]  # fmt: skip
    assert alice.history(chat_id)[1]["message_type"] == "location"
