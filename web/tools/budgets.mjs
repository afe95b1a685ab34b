/** How large what people load may become, in bytes after gzip. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1024;
const FIRST_LOAD = {
    sources: ["client/theme.js", "client/main.js", "i18n/ru.js"], // in its longest language
    more: ["client/conversation/pane.js"], page: "pages/chat.html", styles: "css/page-chat.css", bytes: 90 * KB, requests: 8,
};
const STYLES = 10 * KB; // of one page, or of one part that is loaded later
const CHUNK = 60 * KB;
const EMOJI = 48 * KB; // of one language

/** What is loaded together: bundles with everything that they import at once. */
const TOGETHER = [
    { name: "SDK, its core", sources: ["sdk/core.js"], bytes: 10 * KB },
    { name: "SDK with what a user interface shows", sources: ["sdk/index.js"], bytes: 18.5 * KB },
    { name: "SDK of the assistant", sources: ["sdk/assistant.js"], bytes: 8 * KB },
    { name: "client, first chunk", sources: ["client/main.js"], bytes: 65 * KB },
    { name: "widget before it is opened", sources: ["widget/widget.js"], bytes: 3 * KB },
    {
        name: "widget before the first question, in its longest language",
        sources: ["widget/widget.js", "widget/panel.js", "widget/languages/ru.js"],
        bytes: 30 * KB,
    },
    {
        name: "widget before the first message to a seller",
        sources: ["widget/widget.js", "widget/panel.js", "widget/seller-view.js", "widget/languages/ru.js"],
        bytes: 49 * KB,
    },
];

/** @param {string} path */
function size(path) {
    return gzipSync(readFileSync(path), { level: 9 }).length;
}

/**
 * Print the sizes; returns what is over its budget, as text.
 * @param {object} built
 * @param {string} built.web
 * @param {string} built.folder of the outputs
 * @param {Record<string, { entry?: string, imports: string[] }>} built.outputs
 * @param {(path: string) => Set<string>} built.staticImports
 * @param {(line: string) => void} built.print
 */
export function overBudget({ web, folder, outputs, staticImports, print }) {
    /** @type {string[]} */
    const problems = [];
    /** @param {string} name @param {number} value @param {number} most @param {string} [unit] */
    const judge = (name, value, most, unit = "bytes") => {
        print(`${value > most ? "over " : "     "}${name}: ${value} of ${most} ${unit}`);
        if (value > most) problems.push(`${name}: ${value} ${unit}, at most ${most}`);
    };
    /** @param {string} source */
    const withImports = (source) => {
        const path = Object.keys(outputs).find((output) => outputs[output].entry === source);
        return path ? [path, ...staticImports(path)] : [];
    };
    for (const { name, sources, bytes } of TOGETHER) {
        const paths = new Set(sources.flatMap(withImports));
        if (paths.size) judge(name, [...paths].reduce((sum, path) => sum + size(join(folder, path)), 0), bytes);
    }
    const first = FIRST_LOAD.sources.flatMap(withImports);
    if (first.length && existsSync(join(web, FIRST_LOAD.page))) {
        const frame = [join(web, FIRST_LOAD.page), join(folder, FIRST_LOAD.styles), ...first.map((path) => join(folder, path))];
        const paths = new Set([...frame, ...FIRST_LOAD.more.flatMap(withImports).map((path) => join(folder, path))]);
        judge("first load of /chat, with a conversation", [...paths].reduce((sum, path) => sum + size(path), 0), FIRST_LOAD.bytes);
        judge("requests before the first paint", frame.length, FIRST_LOAD.requests, "requests");
    }
    for (const name of readdirSync(join(folder, "css"))) judge(`styles ${name}`, size(join(folder, "css", name)), STYLES);
    const largest = Object.keys(outputs).map((path) => ({ path, bytes: size(join(folder, path)) })).sort((a, b) => b.bytes - a.bytes)[0];
    if (largest) judge(`largest script, ${basename(largest.path)}`, largest.bytes, CHUNK);
    const emoji = join(folder, "emoji");
    for (const name of existsSync(emoji) ? readdirSync(emoji) : []) judge(`emoji/${name}`, size(join(emoji, name)), EMOJI);
    return problems;
}
