/** What is known of a session with the assistant. No I/O. Input may arrive twice, late and in any order. */

/** @import { Answer, AssistantMessage, AssistantSession } from "./assistant-types.js" */
/** @import { Frame } from "./types.js" */

/** @typedef {"session" | "messages" | "answer" | "typing"} Kind */

export class AssistantState {
    /** @type {AssistantSession | null} */
    session = null;
    /** The answer on its way. @type {Answer | null} */
    answer = null;
    isHumanTyping = false;
    /** Whether there may be messages before the known ones. */
    hasOlder = false;
    /** @type {Map<string, AssistantMessage>} */
    #messages = new Map();
    /** @type {readonly AssistantMessage[] | null} */
    #ordered = null;
    /** Of the pieces of the answer: a higher attempt replaces what was said before. */
    #attempt = 0;
    #index = 0;
    #note;

    /** @param {(kind: Kind, messageId?: string) => void} note */
    constructor(note) {
        this.#note = note;
    }

    /** Oldest first. */
    get messages() {
        this.#ordered ??= [...this.#messages.values()].sort((a, b) => a.seq - b.seq);
        return this.#ordered;
    }

    /** Show another session. @param {AssistantSession | null} session */
    reset(session) {
        this.session = session;
        this.#messages.clear();
        this.#ordered = null;
        this.hasOlder = (session?.message_count ?? 0) > 0;
        this.isHumanTyping = false;
        this.#setAnswer(null);
        this.#note("session");
        this.#note("messages");
    }

    /** @param {Partial<AssistantSession>} changes */
    update(changes) {
        if (this.session) this.session = { ...this.session, ...changes };
        this.#note("session");
    }

    /** Keep a message in its newest form. @param {AssistantMessage} message */
    put(message) {
        const known = this.#messages.get(message.id);
        if (known && known.updated_at >= message.updated_at) return;
        this.#messages.set(message.id, message);
        this.#ordered = null;
        this.#note("messages", message.id);
        if (message.answer_id && message.answer_id === this.answer?.answer_id) this.#setAnswer(null);
    }

    /** Apply a frame about the session; returns whether an answer is complete. @param {Frame} frame */
    apply(frame) {
        const { type, message, state } = frame;
        if (message) this.put(message);
        if (type === "assistant.message") {
            if (!this.answer?.answer_id || this.answer.answer_id === frame.answer_id) this.#setAnswer(null);
            return true;
        }
        if (type === "assistant.delta") this.#piece(frame, (text) => text + frame.delta, frame.index === 1 ? 0 : this.#index);
        else if (type === "assistant.partial") this.#piece(frame, () => frame.text, frame.index - 1);
        else if (type === "typing") this.#typing(frame);
        else if (type === "session.handover") {
            const handover = state === "released" ? null : state;
            this.update({ handover, responder: state === "accepted" ? "human" : state === "released" ? "assistant" : this.session?.responder });
        } else if (type === "session.ended") {
            this.update({ ended_at: new Date().toISOString() });
        }
        return false;
    }

    /** No answer is on its way any more. */
    endAnswer() {
        this.#setAnswer(null);
    }

    /**
     * A piece of an answer. A hole is not filled: the whole text follows within a second.
     * @param {Frame} frame
     * @param {(text: string) => string} say
     * @param {number} after the index that precedes it
     */
    #piece({ answer_id, attempt, index }, say, after) {
        if ([...this.#messages.values()].some((message) => message.answer_id === answer_id)) return; // it is complete
        const isSame = this.answer?.answer_id === answer_id && this.#attempt === attempt;
        if (isSame && (index <= this.#index || after !== index - 1)) return;
        if (!isSame && (after !== index - 1 || (this.answer?.answer_id === answer_id && attempt < this.#attempt))) return;
        this.#attempt = attempt;
        this.#index = index;
        this.#setAnswer({ answer_id, text: say(isSame ? this.answer?.text ?? "" : ""), state: "generating" });
    }

    /** @param {Frame} frame */
    #typing({ user, is_typing: isTyping, state }) {
        if (user === "human") {
            this.isHumanTyping = isTyping;
            this.#note("typing");
        } else if (user === "assistant") {
            if (isTyping) this.#setAnswer({ answer_id: null, text: "", ...this.answer, state });
            else if (!this.answer?.text) this.#setAnswer(null);
        }
    }

    /** @param {Answer | null} answer */
    #setAnswer(answer) {
        if (!answer) this.#index = 0;
        if (!answer && !this.answer) return;
        this.answer = answer;
        this.#note("answer");
    }
}
