// How far something has come that takes a while.
import { html } from "../html.js";
import { count, t } from "../words.js";

/** @param {{ text: string, done?: number, total?: number }} props  no total: nobody knows how much it is */
export function Progress({ text, done, total }) {
  return html`<div class="progress" role="status"><span>${text}
      ${total > 0 && html`<small class="number">${t("progress", { done: count(done), total: count(total) })}</small>`}</span>
    <progress aria-label=${text} max=${total || undefined} value=${total ? done : undefined}></progress></div>`;
}
