/** A part whose module arrives between its first rendering and its effects. */

import { lazy } from "/ui/lazy.js";
import { h, html, render } from "/ui/view.js";

const Part = lazy(async () => () => html`<p data-testid="part">Here it is</p>`, async (error) => { throw error; });
render(h(Part, {}), document.getElementById("app"));
await Part.preload();
