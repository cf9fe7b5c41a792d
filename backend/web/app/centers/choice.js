// Centers to choose from: an archived one gets no new leads, and a merged one has none.
import { html } from "../html.js";
import { t } from "../texts.js";

/** @param {Center[]} centers */
export const openOnes = (centers) => centers.filter((one) => !one.archived);

/**
 * Those that leads can be at, with a name that says so if one is archived.
 * @param {Center[]} centers
 * @returns {[number, string][]}
 */
export const withLeads = (centers) =>
  centers.filter((one) => !one.merged_into).map((one) => [one.id, nameOf(one)]);

/** @param {Center} center */
const nameOf = ({ archived, display_name: name }) =>
  archived ? t("centers.archived_name", { name }) : name;

/**
 * A select of centers in which none is chosen at first; `first` are offered before the others.
 * @param {{ centers: Center[], value: string | number, onChange: (value: string) => void,
 *   first?: number[], empty?: string }} props
 */
export function CenterSelect({ centers, value, onChange, first = [], empty = t("choose") }) {
  const open = openOnes(centers);
  const similar = first.flatMap((id) => open.filter((one) => one.id === id));
  /** @param {Center} one */
  const option = (one) => html`<option key=${one.id} value=${one.id}>${one.display_name}</option>`;
  return html`<select value=${value} onChange=${(/** @type {PageEvent} */ event) =>
    onChange(event.target.value)}>
    <option value="">${empty}</option>
    ${
      similar.length > 0
        ? html`<optgroup label=${t("centers.similar")}>${similar.map(option)}</optgroup>
        <optgroup label=${t("centers.others")}>
          ${open.filter((one) => !similar.includes(one)).map(option)}</optgroup>`
        : open.map(option)
    }</select>`;
}
