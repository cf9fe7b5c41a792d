// The rows of an import, with what happens to each.
import { html } from "../html.js";
import { address } from "../router.js";
import { label, labelOr, t } from "../texts.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";

const PAGE = 200;
const COLUMNS = ["row", "verdict", "player", "phone", "center", "reason"];

/**
 * @param {{ path: `/imports/${string}`, verdict: string, reason: string }} props `reason` is the
 *   code of a warning that the rows have; both may be empty.
 */
export function ImportRows({ path, verdict, reason }) {
  const source = arrays(`${path}/rows`, PAGE, (/** @type {ImportRow} */ last) => ({
    after: last.row,
  }));
  const list = usePages(source, { verdict, reason });
  return pages(list, (rows) =>
    rows.length === 0
      ? html`<p class="quiet pad">${t("import_rows.empty")}</p>`
      : html`<section class="panel"><div class="scroll"><table>
          <thead><tr>${COLUMNS.map(
            (one) => html`<th scope="col" key=${one}>
            ${t(`import_rows.${one}`)}</th>`,
          )}</tr></thead>
          <tbody>${rows.map(rowOf)}</tbody></table></div></section>`,
  );
}

/** @param {ImportRow} one */
const rowOf = (one) => html`<tr key=${one.row}>
  <td class="number quiet">${one.row}</td>
  <td><span class=${`badge ${one.verdict}`}>${t(`verdict.${one.verdict}`)}</span></td>
  <td>${
    one.lead_id
      ? html`<a href=${address(`lead/${one.lead_id}`)}>${one.fields.player_name ?? "–"}</a>`
      : one.fields.player_name
  }${from(one, "player_name")}</td>
  <td class="whole">${one.fields.phone}${from(one, "phone")}</td>
  <td>${one.fields.center}${from(one, "center")}</td>
  <td class="quiet">${one.reasons.map(textOf).join("; ")}</td></tr>`;

/**
 * The column that a field was taken from, where the file has several for it.
 * @param {ImportRow} one
 * @param {string} field
 */
const from = (one, field) =>
  one.columns[field] &&
  html`<br /><small class="quiet">${t("import_rows.from", { column: one.columns[field] })}</small>`;

/** @param {RowReason} told */
const textOf = (told) =>
  labelOr("import_reason", told, {
    center: told.center,
    column: told.column,
    status: told.status,
    before: told.before && label("verdict", told.before),
    lead: told.lead_id
      ? t("import_reason.lead", { id: String(told.lead_id) })
      : t("import_reason.row", { row: String(told.row) }),
  });
