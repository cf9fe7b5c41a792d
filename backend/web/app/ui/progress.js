// How far a long job is.
import { html } from "../html.js";
import { t } from "../texts.js";

/**
 * @param {{ text: string, done?: number, total?: number | null }} props Without `total`, the
 *   amount of work is unknown.
 */
export function Progress({ text, done = 0, total }) {
  return html`<div class="progress" role="status"><span>${text}
      ${total ? html`<small class="number">${t("progress", { done, total })}</small>` : null}</span>
    <progress aria-label=${text} max=${total || undefined} value=${total ? done : undefined}>
    </progress></div>`;
}
