/** When a client renews its cursor. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { CatchUp } from "../sdk/catch-up.js";
import { PACE } from "../sdk/pace.js";
import { Rest } from "../sdk/rest.js";
import { Store } from "../sdk/store.js";
import { Tokens } from "../sdk/tokens.js";

const CLIENTS = 50;
const PAGE = { messages: [], changes: [], chats: [], cursor: "c-2", has_more: false, full_sync: false };

/** How many live frames a new client receives before it renews its cursor. @param {string} baseUrl */
async function renewedAfter(baseUrl) {
    const rest = new Rest({ baseUrl, credentials: new Tokens(() => "t-1"), language: () => "en", fetch, pace: PACE });
    const store = new Store({ me: null, setMe() {}, note() {} });
    store.cursor = "c-1";
    const catchUp = await new Promise((resolve, reject) => {
        const changed = () => made.isComplete && resolve(made);
        const made = new CatchUp(rest, store, PACE, { list() {}, news() {}, changed, failed: reject });
        made.isLoaded = true;
        made.start();
    });
    let frames = 0;
    for (; catchUp.isComplete; frames++) catchUp.liveFrame();
    catchUp.stop();
    return frames;
}

test("clients that receive the same frames renew at different ones", async () => {
    const server = createServer((_, response) => response.end(JSON.stringify({ success: true, data: PAGE })));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${server.address().port}`;
    const renewed = await Promise.all(Array.from({ length: CLIENTS }, () => renewedAfter(baseUrl)));
    server.close();
    const isBetween = Math.min(...renewed) >= PACE.refreshFrames / 2 && Math.max(...renewed) <= PACE.refreshFrames;
    assert.ok(isBetween && new Set(renewed).size > CLIENTS / 2, `${renewed}`);
});
