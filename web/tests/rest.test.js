/** Requests against a server that answers in all the ways in which something on the way may answer. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { Cookies } from "../sdk/cookies.js";
import { RefusedError, UnansweredError, UnauthorizedError } from "../sdk/errors.js";
import { PACE } from "../sdk/pace.js";
import { Rest } from "../sdk/rest.js";
import { Tokens } from "../sdk/tokens.js";

const JSON_TYPE = { "Content-Type": "application/json" };
let server;
let baseUrl;
/** Requests that arrived: method, path, headers. */
let requests;
/** What answers: path to a function of the request. */
let routes;

before(async () => {
    server = createServer((request, response) => {
        const { pathname } = new URL(request.url, "http://server");
        requests.push({ method: request.method, path: pathname, headers: request.headers });
        const answer = routes[pathname];
        if (!answer) return response.writeHead(404).end("<h1>not here</h1>");
        const { status = 200, headers = JSON_TYPE, body = {} } = answer(request);
        return response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    baseUrl = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());
beforeEach(() => {
    requests = [];
    routes = {};
});

const rest = (options = {}) => new Rest({ baseUrl, credentials: new Cookies(), language: () => "ru", fetch, pace: PACE, ...options });
const withToken = (getToken = () => "t-1") => rest({ credentials: new Tokens(getToken) });
const refusal = (error, status, more = {}) => ({ status, body: { success: false, error, message: "No.", request_id: "r-1", ...more } });
const CHATS = "/api/v1/marketplace/chat";

test("a success gives its data, and the request has token, language and key", async () => {
    routes[CHATS] = () => ({ body: { success: true, data: [1] } });
    assert.deepEqual(await withToken().chat("POST", "", { body: {}, key: "k-1" }), [1]);
    const { headers } = requests[0];
    assert.deepEqual(
        [headers.authorization, headers["accept-language"], headers["idempotency-key"], headers["x-csrf-token"]],
        ["Bearer t-1", "ru", "k-1", undefined],
    );
});

test("a refusal has code, status, fields and request id", async () => {
    routes[CHATS] = () => refusal("marketplace.invalidFields", 422, { details: { content: "too long" } });
    await assert.rejects(withToken().chat("POST", "", { body: {} }), (error) => {
        assert.ok(error instanceof RefusedError);
        assert.deepEqual([error.code, error.status, error.fields, error.requestId, error.message], ["marketplace.invalidFields", 422, { content: "too long" }, "r-1", "No."]);
        return true;
    });
});

test("the social shape of a refusal is understood", async () => {
    routes["/api/v1/chat/x"] = () => ({ status: 404, body: { success: false, message: "No.", error: { code: "USER_NOT_FOUND", details: null } } });
    await assert.rejects(withToken().call("GET", "/api/v1/chat/x"), { name: "RefusedError", code: "USER_NOT_FOUND", status: 404 });
});

for (const [what, answer] of Object.entries({
    "HTML with 200, as of a captive portal": { headers: { "Content-Type": "text/html" }, body: "<html>Log in to the WiFi</html>" },
    "JSON that is not chatapp's": { body: { status: "ok" } },
    "an empty body": { body: "" },
    "a number": { body: "42" },
    "HTML with 404, as of a proxy": { status: 404, headers: { "Content-Type": "text/html" }, body: "<h1>404</h1>" },
    "a 500": refusal("marketplace.internalError", 500),
    "a 502 with HTML": { status: 502, headers: { "Content-Type": "text/html" }, body: "<h1>Bad gateway</h1>" },
    "a 408": refusal("marketplace.timeout", 408),
})) {
    test(`${what} is no answer`, async () => {
        routes[CHATS] = () => answer;
        await assert.rejects(withToken().chat("GET", ""), { name: "UnansweredError" });
    });
}

test("a limit says when to try again", async () => {
    routes[CHATS] = () => ({ ...refusal("marketplace.rateLimitExceeded", 429), headers: { ...JSON_TYPE, "Retry-After": "7" } });
    await assert.rejects(withToken().chat("GET", ""), { name: "UnansweredError", retryAfter: 7, status: 429 });
});

test("too large is final, also from a proxy", async () => {
    routes[CHATS] = () => ({ status: 413, headers: {}, body: "<h1>too large</h1>" });
    await assert.rejects(withToken().chat("POST", "", { body: {} }), { name: "RefusedError", code: "http.413" });
});

test("a server that is away is no answer, and an abandoned request is an AbortError", async () => {
    const nowhere = rest({ baseUrl: "http://127.0.0.1:1", credentials: new Tokens(() => "t") });
    await assert.rejects(nowhere.chat("GET", ""), UnansweredError);
    const aborting = new AbortController();
    aborting.abort();
    await assert.rejects(withToken().chat("GET", "", { signal: aborting.signal }), { name: "AbortError" });
});

test("a 401 asks for a new token once, for all requests at the same time", async () => {
    let current = "old";
    let asked = 0;
    routes[CHATS] = (request) => (request.headers.authorization === "Bearer new" ? { body: { success: true, data: "yes" } } : refusal("marketplace.tokenExpired", 401));
    const getToken = async () => {
        asked++;
        return current;
    };
    const client = withToken(getToken);
    await assert.rejects(client.chat("GET", ""), UnauthorizedError); // the same token again
    current = "new";
    asked = 0;
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => client.chat("GET", ""))), ["yes", "yes", "yes"]);
    assert.equal(asked, 1);
});

test("a getToken that fails is no answer; one that throws UnauthorizedError ends the log-in", async () => {
    await assert.rejects(withToken(() => { throw new Error("offline"); }).chat("GET", ""), UnansweredError);
    await assert.rejects(withToken(() => { throw new UnauthorizedError("host.loggedOut"); }).chat("GET", ""), { code: "host.loggedOut" });
});

/** A server with cookies: access tokens and CSRF tokens expire when the test says so. */
function cookieServer() {
    const state = { isExpired: false, csrf: 1, refreshes: 0 };
    const isWrong = (request) => request.headers["x-csrf-token"] !== `c-${state.csrf}`;
    routes["/api/v2/csrf"] = () => ({ body: { csrf_token: `c-${state.csrf}` } });
    routes["/api/v2/auth/refresh"] = (request) => {
        if (isWrong(request)) return refusal("auth.csrf", 403);
        state.refreshes++;
        state.isExpired = false;
        return { body: { csrf_token: `c-${state.csrf}`, expires_in: 900 } };
    };
    routes["/api/v2/marketplace/chat/messages"] = (request) => {
        if (request.method !== "GET" && isWrong(request)) return refusal("marketplace.csrf", 403);
        return state.isExpired ? refusal("marketplace.tokenMissing", 401) : { body: { success: true, data: { id: 1 } } };
    };
    return state;
}

test("writes have a CSRF token, reads do not", async () => {
    cookieServer();
    requests.length = 0;
    const client = rest();
    await client.chat("GET", "/messages");
    await client.chat("POST", "/messages", { body: {} });
    await client.chat("POST", "/messages", { body: {} });
    assert.deepEqual(requests.map(({ method, path, headers }) => [method, path.split("/").pop(), headers["x-csrf-token"]]), [
        ["GET", "messages", undefined], ["GET", "csrf", undefined], ["POST", "messages", "c-1"], ["POST", "messages", "c-1"],
    ]);
});

test("a CSRF token that is refused is replaced once", async () => {
    const state = cookieServer();
    const client = rest();
    await client.chat("POST", "/messages", { body: {} });
    state.csrf = 2;
    assert.deepEqual(await client.chat("POST", "/messages", { body: {} }), { id: 1 });
    routes["/api/v2/csrf"] = () => ({ body: { csrf_token: "wrong" } });
    client.setCsrf("wrong");
    await assert.rejects(client.chat("POST", "/messages", { body: {} }), { code: "marketplace.csrf", status: 403 });
});

test("an expired log-in is refreshed once, for all requests at the same time", async () => {
    const state = cookieServer();
    const client = rest();
    state.isExpired = true;
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.chat("GET", "/messages")));
    assert.deepEqual(answers, [{ id: 1 }, { id: 1 }, { id: 1 }, { id: 1 }]);
    assert.equal(state.refreshes, 1);
});

test("two tabs refresh one after the other, and the second one finds the cookies of the first", async () => {
    const state = cookieServer();
    const tabs = [rest(), rest()];
    state.isExpired = true;
    await Promise.all(tabs.map((tab) => tab.chat("GET", "/messages")));
    assert.equal(state.refreshes, 1);
});

test("a log-in that has ended is an UnauthorizedError; a server that is away is not", async () => {
    const state = cookieServer();
    const client = rest();
    state.isExpired = true;
    routes["/api/v2/auth/refresh"] = () => refusal("auth.tokenMissing", 401);
    await assert.rejects(client.chat("GET", "/messages"), UnauthorizedError);
    routes["/api/v2/auth/refresh"] = () => ({ status: 503, body: "" });
    await assert.rejects(client.chat("GET", "/messages"), UnansweredError);
});
