// Lucide's icons, in the color of the text beside them. The text says what they mean.
import { html } from "../html.js";
import { icons } from "../vendor/lucide/icons.js";

/** @type {Record<string, [string, object][]>} */
const known = /** @type {any} */ (icons);

/**
 * @param {{ name: string, size?: number }} props `name` as in `vendor/lucide/icons.js`; `size` in
 *   pixels.
 */
export function Icon({ name, size = 18 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none"
    stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"
    aria-hidden="true" focusable="false">
    ${known[name]?.map(([tag, attributes]) => html`<${tag} ...${attributes} />`)}</svg>`;
}
