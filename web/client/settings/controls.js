/** The rows of the settings. */

import { html, useId } from "../../ui/view.js";

/**
 * @param {{ title: string, children?: import("../../ui/view.js").Children }} props
 */
export function Section({ title, children }) {
  const id = useId();
  return html`
    <section class="setting-section" aria-labelledby=${id}>
      <h2 id=${id} class="setting-title">${title}</h2>
      <div class="setting-card">${children}</div>
    </section>`;
}

/**
 * @param {{ label: string, hint?: string, isOn: boolean, isDisabled?: boolean, onChange: (isOn: boolean) => void, testId?: string }} props
 */
export function SwitchRow({ label, hint, isOn, isDisabled = false, onChange, testId }) {
  const id = useId();
  return html`
    <div class="setting-row">
      <span class="setting-texts">
        <span id=${id} class="setting-label">${label}</span>
        ${hint && html`<span id=${`${id}-hint`} class="setting-hint">${hint}</span>`}
      </span>
      <button type="button" class="switch" role="switch" aria-checked=${isOn} aria-labelledby=${id} disabled=${isDisabled}
        aria-describedby=${hint ? `${id}-hint` : undefined} data-testid=${testId} onClick=${() => onChange(!isOn)}></button>
    </div>`;
}

/**
 * One of several values.
 *
 * @template {string} V
 * @param {{ label: string, options: readonly { value: V, label: string, lang?: string }[], value: V, onChange: (value: V) => void, testId: string }} props
 */
export function ChoiceRow({ label, options, value, onChange, testId }) {
  const id = useId();
  return html`
    <fieldset class="setting-choice" data-testid=${testId}>
      <legend class="setting-label">${label}</legend>
      <div class="choices">
        ${options.map((option) => html`
          <label key=${option.value} class="choice">
            <input type="radio" class="visually-hidden" name=${id} value=${option.value} checked=${option.value === value}
              onChange=${() => onChange(option.value)} />
            <span class="choice-label" lang=${option.lang}>${option.label}</span>
          </label>`)}
      </div>
    </fieldset>`;
}
