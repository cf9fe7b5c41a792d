// A table whose rows are cards on a phone, where a cell has its column's name beside it.
import { html, useState } from "../html.js";
import { t } from "../texts.js";

/**
 * @template T
 * @typedef {{ name: string, cell: (row: T) => Child, by?: (row: T) => number }} Column `by` is what
 *   the rows can be sorted by, the largest first.
 */

/** How many rows are drawn at first. */
const MANY = 50;

/**
 * @template {{ key: number | string, name: Child }} T
 * @param {{ label: string, rows: T[], columns: Column<T>[] }} props
 */
export function Cards({ label, rows, columns }) {
  const [sorted, setSorted] = useState(-1);
  // Rows stay where they were when they were sorted: newer numbers move nothing.
  const [places, setPlaces] = useState(/** @type {Map<number | string, number>} */ (new Map()));
  const [isWhole, setWhole] = useState(false);
  /** @param {T} row */
  const place = (row) => places.get(row.key) ?? places.size;
  const ordered = places.size ? [...rows].sort((one, other) => place(one) - place(other)) : rows;
  /** @param {number} index */
  const sort = (index) => {
    const by = index === sorted ? undefined : columns[index]?.by;
    const next = by ? [...rows].sort((one, other) => by(other) - by(one)) : [];
    setPlaces(new Map(next.map((row, at) => [row.key, at])));
    setSorted(by ? index : -1);
  };
  // With roles, which the styles of cards would take away.
  return html`<div class="scroll"><table class="as-cards" role="table" aria-label=${label}>
    <thead role="rowgroup"><tr role="row"><td role="cell"></td>${columns.map(
      (one, index) => html`<th key=${one.name} scope="col" role="columnheader" class="number"
      aria-sort=${index === sorted ? "descending" : undefined}>${
        one.by
          ? html`<button class="plain" onClick=${() => sort(index)}>
            ${one.name}</button>`
          : one.name
      }</th>`,
    )}</tr></thead>
    <tbody role="rowgroup">${ordered.slice(0, isWhole ? undefined : MANY).map(
      (row) => html`<tr key=${row.key} role="row"><th scope="row" role="rowheader">${row.name}</th>
      ${columns.map(
        (one) => html`<td key=${one.name} role="cell" class="number" data-of=${one.name}>
        ${one.cell(row)}</td>`,
      )}</tr>`,
    )}</tbody></table></div>
    ${
      !isWhole &&
      rows.length > MANY &&
      html`<button onClick=${() => setWhole(true)}>
      ${t("reports.show_all", { count: rows.length })}</button>`
    }`;
}
