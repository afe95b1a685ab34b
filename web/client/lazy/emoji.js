/** A picker of emoji: search, the ones used last, nine groups, skin tones. Its data are loaded with it. */

import { language, t } from "../../ui/texts.js";
import { h, html, useEffect, useMemo, useRef, useState } from "../../ui/view.js";
import { checkRelease } from "../release.js";
import { TONES, addRecent, chooseTone, chosenTone, loadEmoji, recentEmoji, searchEmoji, withTone } from "./emoji-data.js";

/** @typedef {import("./emoji-data.js").Emoji} Emoji */

const GROUPS = /** @type {const} */ ([
  ["emoji.smileys", "😀"], ["emoji.people", "👋"], ["emoji.animals", "🐻"], ["emoji.food", "🍎"], ["emoji.travel", "🚲"],
  ["emoji.activities", "⚽"], ["emoji.objects", "💡"], ["emoji.symbols", "💟"], ["emoji.flags", "🏁"],
]);
const RECENT = -1;

/** @param {{ onChoose: (emoji: string) => void }} props */
export function EmojiPicker({ onChoose }) {
  const [groups, setGroups] = useState(/** @type {Emoji[][] | null} */ (null));
  const [failed, setFailed] = useState(0);
  const [query, setQuery] = useState("");
  const recent = useMemo(recentEmoji, []);
  const [group, setGroup] = useState(recent.length ? RECENT : 0);
  const [tone, setTone] = useState(chosenTone);
  const [shown, setShown] = useState(/** @type {Emoji | null} */ (null));
  const code = language.value;
  useEffect(() => {
    let isCurrent = true;
    loadEmoji(code).then(
      (all) => { if (isCurrent) setGroups(all); },
      () => {
        void checkRelease();
        if (isCurrent) setFailed((times) => times + 1);
      },
    );
    return () => { isCurrent = false; };
  }, [code]);

  const entries = useMemo(() => choose(groups ?? [], query, group, recent), [groups, query, group]);
  const pick = (/** @type {Emoji} */ emoji) => {
    const text = withTone(emoji, tone);
    addRecent(text);
    onChoose(text);
  };
  const changeTone = (/** @type {string} */ next) => {
    chooseTone(next);
    setTone(next);
  };
  const retry = () => {
    setFailed(0);
    loadEmoji(code).then(setGroups, () => setFailed(1));
  };
  return html`
    <div class="emoji-picker" data-testid="emoji-picker">
      <input class="input emoji-search" type="search" value=${query} placeholder=${t("emoji.search")} aria-label=${t("emoji.search")}
        autocomplete="off" spellcheck=${false} data-testid="emoji-search"
        onInput=${(/** @type {InputEvent} */ event) => setQuery(/** @type {HTMLInputElement} */ (event.currentTarget).value)}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => onSearchKey(event, entries, pick)} />
      <div class="emoji-tabs" role="tablist" aria-label=${t("emoji.groups")} onKeyDown=${onTabKey}>
        ${recent.length > 0 && h(Tab, { label: t("emoji.recent"), symbol: "🕘", isChosen: !query && group === RECENT, onChoose: () => { setQuery(""); setGroup(RECENT); } })}
        ${GROUPS.map(([key, symbol], index) => h(Tab, {
          key, label: t(key), symbol, isChosen: !query && group === index, onChoose: () => { setQuery(""); setGroup(index); },
        }))}
      </div>
      ${failed > 0 && !groups
        ? html`<p class="emoji-note" role="alert">${t("emoji.failed")} <button type="button" class="link-button" onClick=${retry}>${t("emoji.retry")}</button></p>`
        : h(Grid, { key: `${group} ${query}`, entries, tone, isLoading: !groups, onPick: pick, onShow: setShown })}
      <div class="emoji-foot">
        <span class="emoji-name">${shown?.name}</span>
        <div class="emoji-tones" role="radiogroup" aria-label=${t("emoji.tone")} onKeyDown=${onTabKey}>
          ${TONES.map((one, index) => html`
            <button key=${one} type="button" role="radio" class="emoji-tone" aria-checked=${one === tone} tabindex=${one === tone ? 0 : -1}
              aria-label=${t("emoji.tone_number", { number: index + 1 })} onClick=${() => changeTone(one)}>${`✋${one}`}</button>`)}
        </div>
      </div>
    </div>`;
}

/**
 * @param {readonly Emoji[][]} groups
 * @param {string} query
 * @param {number} group
 * @param {readonly string[]} recent
 */
function choose(groups, query, group, recent) {
  if (query.trim()) return searchEmoji(groups, query);
  if (group !== RECENT) return groups[group] ?? [];
  const names = new Map(groups.flat().map((emoji) => [emoji.text, emoji.name]));
  const plain = (/** @type {string} */ text) => text.replace(/[\u{1f3fb}-\u{1f3ff}]/u, "");
  return recent.map((text) => ({
    text, name: names.get(text) ?? names.get(plain(text)) ?? text, haystack: "", hasTones: false,  // as it was chosen
  }));
}

/** @param {{ label: string, symbol: string, isChosen: boolean, onChoose: () => void }} props */
function Tab({ label, symbol, isChosen, onChoose }) {
  return html`
    <button type="button" role="tab" class="emoji-tab" aria-selected=${isChosen} aria-label=${label} title=${label}
      tabindex=${isChosen ? 0 : -1} onClick=${onChoose}>${symbol}</button>`;
}

/**
 * @param {{ entries: readonly Emoji[], tone: string, isLoading: boolean, onPick: (emoji: Emoji) => void, onShow: (emoji: Emoji) => void }} props
 */
function Grid({ entries, tone, isLoading, onPick, onShow }) {
  const grid = useRef(/** @type {HTMLDivElement | null} */ (null));
  if (!isLoading && !entries.length) return html`<p class="emoji-note" role="status">${t("emoji.none")}</p>`;
  return html`
    <div ref=${grid} class="emoji-all" role="group" aria-label=${t("emoji.list")} aria-busy=${isLoading} onKeyDown=${onGridKey}>
      ${entries.map((emoji, index) => html`
        <button key=${emoji.text} type="button" class="emoji-choice" tabindex=${index ? -1 : 0} aria-label=${emoji.name}
          data-emoji=${emoji.text} onClick=${() => onPick(emoji)} onFocus=${() => onShow(emoji)}
          onPointerEnter=${() => onShow(emoji)}>${withTone(emoji, tone)}</button>`)}
    </div>`;
}

/**
 * From the search field, the arrow goes into the grid and Enter takes the first.
 *
 * @param {KeyboardEvent} event
 * @param {readonly Emoji[]} entries
 * @param {(emoji: Emoji) => void} pick
 */
function onSearchKey(event, entries, pick) {
  if (event.isComposing) return;
  const first = entries[0];
  if (event.key === "Enter" && first) pick(first);
  else if (event.key === "ArrowDown") {
    const picker = /** @type {HTMLElement} */ (event.currentTarget).closest(".emoji-picker");
    /** @type {HTMLElement | null | undefined} */ (picker?.querySelector(".emoji-choice"))?.focus();
  } else return;
  event.preventDefault();
}

/** Arrows between the tabs or tones. @param {KeyboardEvent} event */
function onTabKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = /** @type {HTMLElement[]} */ ([.../** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("button")]);
  const next = tabs[(tabs.indexOf(/** @type {HTMLElement} */ (event.target)) + step + tabs.length) % tabs.length];
  event.preventDefault();
  next?.focus();
  next?.click();
}

/** Arrows in two directions; above the first row is the search field. @param {KeyboardEvent} event */
function onGridKey(event) {
  const grid = /** @type {HTMLElement} */ (event.currentTarget);
  const buttons = /** @type {HTMLElement[]} */ ([...grid.children]);
  const current = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
  const top = buttons[0]?.offsetTop;
  const columns = buttons.filter((button) => button.offsetTop === top).length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -current, End: buttons.length - 1 - current };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (step === undefined) return;
  event.preventDefault();
  const next = current + step;
  if (next < 0) /** @type {HTMLElement | null | undefined} */ (grid.closest(".emoji-picker")?.querySelector(".emoji-search"))?.focus();
  else buttons[Math.min(next, buttons.length - 1)]?.focus();
}
