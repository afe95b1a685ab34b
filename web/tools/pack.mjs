/** Pack the SDK for npm, with its types: `node tools/pack.mjs [folder]` writes `chatapp-sdk-<version>.tgz`, to `pack` by default. */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
const ROOT = dirname(WEB);
const SDK = join(WEB, "sdk");
const PACK = process.argv[2] ?? join(WEB, "pack");

const version = /__version__ = "([^"]+)"/.exec(readFileSync(join(ROOT, "chatapp/__init__.py"), "utf8"))?.[1];
const folder = mkdtempSync(join(tmpdir(), "chatapp-sdk-"));
try {
    for (const name of readdirSync(SDK)) cpSync(join(SDK, name), join(folder, name));
    const compiler = join(WEB, "node_modules/.bin/tsc");
    const options = "--ignoreConfig --allowJs --declaration --emitDeclarationOnly --target es2022 --module esnext --moduleResolution bundler --strict --lib es2024,esnext.disposable,dom,dom.iterable --types";
    execFileSync(compiler, [...["index.js", "core.js", "assistant.js"].map((name) => join(SDK, name)), ...options.split(" "), "", "--outDir", folder], { stdio: "inherit" });
    cpSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
    cpSync(join(ROOT, "docs/sdk.md"), join(folder, "README.md"));
    const exported = (name) => ({ types: `./${name}.d.ts`, default: `./${name}.js` });
    writeFileSync(join(folder, "package.json"), JSON.stringify({
        name: "chatapp-sdk",
        version,
        description: "Client of chatapp for browsers and Node",
        license: "MIT",
        type: "module",
        sideEffects: false,
        engines: { node: ">=22" },
        exports: { ".": exported("index"), "./core": exported("core"), "./assistant": exported("assistant") },
    }, null, 2));
    mkdirSync(PACK, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--pack-destination", PACK], { cwd: folder, stdio: "inherit" });
} finally {
    rmSync(folder, { recursive: true });
}
