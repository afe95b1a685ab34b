/** Records a voice message, and shows its sound as it is recorded. */

import { formatDuration } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useRef, useState } from "../../ui/view.js";
import { Waveform } from "../conversation/voice.js";

/** What browsers record, the smallest first; the server takes all of them. */
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BARS = 48;
/** One bar for this long, in ms. */
const STEP = 100;
/** Recordings end here by themselves, in seconds. */
const LONGEST = 600;
/** Shorter ones were not meant, in ms. */
const SHORTEST = 500;

/** @param {string} type */
function extensionOf(type) {
  return type.includes("ogg") ? "ogg" : type.includes("mp4") ? "m4a" : "webm";
}

/** Records from the microphone until it is stopped or disposed of. */
class Recording {
  /** @type {Blob[]} */
  #pieces = [];
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  #isEnded = false;
  began = 0;

  async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    // The person may have left while the browser asked.
    if (this.#isEnded) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#stream = stream;
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
    this.#recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size) this.#pieces.push(data);
    });
    this.#recorder.start(1_000);
    this.began = performance.now();
  }

  /** The loudness now, from 0 to 100. */
  get level() {
    if (!this.#analyser) return 0;
    const samples = new Uint8Array(this.#analyser.fftSize);
    this.#analyser.getByteTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + (sample - 128) ** 2, 0) / samples.length;
    return Math.min(100, Math.round(Math.sqrt(power) * 4));
  }

  /** @returns {Promise<{ blob: Blob, name: string }>} */
  async stop() {
    const recorder = /** @type {MediaRecorder} */ (this.#recorder);
    const stopped = new Promise((done) => { recorder.addEventListener("stop", done, { once: true }); });
    if (recorder.state !== "inactive") {
      recorder.stop();
      await stopped;
    }
    const type = recorder.mimeType;
    this[Symbol.dispose]();
    return { blob: new Blob(this.#pieces, { type }), name: `voice.${extensionOf(type)}` };
  }

  [Symbol.dispose]() {
    this.#isEnded = true;
    if (this.#recorder?.state === "recording") this.#recorder.stop();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    void this.#context?.close();
    this.#context = null;
    this.#analyser = null;
  }
}

/**
 * @param {{
 *   store: import("../store.js").Store,
 *   onSend: (blob: Blob, name: string) => Promise<boolean>,
 *   onCancel: () => void,
 * }} props  onSend: returns whether it was stored
 */
export function Recorder({ store, onSend, onCancel }) {
  const recording = useRef(/** @type {Recording | null} */ (null));
  const [phase, setPhase] = useState(/** @type {"asking" | "recording" | "recorded" | "sending"} */ ("asking"));
  const recorded = useRef(/** @type {Promise<{ blob: Blob, name: string }> | null} */ (null));
  const timer = useRef(0);
  const [levels, setLevels] = useState(/** @type {readonly number[]} */ ([]));
  const [seconds, setSeconds] = useState(0);

  useEffect(() => {
    const made = new Recording();
    recording.current = made;
    made.start().then(() => {
      if (!made.began) return;
      setPhase("recording");
      timer.current = window.setInterval(() => {
        setLevels((old) => [...old.slice(1 - BARS), Math.max(6, made.level)]);
        const passed = (performance.now() - made.began) / 1000;
        setSeconds(passed);
        if (passed >= LONGEST) void stop();
      }, STEP);
    }, () => {
      // No microphone, or the person does not allow it: the same to them.
      store.screen.showToast(t("composer.no_microphone"), { tone: "error" });
      onCancel();
    });
    return () => {
      clearInterval(timer.current);
      made[Symbol.dispose]();
    };
  }, []);

  /** Stop recording; what was recorded can be sent, again if it was not stored. */
  function stop() {
    clearInterval(timer.current);
    if (!recorded.current && recording.current) recorded.current = recording.current.stop();
    setPhase("recorded");
    return recorded.current;
  }

  async function send() {
    const made = recording.current;
    if (!made || (!recorded.current && performance.now() - made.began < SHORTEST)) {
      onCancel();
      return;
    }
    const sound = await stop();
    setPhase("sending");
    if (sound && !await onSend(sound.blob, sound.name)) setPhase("recorded");
  }

  const shown = [...Array.from({ length: Math.max(0, BARS - levels.length) }, () => 6), ...levels];
  return html`
    <div class="recorder" data-testid="recorder" role="group" aria-label=${t("composer.recording")}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape") { event.stopPropagation(); onCancel(); } }}>
      <button type="button" class="icon-button is-danger" aria-label=${t("composer.cancel_recording")} title=${t("composer.cancel_recording")} onClick=${onCancel}>${h(Icon, { name: "trash" })}</button>
      <span class=${phase === "recording" ? "recorder-light is-on" : "recorder-light"} aria-hidden="true"></span>
      <span class="recorder-time" role="timer">${formatDuration(seconds)}</span>
      <span class="recorder-wave">${phase === "asking" ? t("composer.allow_microphone") : h(Waveform, { levels: shown, fraction: 1 })}</span>
      <button type="button" class="send-button" aria-label=${t("composer.send_voice")} title=${t("composer.send_voice")} disabled=${phase === "asking" || phase === "sending"}
        data-testid="send-voice" onClick=${() => void send()}>${h(Icon, { name: "send" })}</button>
    </div>`;
}
