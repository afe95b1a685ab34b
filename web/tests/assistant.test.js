/** Pieces of an answer that arrive late, twice, with holes, and after a worker died. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AssistantState } from "../sdk/assistant-state.js";

let state;
beforeEach(() => {
    state = new AssistantState(() => {});
    state.reset({ session_id: "s", responder: "assistant", message_count: 0 });
});

const delta = (index, text, attempt = 1, answer_id = "a") => state.apply({ type: "assistant.delta", answer_id, attempt, index, delta: text });
const partial = (index, text, attempt = 1, answer_id = "a") => state.apply({ type: "assistant.partial", answer_id, attempt, index, text });
const message = (more = {}) => ({ id: "m", seq: 2, role: "assistant", content: "Hello you", answer_id: "a", updated_at: "2026-11-29T10:00:00Z", ...more });

test("pieces are appended once each, and the message replaces them", () => {
    delta(1, "Hel");
    delta(1, "Hel");
    delta(2, "lo");
    assert.equal(state.answer.text, "Hello");
    assert.ok(state.apply({ type: "assistant.message", answer_id: "a", message: message() }));
    assert.equal(state.answer, null);
    delta(3, "late");
    assert.equal(state.answer, null);
    assert.deepEqual(state.messages.map(({ content }) => content), ["Hello you"]);
});

test("a hole is healed by the text so far", () => {
    delta(1, "Hel");
    delta(3, "you");
    assert.equal(state.answer.text, "Hel");
    partial(3, "Hello you");
    delta(4, "!");
    assert.equal(state.answer.text, "Hello you!");
    partial(2, "Hello");
    assert.equal(state.answer.text, "Hello you!");
});

test("a device that comes late waits for the text so far", () => {
    delta(7, "middle");
    assert.equal(state.answer, null);
    partial(8, "from the beginning");
    assert.equal(state.answer.text, "from the beginning");
});

test("a second attempt begins again, and the first one is over", () => {
    delta(1, "One");
    delta(1, "Two", 2);
    delta(2, " three", 2);
    delta(2, "old", 1);
    assert.equal(state.answer.text, "Two three");
});

test("the state is shown before the text, and ends without it", () => {
    state.apply({ type: "typing", user: "assistant", is_typing: true, state: "searching" });
    assert.deepEqual(state.answer, { answer_id: null, text: "", state: "searching" });
    state.apply({ type: "typing", user: "assistant", is_typing: false, state: null });
    assert.equal(state.answer, null);
});

test("an older copy of a message changes nothing", () => {
    state.put(message({ content: "new", updated_at: "2026-11-29T10:00:05Z" }));
    state.put(message({ content: "old" }));
    assert.equal(state.messages[0].content, "new");
});

test("a human takes over, types, and gives back", () => {
    state.apply({ type: "session.handover", state: "accepted" });
    state.apply({ type: "typing", user: "human", is_typing: true, state: null });
    assert.deepEqual([state.session.responder, state.session.handover, state.isHumanTyping], ["human", "accepted", true]);
    state.apply({ type: "session.handover", state: "released" });
    assert.deepEqual([state.session.responder, state.session.handover], ["assistant", null]);
});
