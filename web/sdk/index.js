/** The SDK of chatapp for browsers and Node 22 or newer (docs/sdk.md). */

export { ChatClient } from "./client.js";
export { ChatError, ClosedError, RefusedError, UnansweredError, UnauthorizedError } from "./errors.js";
export { PACE } from "./pace.js";

/**
 * Types, for JSDoc.
 * @typedef {import("./types.js").Account} Account
 * @typedef {import("./types.js").Attachment} Attachment
 * @typedef {import("./types.js").AttachmentMetadata} AttachmentMetadata
 * @typedef {import("./types.js").Change} Change
 * @typedef {import("./types.js").ChangeKind} ChangeKind
 * @typedef {import("./types.js").ChatClientOptions} ChatClientOptions
 * @typedef {import("./types.js").ChatKind} ChatKind
 * @typedef {import("./types.js").ChatSettings} ChatSettings
 * @typedef {import("./types.js").ChatSummary} ChatSummary
 * @typedef {import("./types.js").ConnectionInfo} ConnectionInfo
 * @typedef {import("./types.js").ConnectionState} ConnectionState
 * @typedef {import("./types.js").Draft} Draft
 * @typedef {import("./types.js").Events} Events
 * @typedef {import("./types.js").Frame} Frame
 * @typedef {import("./types.js").Group} Group
 * @typedef {import("./types.js").GroupRole} GroupRole
 * @typedef {import("./types.js").Item} Item
 * @typedef {import("./types.js").LastMessage} LastMessage
 * @typedef {import("./types.js").LinkPreview} LinkPreview
 * @typedef {import("./types.js").ListedDraft} ListedDraft
 * @typedef {import("./types.js").Location} Location
 * @typedef {import("./types.js").Me} Me
 * @typedef {import("./types.js").Member} Member
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").MessagePage} MessagePage
 * @typedef {import("./types.js").MessageState} MessageState
 * @typedef {import("./types.js").MessageType} MessageType
 * @typedef {import("./types.js").MessageWindow} MessageWindow
 * @typedef {import("./types.js").Origin} Origin
 * @typedef {import("./types.js").OtherPerson} OtherPerson
 * @typedef {import("./types.js").PendingMessage} PendingMessage
 * @typedef {import("./types.js").Person} Person
 * @typedef {import("./types.js").Pin} Pin
 * @typedef {import("./types.js").Quote} Quote
 * @typedef {import("./types.js").Reaction} Reaction
 * @typedef {import("./types.js").Receipt} Receipt
 * @typedef {import("./types.js").SearchPage} SearchPage
 * @typedef {import("./types.js").Sending} Sending
 * @typedef {import("./types.js").Shared} Shared
 * @typedef {import("./types.js").ShownChat} ShownChat
 * @typedef {import("./types.js").StopReason} StopReason
 * @typedef {import("./types.js").Suggestion} Suggestion
 * @typedef {import("./types.js").SystemNote} SystemNote
 * @typedef {import("./types.js").Upload} Upload
 * @typedef {import("./types.js").Warning} Warning
 * @typedef {import("./state.js").ChatState} ChatState
 */

/**
 * @template T
 * @typedef {import("./types.js").GalleryPage<T>} GalleryPage
 */
