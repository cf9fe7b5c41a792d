// Lucide's icons, drawn in the colour of the text beside them, which says what they mean.
import { html } from "../html.js";
import { icons } from "../vendor/lucide/icons.js";

/** @param {{ name: string, size?: number }} props  a name of `vendor/lucide/icons.js`; size in pixels */
export function Icon({ name, size = 18 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none"
    stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"
    aria-hidden="true" focusable="false">
    ${icons[name].map(([tag, attributes]) => html`<${tag} ...${attributes} />`)}</svg>`;
}
