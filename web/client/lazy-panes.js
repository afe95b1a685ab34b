/** Panes that the first picture of the client does without. */

import { lazy, withStyles } from "../ui/lazy.js";
import { explainFailedLoad } from "./release.js";

export const AssistantPane = lazy(async () => (await withStyles(import("./assistant/pane.js"), "assistant")).AssistantPane, explainFailedLoad);
export const ConversationPane = lazy(async () => (await import("./conversation/pane.js")).ConversationPane, explainFailedLoad);
export const DetailsPane = lazy(async () => (await withStyles(import("./details/pane.js"), "details")).DetailsPane, explainFailedLoad);
export const SearchResults = lazy(async () => (await import("./chats/search.js")).SearchResults, explainFailedLoad);
export const SettingsPane = lazy(async () => (await withStyles(import("./settings/pane.js"), "settings")).SettingsPane, explainFailedLoad);
