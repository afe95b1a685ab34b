/**
 * Bundle `web/` into `web/dist`: `node tools/build.mjs`, or compare with it and check the budgets: `--check`.
 *
 * All scripts are in `dist/js`, so that the way from any of them to a file of `css`, `emoji` or `icons` is the same. The
 * server uses the bundles only while `sources` of the manifest is the hash of the sources (`chatapp/web/assets.py`).
 */

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { overBudget } from "./budgets.mjs";

const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(WEB, "dist");
const TARGET = "es2022";

const LANGUAGES = ["en", "ru", "sr", "th"];

/** Bundles that share chunks, by their sources; what is not there yet is left out. */
const GROUPS = [
    {
        "client/main.js": "app",
        "client/login.js": "login",
        ...Object.fromEntries(LANGUAGES.map((code) => [`i18n/${code}.js`, `texts-${code}`])),
    },
    { "admin/main.js": "admin" },
    { "widget/widget.js": "widget", "widget/panel.js": "widget-panel" },
    { "client/theme.js": "theme" },
    { "sdk/core.js": "sdk-core" },
    { "sdk/index.js": "sdk" },
    { "sdk/assistant.js": "sdk-assistant" },
];

/** As in `chatapp/web/assets.py`. */
const FOLDERS = ["admin", "client", "css", "emoji", "i18n", "icons", "sdk", "ui", "vendor", "widget"];
const TYPES = [".css", ".js", ".json", ".png", ".svg", ".webp", ".woff2"];
const COPIED = ["emoji", "icons"];

/** The style sheets of each page, in their order; parts that are loaded later bring the others along (`ui/lazy.js`). */
const STYLES = {
    chat: ["tokens", "base", "avatar", "chats", "shell", "menu", "dialog", "conversation", "message-list", "message", "attachment", "composer"],
    login: ["tokens", "base", "login"],
    admin: ["tokens", "base", "avatar", "dialog", "admin"],
};
const WIDGET_STYLES = "css/widget.css"; // only in its bundle

/** A script that names files relative to itself goes on doing so from its bundle. */
const ownPlace = {
    name: "own place",
    setup(steps) {
        steps.onLoad({ filter: /\.js$/ }, ({ path }) => {
            const contents = readFileSync(path, "utf8");
            if (!contents.includes("import.meta.url")) return undefined;
            const place = `new URL("../${relative(WEB, path)}", import.meta.url).href`;
            return { contents: contents.replaceAll("import.meta.url", place), loader: "js" };
        });
    },
};

/**
 * What the client loads later imports all that the client has at first, which is loaded by then. So all of that is reached from
 * the same places, and esbuild puts it into one chunk instead of one for each set of parts that share something.
 */
const oneFirstChunk = {
    name: "one first chunk",
    setup(steps) {
        const main = join(WEB, "client/main.js");
        const parts = new Set();
        steps.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
            const part = join(resolveDir, path);
            if (kind === "dynamic-import" && part.startsWith(join(WEB, "client"))) parts.add(part);
            return undefined;
        });
        steps.onLoad({ filter: /\/client\/.*\.js$/ }, ({ path }) => {
            if (!parts.has(path)) return undefined;
            return { contents: `import ${JSON.stringify(main)};\n${readFileSync(path, "utf8")}`, loader: "js" };
        });
    },
};

/** The widget's style sheets are part of its bundle: one request less, and smaller together. */
const ownStyles = {
    name: "own styles",
    setup(steps) {
        steps.onLoad({ filter: /\/widget\/styles\.js$/ }, async ({ path }) => {
            const named = [...readFileSync(path, "utf8").matchAll(/"\.\.\/(css\/[\w-]+\.css)"/g)].map(([, sheet]) => sheet);
            const css = await minified(named.map((sheet) => readFileSync(join(WEB, sheet), "utf8")).join("\n"));
            return { contents: `export const loadStyles = async () => [await new CSSStyleSheet().replace(${JSON.stringify(css)})];`, loader: "js" };
        });
    },
};

/** @param {string} css */
async function minified(css) {
    return (await transform(css, { loader: "css", minify: true, target: TARGET })).code.trim();
}

/** Paths below a folder, sorted. */
function files(folder, root = folder) {
    if (!existsSync(folder)) return [];
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
    return entries.map((entry) => relative(root, join(entry.parentPath, entry.name))).sort();
}

/** SHA-256 over path, size and content of each source that is served, sorted by path. */
function sourceHash() {
    const hash = createHash("sha256");
    const paths = FOLDERS.flatMap((folder) => files(join(WEB, folder), WEB)).filter((path) => TYPES.includes(extname(path)));
    for (const path of paths.sort()) {
        const content = readFileSync(join(WEB, path));
        hash.update(`${path}\n${content.length}\n`).update(content);
    }
    return hash.digest("hex");
}

/** Bundle one group into a folder; returns what esbuild says of the outputs, by path below the folder. */
async function bundle(group, folder) {
    const entries = Object.entries(group).filter(([source]) => existsSync(join(WEB, source)));
    if (!entries.length) return {};
    const { metafile } = await build({
        absWorkingDir: WEB,
        entryPoints: entries.map(([source, name]) => ({ in: source, out: `js/${name}` })),
        outdir: folder,
        chunkNames: "js/[name]-[hash]",
        bundle: true,
        splitting: true,
        minify: true,
        format: "esm",
        target: TARGET,
        legalComments: "none",
        metafile: true,
        plugins: [oneFirstChunk, ownStyles, ownPlace],
        logLevel: "warning",
    });
    const paths = Object.entries(metafile.outputs);
    return Object.fromEntries(paths.map(([path, output]) => [relative(folder, join(WEB, path)), {
        entry: output.entryPoint,
        imports: output.imports.filter(({ kind }) => kind === "import-statement").map(({ path: to }) => relative(folder, join(WEB, to))),
    }]));
}

/** What an output imports at once, directly and indirectly. */
function importsOf(outputs, path, found = new Set()) {
    for (const imported of outputs[path].imports) {
        if (!found.has(imported)) importsOf(outputs, imported, found.add(imported));
    }
    return found;
}

/** One style sheet for each page, and those that are loaded later; returns the paths of the pages' ones. */
async function styles(folder) {
    mkdirSync(join(folder, "css"), { recursive: true });
    const write = async (to, paths) => {
        const sheets = paths.map((path) => readFileSync(join(WEB, path), "utf8"));
        writeFileSync(join(folder, to), await minified(sheets.join("\n")));
    };
    const pages = Object.entries(STYLES).map(([page, names]) => ({ page, to: `css/page-${page}.css`, paths: names.map((name) => `css/${name}.css`) }));
    const first = new Set([WIDGET_STYLES, ...pages.flatMap(({ paths }) => paths)]);
    const later = files(join(WEB, "css"), WEB).filter((path) => !first.has(path));
    await Promise.all([...pages.map(({ to, paths }) => write(to, paths)), ...later.map((path) => write(path, [path]))]);
    return Object.fromEntries(pages.map(({ page, to }) => [page, [to]]));
}

/** Build everything into a folder; returns the outputs. */
async function buildInto(folder) {
    mkdirSync(folder, { recursive: true });
    const outputs = Object.assign({}, ...(await Promise.all(GROUPS.map((group) => bundle(group, folder)))));
    const pageStyles = await styles(folder);
    for (const name of COPIED) {
        if (existsSync(join(WEB, name))) cpSync(join(WEB, name), join(folder, name), { recursive: true });
    }
    const entries = Object.entries(outputs).filter(([, { entry }]) => entry && GROUPS.some((group) => entry in group)).sort();
    const manifest = {
        sources: sourceHash(),
        entries: Object.fromEntries(entries.map(([path, { entry }]) => [entry, path])),
        imports: Object.fromEntries(entries.map(([path, { entry }]) => [entry, [...importsOf(outputs, path)].sort()])),
        styles: pageStyles,
    };
    writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
    return outputs;
}

/** Paths that differ between two folders. */
function differences(a, b) {
    const paths = new Set([...files(a), ...files(b)]);
    return [...paths].filter((path) => {
        const [one, other] = [join(a, path), join(b, path)];
        return !existsSync(one) || !existsSync(other) || !readFileSync(one).equals(readFileSync(other));
    });
}

const isCheck = process.argv.includes("--check");
const folder = isCheck ? mkdtempSync(join(tmpdir(), "chatapp-dist-")) : DIST;
if (!isCheck) rmSync(DIST, { recursive: true, force: true });
const outputs = await buildInto(folder);
const staticImports = (path) => importsOf(outputs, path);
const problems = overBudget({ web: WEB, folder, outputs, staticImports, print: (line) => console.log(line) });
if (isCheck) {
    const differing = differences(folder, DIST);
    if (differing.length) problems.push(`web/dist is not what ${basename(import.meta.url)} makes of the sources (run \`make web\`): ${differing.join(", ")}`);
    rmSync(folder, { recursive: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;
