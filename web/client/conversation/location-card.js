/** A place in a message: a drawn card with coordinates. No map tiles are loaded. */

import { t } from "../../ui/texts.js";
import { html } from "../../ui/view.js";

/**
 * @param {number} value
 * @param {string} positive
 * @param {string} negative
 */
function formatDegrees(value, positive, negative) {
  return `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
}

/**
 * @param {{ location: import("../../sdk/types.js").Location }} props
 */
export function LocationCard({ location }) {
  const { latitude, longitude, address } = location;
  const isPlace = Number.isFinite(latitude) && Number.isFinite(longitude);
  if (!isPlace) return null;
  const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return html`
    <a class="location" href=${href} target="_blank" rel="noopener noreferrer" aria-label=${t("message.open_map", { place: address || `${latitude}, ${longitude}` })}>
      <svg class="location-map" viewBox="0 0 280 120" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
        <rect class="map-ground" width="280" height="120" />
        <path class="map-park" d="M0 0h84l-26 46L0 58zM196 78l84-26v68h-98z" />
        <path class="map-river" d="M-10 104C60 74 96 118 150 96S240 20 290 26" />
        <path class="map-road" d="M58-10 98 130M-10 34l300 30M190-10l-34 140M224-10l20 140M-10 82l180 48" />
        <ellipse class="map-shadow" cx="140" cy="84" rx="9" ry="3" />
        <path class="map-pin" d="M140 84s-19-17.500-19-33a19 19 0 0 1 38 0c0 15.500-19 33-19 33z" />
        <circle class="map-dot" cx="140" cy="51" r="6.500" />
      </svg>
      <span class="location-texts">
        <span class="location-title">${address || t("message.location")}</span>
        <span class="location-place">${formatDegrees(latitude, "N", "S")}, ${formatDegrees(longitude, "E", "W")}</span>
      </span>
    </a>`;
}
