/** An error boundary for each pane: a pane that fails is replaced by a notice, and the others go on. */

import { Component, html } from "./view.js";
import { t } from "./texts.js";

/**
 * @typedef {object} BoundaryProps
 * @property {string} name  which pane it is: `data-boundary` of the notice
 * @property {(error: unknown) => void} [onError]  called once for each failure
 * @property {() => void} [onReload]  called before the pane is rendered again, to drop the state that failed
 * @property {import("./view.js").Children} [children]
 */

/** @extends {Component<BoundaryProps, { error: unknown, failed: boolean }>} */
export class Boundary extends Component {
  /** @override */
  state = { error: /** @type {unknown} */ (undefined), failed: false };

  /**
   * @override
   * @param {unknown} error
   */
  static getDerivedStateFromError(error) {
    return { error, failed: true };
  }

  /**
   * @override
   * @param {unknown} error
   */
  componentDidCatch(error) {
    reportError(error);
    this.props.onError?.(error);
  }

  reload = () => {
    this.props.onReload?.();
    this.setState({ error: undefined, failed: false });
  };

  /** @override */
  render() {
    if (!this.state.failed) return this.props.children;
    return html`
      <section class="pane-error" role="alert" data-boundary=${this.props.name} data-testid="pane-error">
        <p>${t("ui.pane_error")}</p>
        <button type="button" class="button" onClick=${this.reload}>${t("ui.pane_reload")}</button>
      </section>`;
  }
}
