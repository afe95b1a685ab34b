/** Choose a location: where the device is, or typed coordinates. */

import { Dialog } from "../../ui/dialog.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useId, useState } from "../../ui/view.js";
import { LocationCard } from "../conversation/location-card.js";

/** How long the device may take to find out where it is, in ms. */
const PATIENCE = 15_000;
const COORDINATES = /^\s*(-?\d{1,3}(?:[.]\d+)?)\s*°?\s*[,;\s]\s*(-?\d{1,3}(?:[.]\d+)?)\s*°?\s*$/u;

/** @typedef {import("../../sdk/types.js").Location} Place */

/**
 * Read coordinates such as `45.25167, 19.83694`.
 *
 * @param {string} text
 * @returns {Place | null}
 */
export function parseCoordinates(text) {
  const match = COORDINATES.exec(text);
  if (!match) return null;
  const latitude = Number(match[1]);
  const longitude = Number(match[2]);
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
}

/** @returns {Promise<Place>} */
function askDevice() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: Number(coords.latitude.toFixed(6)), longitude: Number(coords.longitude.toFixed(6)) }),
      reject, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60_000 });
  });
}

/** @param {{ onSend: (place: Place) => void, onClose: () => void }} props */
function LocationDialog({ onSend, onClose }) {
  const [text, setText] = useState("");
  const [address, setAddress] = useState("");
  const [status, setStatus] = useState(/** @type {"idle" | "asking" | "refused"} */ ("idle"));
  const place = parseCoordinates(text);
  const shown = place && { ...place, ...(address.trim() ? { address: address.trim() } : {}) };

  async function locate() {
    setStatus("asking");
    try {
      const found = await askDevice();
      setText(`${found.latitude}, ${found.longitude}`);
      setStatus("idle");
    } catch {
      // The reason does not matter: coordinates can be typed instead.
      setStatus("refused");
    }
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    if (!shown) return;
    onSend(shown);
    onClose();
  }

  const formId = useId();
  const actions = html`
    <button type="button" class="button" onClick=${onClose}>${t("ui.cancel")}</button>
    <button type="submit" form=${formId} class="button is-primary" disabled=${!shown} data-testid="send-location">${t("composer.send")}</button>`;
  return h(Dialog, { title: t("composer.location_title"), onClose, actions, testId: "location-dialog" }, html`
    <form id=${formId} class="dialog-form" onSubmit=${submit}>
      <button type="button" class="button" disabled=${status === "asking"} onClick=${() => void locate()}>
        ${h(Icon, { name: "location", size: 18 })}${t(status === "asking" ? "composer.locating" : "composer.my_location")}
      </button>
      ${status === "refused" && html`<p class="field-error" role="alert">${t("composer.no_location")}</p>`}
      <label class="field">
        <span class="field-label">${t("composer.coordinates")}</span>
        <input class="input" type="text" inputmode="text" placeholder="45.25167, 19.83694" value=${text} aria-invalid=${text !== "" && !place}
          data-testid="coordinates" onInput=${(/** @type {InputEvent} */ event) => setText(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
      </label>
      ${text !== "" && !place && html`<p class="field-error" role="alert">${t("composer.bad_coordinates")}</p>`}
      <label class="field">
        <span class="field-label">${t("composer.address")}</span>
        <input class="input" type="text" maxlength="200" value=${address}
          onInput=${(/** @type {InputEvent} */ event) => setAddress(/** @type {HTMLInputElement} */ (event.currentTarget).value)} />
      </label>
      ${shown && h(LocationCard, { location: shown })}
    </form>`);
}

/**
 * @param {import("../store.js").Store} store
 * @param {(place: Place) => void} onSend
 */
export function openLocation(store, onSend) {
  store.screen.openDialog((close) => h(LocationDialog, { onSend, onClose: close }));
}
