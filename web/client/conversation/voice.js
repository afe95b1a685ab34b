/** Plays a voice message or another sound. One at a time. */

import { formatDuration } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useRef, useState } from "../../ui/view.js";

const BARS = 36;
/** A silent bar is still seen. */
const LOWEST = 8;
const SPEEDS = [1, 1.5, 2];

/** @type {HTMLAudioElement | null} */
let playing = null;

/**
 * @param {readonly number[]} waveform  levels from 0 to 100
 * @param {number} bars
 */
export function resample(waveform, bars) {
  if (!waveform.length) return Array.from({ length: bars }, () => LOWEST);
  return Array.from({ length: bars }, (_, place) => {
    const from = Math.floor(place * waveform.length / bars);
    const to = Math.max(from + 1, Math.floor((place + 1) * waveform.length / bars));
    return Math.max(LOWEST, ...waveform.slice(from, to));
  });
}

/**
 * @param {{ levels: readonly number[], fraction: number }} props  fraction: how much of it was played
 */
export function Waveform({ levels, fraction }) {
  return html`
    <svg class="waveform" viewBox=${`0 0 ${levels.length * 5} 32`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      ${levels.map((level, place) => html`
        <rect key=${place} class=${place < fraction * levels.length ? "bar is-played" : "bar"}
          x=${place * 5 + 1} width="3" rx="1.5" y=${16 - level * 0.16} height=${level * 0.32} />`)}
    </svg>`;
}

/**
 * @param {HTMLAudioElement} audio
 * @param {() => void} onChange
 */
function watchAudio(audio, onChange) {
  const events = ["play", "pause", "ended", "timeupdate", "loadedmetadata", "ratechange"];
  for (const name of events) audio.addEventListener(name, onChange);
  return () => {
    for (const name of events) audio.removeEventListener(name, onChange);
  };
}

/**
 * @param {{ client: import("../../sdk/index.js").ChatClient, attachment: import("../../sdk/types.js").Attachment }} props
 */
export function VoicePlayer({ client, attachment }) {
  const audio = useRef(/** @type {HTMLAudioElement | null} */ (null));
  const [position, setPosition] = useState({ seconds: 0, isPlaying: false });
  const [hasFailed, setFailed] = useState(false);
  const duration = attachment.metadata.duration || 0;

  useEffect(() => () => {
    audio.current?.pause();
    audio.current?.removeAttribute("src");
    if (playing === audio.current) playing = null;
  }, []);

  /** The element is made when it is first needed: a long history would otherwise hold hundreds. */
  function element() {
    if (audio.current) return audio.current;
    const made = new Audio();
    made.preload = "none";
    made.src = attachment.public_url || client.downloadUrl(attachment.id);
    made.addEventListener("error", () => {
      const fresh = new URL(client.downloadUrl(attachment.id), location.href).href;
      if (made.src === fresh) setFailed(true);
      else {
        made.src = fresh;
        made.play().catch(() => setFailed(true));
      }
    });
    watchAudio(made, () => setPosition({ seconds: made.currentTime, isPlaying: !made.paused && !made.ended }));
    audio.current = made;
    return made;
  }

  function toggle() {
    const sound = element();
    if (!sound.paused) return sound.pause();
    if (playing && playing !== sound) playing.pause();
    playing = sound;
    setFailed(false);
    // A refusal comes as an event "error" as well, where it is handled.
    sound.play().catch(() => setPosition({ seconds: sound.currentTime, isPlaying: false }));
  }

  /** @param {Event} event */
  function seek(event) {
    const sound = element();
    sound.currentTime = Number(/** @type {HTMLInputElement} */ (event.currentTarget).value);
    setPosition({ seconds: sound.currentTime, isPlaying: !sound.paused });
  }

  function changeSpeed() {
    const sound = element();
    sound.playbackRate = SPEEDS[(SPEEDS.indexOf(sound.playbackRate) + 1) % SPEEDS.length] ?? 1;
  }

  const { seconds, isPlaying } = position;
  const speed = audio.current?.playbackRate ?? 1;
  const fraction = duration ? seconds / duration : 0;
  return html`
    <div class="voice" data-testid="voice-player">
      <button type="button" class="voice-play" aria-label=${t(isPlaying ? "message.pause" : "message.play")} onClick=${toggle}>
        ${h(Icon, { name: isPlaying ? "pause" : "play", size: 18 })}
      </button>
      <div class="voice-track">
        ${h(Waveform, { levels: resample(attachment.metadata.waveform ?? [], BARS), fraction })}
        <input type="range" class="voice-seek" min="0" max=${Math.max(duration, 0.1)} step="0.1" value=${seconds}
          aria-label=${t("message.seek")} aria-valuetext=${formatDuration(seconds)} onInput=${seek} />
      </div>
      <span class="voice-time">${formatDuration(isPlaying || seconds ? seconds : duration)}</span>
      ${isPlaying && html`<button type="button" class="voice-speed" aria-label=${t("message.speed")} onClick=${changeSpeed}>${speed}×</button>`}
      ${hasFailed && html`<span class="voice-error" role="alert">${t("message.cannot_play")}</span>`}
    </div>`;
}
