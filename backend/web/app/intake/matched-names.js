// The names that were matched to a center: a wrong match is reverted with the leads it brought.
import { html, useState } from "../html.js";
import { since } from "../format.js";
import { Revert } from "../centers/revert.js";
import { t } from "../texts.js";

/**
 * @param {{ names: { text: string, center_id: number, created_at: string }[], centers: Center[],
 *   onDone: () => void }} props
 */
export function MatchedNames({ names, centers, onDone }) {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  if (names.length === 0) return null;
  /** @param {number} id */
  const center = (id) => centers.find((one) => one.id === id)?.display_name ?? "";
  const done = () => {
    setOpen(null);
    onDone();
  };
  return html`<details class="panel"><summary>${t("matched")} <span class="quiet">${
    names.length
  }</span></summary>
    <p class="quiet">${t("matched.hint")}</p>
    <ul class="list">${names.map(
      (one) => html`<li class="line" key=${one.text}>
      <span><b>${one.text}</b> → ${center(one.center_id)}</span>
      <span class="quiet">${since(one.created_at)}</span>
      <button aria-label=${t("aliases.revert.name", { name: one.text })}
        aria-expanded=${open === one.text}
        onClick=${() => setOpen(open === one.text ? null : one.text)}>
        ${t("aliases.revert")}</button>
      ${
        open === one.text &&
        html`<${Revert} path=${`/centers/${one.center_id}/aliases`} text=${one.text}
        centers=${centers.filter((each) => each.id !== one.center_id)} onDone=${done} />`
      }</li>`,
    )}</ul></details>`;
}
