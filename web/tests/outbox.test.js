import assert from "node:assert/strict";
import { test } from "node:test";
import { BackOff } from "../sdk/backoff.js";
import { RefusedError } from "../sdk/errors.js";
import { Outbox } from "../sdk/outbox.js";
import { PACE } from "../sdk/pace.js";
import { frameOf, requestOf } from "../sdk/requests.js";

const make = () => new Outbox(PACE);
const put = (outbox, key, lane = "chat 1", kind = "message") => outbox.put({ kind, key, lane, chatId: 1, body: { content: key } });
const keys = (commands) => commands.map((command) => command.key);

test("commands of one lane go one after the other, lanes do not wait for each other", () => {
    const outbox = make();
    ["a", "b"].forEach((key) => put(outbox, key));
    put(outbox, "c", "chat 2");
    assert.deepEqual(keys(outbox.takeReady(0, true)), ["a", "c"]);
    assert.deepEqual(keys(outbox.takeReady(0, true)), []);
    outbox.answered("a", {});
    assert.deepEqual(keys(outbox.takeReady(0, true)), ["b"]);
});

test("an unanswered command is sent again with its key", () => {
    const outbox = make();
    put(outbox, "a");
    outbox.takeReady(0, true);
    assert.equal(outbox.nextEvent(0), PACE.answerWait);
    assert.deepEqual(keys(outbox.takeReady(PACE.answerWait, true)), []); // after a back-off
    assert.deepEqual(keys(outbox.takeReady(PACE.answerWait + PACE.retryFirst, true)), ["a"]);
});

test("a lost socket repeats at once what was sent over it", () => {
    const outbox = make();
    put(outbox, "a");
    put(outbox, "b", "chat 2");
    const [a, b] = outbox.takeReady(0, true);
    b.overSocket = false;
    outbox.socketLost();
    assert.deepEqual(keys(outbox.takeReady(0, true)), [a.key]);
});

test("what the server asks for is added to the back-off", () => {
    const outbox = make();
    put(outbox, "a");
    outbox.takeReady(0, true);
    outbox.unknown("a", 0, 30000);
    assert.ok(outbox.nextEvent(0) >= 30000);
});

test("answers and refusals settle the promise; the same key is the same command", async () => {
    const outbox = make();
    const first = put(outbox, "a");
    assert.equal(put(outbox, "a"), first);
    outbox.answered("a", { id: 1 });
    assert.deepEqual(await first.answer, { id: 1 });
    const second = put(outbox, "b");
    outbox.refused("b", new RefusedError("marketplace.blocked"));
    await assert.rejects(second.answer, { code: "marketplace.blocked" });
    const third = put(outbox, "c");
    outbox.giveUp(new Error("closed"));
    await assert.rejects(third.answer, { message: "closed" });
    assert.equal(outbox.size, 0);
});

test("only a command that is not in flight can be replaced", () => {
    const outbox = make();
    const command = put(outbox, "a", "read 1", "read");
    assert.equal(outbox.replaceable("read", "read 1"), command);
    outbox.takeReady(0, true);
    assert.equal(outbox.replaceable("read", "read 1"), undefined);
});

test("messages and edits go as frames, unless a frame would be too large; all else as requests", () => {
    const outbox = make();
    const message = put(outbox, "a");
    assert.deepEqual(JSON.parse(frameOf(message)), { type: "message", content: "a", client_message_id: "a" });
    message.body = { content: "x".repeat(1 << 20) };
    assert.equal(frameOf(message), null);
    const setting = outbox.put({ kind: "mute", key: "m", lane: "own 1", chatId: 7, body: { until: "2090-01-01T00:00:00Z" } });
    assert.equal(frameOf(setting), null);
    assert.deepEqual(requestOf(setting), ["POST", "/7/mute"]);
});

test("the back-off doubles up to its bound, with full jitter, and begins again after a success", () => {
    const backoff = new BackOff(1000, 30000, () => 1);
    assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next()), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    backoff.failures = 1e9;
    assert.equal(backoff.next(500), 30500);
    backoff.succeeded();
    assert.equal(new BackOff(1000, 30000, () => 0).next(), 0);
    assert.equal(backoff.next(), 1000);
});
