/** My own settings of a chat and my draft in it. No I/O. Input may arrive twice, late and in any order. */

/** @import { ChatSettings, ChatSummary } from "./types.js" */

/** The settings and the draft with the largest version, and what has ended them since. */
export class OwnSettings {
    /** @type {ChatSettings | null} */
    #values = null;
    #version = -1;
    /** A message with a larger `seq` ends the archive and the snooze. */
    #seq = 0;
    #draft = "";
    #isCut = false;
    #draftVersion = -1;
    /** The draft is void once I have sent a message with a larger `seq`. */
    #draftSeq = 0;

    /** Whether the draft is only the beginning of it. */
    get isCut() {
        return this.#isCut;
    }

    /**
     * Apply settings; returns whether they are news. Of two copies with one version, the one with more messages.
     * @param {ChatSettings} values
     * @param {number} version
     * @param {number} seq
     */
    put({ is_archived, is_muted, muted_until, is_pinned, snoozed_until, is_marked_unread }, version, seq) {
        if (isOlder(version, seq, this.#version, this.#seq)) return false;
        const values = { is_archived, is_muted, muted_until, is_pinned, snoozed_until, is_marked_unread };
        const isNew = JSON.stringify(values) !== JSON.stringify(this.#values);
        this.#values = values;
        this.#version = version;
        this.#seq = seq;
        return isNew;
    }

    /**
     * Apply a draft; returns whether it is news.
     * @param {string} content
     * @param {number} version
     * @param {number} seq
     * @param {boolean} [isCut] whether it is only the beginning
     */
    putDraft(content, version, seq, isCut = false) {
        const isSame = version === this.#draftVersion;
        if (isOlder(version, seq, this.#draftVersion, this.#draftSeq)) {
            if (!isSame || !this.#isCut || !content.startsWith(this.#draft)) return false;
            this.#draft = content; // the same draft, and more of it
            this.#isCut = isCut;
            return false;
        }
        if (isCut && isSame && this.#draft.startsWith(content)) {
            content = this.#draft; // a list shows the beginning of what is known
            isCut = this.#isCut;
        }
        const isNew = content !== this.#draft;
        this.#draft = content;
        this.#isCut = isCut;
        this.#draftVersion = version;
        this.#draftSeq = seq;
        return isNew;
    }

    /**
     * Apply an entry of the chat list; those of an older server contain no version.
     * @param {ChatSummary} summary
     */
    putSummary(summary) {
        const { settings_version: version, seq, draft } = summary;
        if (version == null) return;
        this.put(summary, version, seq);
        this.putDraft(draft?.content ?? "", version, seq, draft?.is_cut);
    }

    /**
     * The settings and the draft after these messages; null while they are not known.
     * @param {number} lastSeq of the chat
     * @param {number} sentSeq of my last message
     */
    current(lastSeq, sentSeq) {
        return this.#values && {
            ...this.#values,
            ...(lastSeq > this.#seq && { is_archived: false, snoozed_until: null }),
            ...(sentSeq > this.#seq && { is_marked_unread: false }),
            draft: sentSeq > this.#draftSeq ? "" : this.#draft,
        };
    }
}

/** @param {number} version @param {number} seq @param {number} otherVersion @param {number} otherSeq */
function isOlder(version, seq, otherVersion, otherSeq) {
    return version < otherVersion || (version === otherVersion && seq < otherSeq);
}
