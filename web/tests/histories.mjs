/** Carries out the histories of a file (tests/flows/sdk/histories.py), and compares what is shown with what is expected. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ChatState } from "../sdk/state.js";
import { Store } from "../sdk/store.js";

const CHAT = 77;
const ME = 1;

function carryOut(steps) {
    const store = new Store({ me: ME, setMe() {}, note() {} });
    for (const { do: kind, frame, message, cursor, page } of steps) {
        if (kind === "frame") store.apply(frame);
        else if (kind === "message") store.applyMessage(message);
        else if (kind === "cursor") store.cursor = cursor;
        else {
            store.beginCatchUp();
            store.applyPage(page, cursor);
        }
    }
    return store;
}

function view(store) {
    const chat = store.chats.get(CHAT);
    const state = new ChatState(store, null, null); // of which only the marks are looked at
    return {
        messages: chat ? chat.ordered().map((message) => chat.shown(message)) : [],
        unread: chat ? chat.unread() : 0,
        pinned: state.pinned(CHAT),
        starred: state.starred(CHAT),
        settings: (chat && chat.own.current(chat.lastSeq, chat.sentSeq)) ?? {},
        is_deleted: store.deleted.has(CHAT),
        needs_resume: store.needsResume,
        cursor: store.cursor,
    };
}

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const { seed, steps, expected } of cases) {
    assert.deepEqual(view(carryOut(steps)), expected, `seed ${seed}: ${JSON.stringify(steps)}`.slice(0, 3000));
}
console.log(`${cases.length} histories are equal`);
