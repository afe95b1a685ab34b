/** What is shown: the order of the list, rows, windows, how far messages have come; and which of it changes. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { People } from "../sdk/people.js";
import { Pending, pendingOf } from "../sdk/pending.js";
import { PendingStore } from "../sdk/pending-store.js";
import { Planned } from "../sdk/planned.js";
import { ChatState } from "../sdk/state.js";
import { Store } from "../sdk/store.js";
import { Stretches } from "../sdk/stretches.js";

const ME = 1;
const OTHER = 2;
let store;
let planned;
let people;
let pending;
let state;
let notes;
let moment = 1000; // later than what is listed

beforeEach(() => {
    notes = [];
    const note = (chatId, kind, about) => {
        state?.invalidate(chatId, kind);
        notes.push([chatId, kind, about?.messageId]);
    };
    state = undefined;
    planned = new Planned();
    store = new Store({ me: ME, setMe() {}, note }, planned);
    people = new People(6000, (userId) => note(null, "people", { userId }), (chatId) => note(chatId, "typing"));
    pending = new Pending(new PendingStore(null), (chatId) => note(chatId, "pending"));
    state = new ChatState(store, people, pending);
});

const time = (seconds) => new Date(Date.UTC(2026, 10, 29) + seconds * 1000).toISOString();

function summary(id, more = {}) {
    return {
        id, kind: "direct", listing_id: 0, storefront_product_id: 0, buyer_id: ME, seller_id: OTHER, last_message_at: time(id),
        created_at: time(0), updated_at: time(id), is_archived: false, is_muted: false, muted_until: null, is_pinned: false,
        snoozed_until: null, is_marked_unread: false, settings_version: 0, draft: null, unread_count: 0, seq: 0, version: 0,
        other_user: { id: OTHER, name: "Bob", email: "", picture_url: "", is_online: false, last_seen: null }, last_message: null, item: null,
        ...more,
    };
}

function message(chatId, seq, more = {}) {
    moment++;
    return {
        id: chatId * 1000 + seq, chat_id: chatId, seq, version: seq, sender_id: OTHER, receiver_id: ME, message_type: "text",
        content: `text ${seq}`, client_message_id: null, is_read: false, is_deleted: false, attachments: [], reactions: [],
        reply_to: null, system: null, created_at: time(moment), updated_at: time(moment), ...more,
    };
}

const live = (chatId, seq, more) => store.apply({ type: "new_message", chat_id: chatId, message: message(chatId, seq, more), version: seq });

test("the newest chat is first, pinned ones before; a new message moves a chat and leaves archived ones", () => {
    const listed = [summary(3, { is_pinned: true }), summary(1, { is_pinned: true }), summary(5), summary(4), summary(2, { is_archived: true })];
    store.applyChats(listed, true);
    state.rank(listed);
    assert.deepEqual(state.list(), [3, 1, 5, 4]);
    assert.deepEqual(state.list("archived"), [2]);
    live(4, 1);
    assert.deepEqual(state.list(), [3, 1, 4, 5]);
    live(2, 1);
    assert.deepEqual(state.list("archived"), []);
    assert.deepEqual(state.list(), [3, 1, 2, 4, 5]);
    store.apply({ type: "chat_settings_updated", chat_id: 5, settings: { ...summary(5), is_pinned: true }, settings_version: 1, seq: 0 });
    assert.deepEqual(state.list(), [5, 3, 1, 2, 4]); // the last pinned one is first
});

test("the list is the same object while its order is the same", () => {
    store.applyChats([summary(1), summary(2)], true);
    const before = state.list();
    live(2, 1);
    assert.equal(state.list(), before);
    live(1, 1);
    assert.notEqual(state.list(), before);
});

test("a row shows the last message, what is unread, who types, and is the same object until it changes", () => {
    store.applyChats([summary(1)], true);
    const empty = state.chat(1);
    assert.equal(state.chat(1), empty);
    live(1, 1);
    assert.deepEqual([state.chat(1).last_message.content, state.chat(1).unread_count], ["text 1", 1]);
    people.setTyping(1, OTHER, true);
    assert.deepEqual(state.chat(1).typing, [OTHER]);
    people.setTyping(1, OTHER, false);
    store.apply({ type: "message_deleted", chat_id: 1, message_id: 1001, version: 2, deleted_at: time(9) });
    assert.equal(state.chat(1).last_message.is_deleted, true);
});

test("a message that is only known from the list is shown as deleted after its deletion", () => {
    store.applyChats([summary(1, { seq: 3, version: 3, last_message: { id: 1003, content: "secret", created_at: time(5) } })], true);
    store.apply({ type: "message_deleted", chat_id: 1, message_id: 1003, version: 4, deleted_at: time(9) });
    assert.equal(state.chat(1).last_message.content, "[deleted]");
});

test("a change touches one message and its quotes", () => {
    store.applyChats([summary(1), summary(2)], true);
    live(1, 1);
    live(1, 2, { reply_to: { id: 1001, sender_id: OTHER, content: "text 1", message_type: "text", is_deleted: false } });
    live(1, 3);
    const before = state.messages(1);
    notes = [];
    store.apply({ type: "message_edited", chat_id: 1, message: message(1, 1, { content: "new", version: 4 }), version: 4 });
    const touched = notes.filter(([, kind]) => kind === "messages").map(([chatId, , id]) => [chatId, id]);
    assert.deepEqual([...new Set(touched.map(String))].sort(), ["1,1001", "1,1002"]);
    const after = state.messages(1);
    assert.deepEqual(after.map((shown, at) => shown === before[at]), [false, false, true]);
    assert.equal(after[1].reply_to.content, "new");
});

test("what I change in a message is shown at once, until it is answered or refused", async () => {
    store.applyChats([summary(1)], true);
    live(1, 1, { sender_id: ME, receiver_id: OTHER, reactions: [{ emoji: "👍", count: 1, user_ids: [OTHER], mine: false }] });
    const settle = [];
    const plan = (kind, body) => {
        const answer = new Promise((resolve, reject) => settle.push({ resolve, reject }));
        answer.catch(() => {}); // as in the outbox
        planned.add(1001, { kind, body }, answer, () => store.chat(1).touch(1001));
        return answer;
    };
    const shown = () => state.message(1, 1001);
    const reactions = () => shown().reactions.map(({ emoji, count, user_ids, mine }) => [emoji, count, user_ids.join(), mine]);
    const before = shown();
    plan("star");
    assert.equal(shown(), before); // its frame shows it
    const answers = [plan("react", { emoji: "👍" }), plan("react", { emoji: "🎉" }), plan("edit", { content: "first" }), plan("edit", { content: "second" })];
    assert.deepEqual(reactions(), [["👍", 2, "2,1", true], ["🎉", 1, "1", true]]);
    assert.deepEqual([shown().content, shown().is_edited, state.messageState(shown())], ["second", true, "sending"]);
    assert.equal(state.chat(1).last_message.content, "second");
    plan("unreact", { emoji: "🎉" });
    assert.deepEqual(reactions(), [["👍", 2, "2,1", true]]);
    const deletion = plan("delete");
    assert.deepEqual([shown().is_deleted, shown().content, reactions()], [true, "[deleted]", []]);
    settle.forEach(({ reject }) => reject(new Error("refused")));
    await Promise.allSettled([...answers, deletion]);
    assert.deepEqual(shown(), before);
    assert.equal(planned.has(1001, "edit"), false);
});

test("a window has no holes: pages, live messages, and a jump", () => {
    store.applyChats([summary(1, { seq: 90, version: 90 })], true);
    assert.deepEqual(state.window(1), { messages: [], hasOlder: true, hasNewer: true });
    const chat = store.chat(1);
    const read = (from, to) => {
        for (let seq = from; seq <= to; seq++) store.applyMessage(message(1, seq));
    };
    read(81, 90);
    chat.stretches.cover(81, Infinity);
    live(1, 91);
    const seqs = (around) => state.window(1, around).messages.map(({ seq }) => seq);
    assert.deepEqual([seqs().at(0), seqs().at(-1), state.window(1).hasOlder, state.window(1).hasNewer], [81, 91, true, false]);
    read(40, 60);
    chat.stretches.cover(40, 60);
    chat.note("messages");
    assert.deepEqual([seqs(1050).at(0), seqs(1050).at(-1), state.window(1, 1050).hasNewer], [40, 60, true]);
    assert.equal(seqs().at(0), 81);
    read(61, 80);
    chat.stretches.cover(60, 81);
    chat.note("messages");
    assert.deepEqual([seqs().at(0), seqs(1050).at(-1)], [40, 91]);
    assert.equal(state.window(1), state.window(1, 1050));
    chat.trim(10);
    assert.deepEqual([seqs().length, state.window(1).hasOlder], [10, true]);
});

test("stretches that touch become one", () => {
    const stretches = new Stretches();
    stretches.cover(10, 20);
    stretches.cover(30, 40);
    stretches.cover(50, Infinity);
    assert.deepEqual(stretches.around(25), undefined);
    stretches.cover(21, 29);
    assert.deepEqual(stretches.around(25), [10, 40]);
    stretches.cover(0, 60);
    assert.deepEqual(stretches.around(Infinity), [0, Infinity]);
});

test("a message of mine is sent, delivered when the other was online since, then read", () => {
    store.applyChats([summary(1)], true);
    live(1, 1, { sender_id: ME, receiver_id: OTHER });
    const mine = () => state.messageState(state.message(1, 1001));
    assert.equal(mine(), "sent");
    people.setPresence(OTHER, false, time(0));
    assert.equal(mine(), "sent");
    people.setPresence(OTHER, true);
    assert.equal(mine(), "delivered");
    store.apply({ type: "message_read", chat_id: 1, read_by: OTHER, up_to_seq: 1, version: 1 });
    assert.equal(mine(), "read");
});

test("pending messages are shown by chat or by target, and only theirs change", () => {
    const first = pendingOf({ chatId: 1, content: "a", key: "k-1" });
    const second = pendingOf({ listingId: 1001, content: "b", key: "k-2" });
    pending.set(first);
    pending.set(second);
    assert.deepEqual(state.pending(1).map(({ key }) => key), ["k-1"]);
    assert.equal(state.pending(1), state.pending(1));
    assert.deepEqual(state.pendingTo({ listingId: 1001 }).map(({ key }) => key), ["k-2"]);
    pending.refuse("k-1", { code: "marketplace.blocked", message: "No.", status: 403 });
    assert.equal(state.pending(1)[0].error.code, "marketplace.blocked");
    pending.delete("k-1");
    assert.deepEqual(state.pending(1), []);
});

test("frames and fields of a newer server are ignored", () => {
    store.applyChats([summary(1)], true);
    const before = state.chat(1);
    store.apply({ type: "hologram_shared", hologram: {} });
    store.apply({ type: "poll_closed", chat_id: 1, poll: 3 });
    assert.deepEqual(state.chat(1), before);
    live(1, 1, { aura: "green" });
    assert.equal(state.message(1, 1001).aura, "green");
});

test("links to files are renewed without a new version", () => {
    const file = (url) => [{ id: 5, public_url: url, thumbnail_url: "" }];
    live(1, 1, { attachments: file("http://s3/old") });
    assert.equal(store.applyMessage(message(1, 1, { attachments: file("http://s3/new") })), false);
    assert.equal(state.message(1, 1001).attachments[0].public_url, "http://s3/new");
});
