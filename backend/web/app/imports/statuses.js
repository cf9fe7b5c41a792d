// What the statuses of a spreadsheet stand for: its texts, and ours.
import { html } from "../html.js";
import { label, t } from "../texts.js";

export const STATUSES = ["New", "Called", "Trial Scheduled", "Joined", "Dead/Not Interested"];

/**
 * @param {{ texts: StatusText[], chosen: Record<string, string>,
 *   onChange: (chosen: Record<string, string>) => void }} props `chosen` has a status by text; an
 *   empty one is none of ours.
 */
export function StatusTexts({ texts, chosen, onChange }) {
  if (texts.length === 0) return null;
  /**
   * @param {string} text
   * @param {PageEvent} event
   */
  const choose = (text, event) => onChange({ ...chosen, [text]: event.target.value });
  return html`<div class="mapping" role="group" aria-label=${t("mapping.statuses")}>
    <h3>${t("mapping.statuses")}</h3>
    ${texts.map(
      ({ text, rows }) => html`<label key=${text}><span>${text} <small class="badge">
      ${t("mapping.rows", { count: rows })}</small></span>
      <select value=${chosen[text] ?? ""}
        onChange=${(/** @type {PageEvent} */ event) => choose(text, event)}>
        <option value="">${t("mapping.status.none")}</option>
        ${STATUSES.map(
          (one) => html`<option key=${one} value=${one}>${label("status", one)}</option>`,
        )}</select></label>`,
    )}</div>`;
}
