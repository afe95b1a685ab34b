/** The text of one conversation that is being written: draft, reply or edit, and how it is sent. */

import { Uploads } from "../../ui/uploads.js";
import { signal } from "../../ui/view.js";
import { mentionedIn } from "./mentions.js";

/** Characters of a message, as the server bounds it. */
export const TEXT_LIMIT = 10_000;
/** Drafts in lists are cut here: a longer one is read in full. */
const LISTED_DRAFT = 500;
const NO_TILES = /** @type {readonly import("../../ui/uploads.js").Tile[]} */ ([]);
/** Of one file, as the server has written it into the page. */
const maxBytes = () => Number(document.getElementById("app")?.dataset.maxFileBytes) || Infinity;

export class Composer {
  text = signal("");
  /** Members that were chosen from the offer, by the names in the text. */
  #mentioned = /** @type {import("./mentions.js").Person[]} */ ([]);
  /** What was typed before an edit began. */
  #kept = "";
  /** The draft that was taken from the state: while the field has it unchanged, the next one takes its place. */
  #taken = "";
  /** What was sent last: an echo of its beginnings as a draft is none. */
  #sent = "";
  #edited = 0;

  /** @param {import("../conversation/model.js").Conversation} conversation */
  constructor(conversation) {
    this.conversation = conversation;
    this.client = conversation.client;
    this.chatId = conversation.chatId;
    this.uploads = new Uploads(this.client, { tiles: signal(NO_TILES), maxBytes: maxBytes(), onFault: (error) => conversation.store.showError(error) });
  }

  /** Take over the draft, once the chat is known. */
  async readDraft() {
    const listed = this.client.state.chat(this.chatId)?.draft ?? "";
    this.takeDraft(listed);
    if (listed.length < LISTED_DRAFT) return;
    const whole = await this.conversation.store.attempt(this.client.readDraft(this.chatId));
    if (whole !== undefined && this.text.peek() === listed) this.takeDraft(whole);
  }

  /**
   * Take a draft from another device, unless something else is being written here.
   *
   * @param {string} draft
   */
  takeDraft(draft) {
    const isEcho = draft !== "" && this.#sent.startsWith(draft);
    if (isEcho || this.conversation.mode.peek().kind === "edit" || this.text.peek() !== this.#taken) return;
    this.#taken = draft;
    this.text.value = draft;
  }

  /** @param {string} text */
  type(text) {
    this.text.value = text;
    if (this.conversation.mode.peek().kind === "edit") return;
    this.client.saveDraft(this.chatId, text);
    if (text.trim()) this.client.typing(this.chatId);
    else this.client.stopTyping(this.chatId);
  }

  /** @param {import("./mentions.js").Person} person */
  addMention(person) {
    this.#mentioned.push(person);
  }

  /** Put the text of the message that is edited into the field, or what was typed before back. */
  followMode() {
    const mode = this.conversation.mode.value;
    const edited = mode.kind === "edit" ? mode.message.id : 0;
    if (edited === this.#edited) return;
    if (!this.#edited) this.#kept = this.text.peek();
    this.#edited = edited;
    this.text.value = mode.kind === "edit" ? mode.message.content : this.#kept;
  }

  get canSend() {
    const text = this.text.value.trim();
    if (text.length > TEXT_LIMIT) return false;
    if (this.conversation.mode.value.kind === "edit") return text !== "";
    return (text !== "" || this.uploads.attachments.length > 0) && !this.uploads.isUploading && !this.uploads.hasFailed;
  }

  /** Send what is written, or the edit. False if there is nothing to send. */
  send() {
    if (!this.canSend) return false;
    const { conversation, client, chatId } = this;
    const mode = conversation.mode.peek();
    const content = this.text.peek().trim();
    if (mode.kind === "edit") {
      if (content !== mode.message.content) void client.edit(chatId, mode.message.id, content, mode.message.version);
      conversation.writeNew();
      return true;
    }
    const replyToId = mode.kind === "reply" ? mode.message.id : undefined;
    const mentions = mentionedIn(content, this.#mentioned);
    this.#give({ content, attachments: this.uploads.attachments, replyToId, mentions });
    this.#mentioned = [];
    this.uploads.clear();
    this.text.value = this.#taken = "";
    this.#sent = content;
    client.saveDraft(chatId, "");
    client.stopTyping(chatId);
    return true;
  }

  /** @param {import("../../sdk/types.js").Location} location */
  sendLocation(location) {
    this.#give({ location });
  }

  /**
   * @param {Blob} blob
   * @param {string} name
   * @returns {Promise<boolean>} whether it was stored
   */
  async sendVoice(blob, name) {
    const stored = await this.conversation.store.attempt(this.client.upload(blob, { name, voice: true }).stored);
    if (stored) this.#give({ attachments: [stored] });
    return Boolean(stored);
  }

  /** @param {Partial<import("../../sdk/types.js").Draft>} draft */
  #give(draft) {
    // What becomes of it is shown beside the message.
    this.client.send({ chatId: this.chatId, ...draft }).sent.catch(() => {});
    this.conversation.afterSend();
  }

  [Symbol.dispose]() {
    this.uploads[Symbol.dispose]();
    if (this.text.peek()) this.client.stopTyping(this.chatId);
  }
}
