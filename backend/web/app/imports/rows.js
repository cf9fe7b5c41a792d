// The rows of an import, with what happens to each.
import { html } from "../html.js";
import { address } from "../router.js";
import { label, labelOr, t } from "../texts.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";

const PAGE = 200;
const COLUMNS = ["row", "verdict", "player", "phone", "center", "reason"];

/**
 * @param {{ path: `/imports/${string}`, verdict: string, reason: string,
 *   sheets: ImportSheet[] }} props `reason` is the code of a warning that the rows have; it and the
 *   verdict may be empty. `sheets` are those of the file.
 */
export function ImportRows({ path, verdict, reason, sheets }) {
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
          <tbody>${rows.map((one) => rowOf(one, placeOf(one.row, sheets)))}</tbody></table>
        </div></section>`,
  );
}

/**
 * Return a row's number in the spreadsheet program, with its sheet where several are read together.
 * @param {number} row
 * @param {ImportSheet[]} sheets
 */
function placeOf(row, sheets) {
  const taken = sheets.filter((sheet) => sheet.is_taken);
  if (taken.length < 2) return String(row);
  const before = taken.filter((sheet) => sheet.offset < row);
  const own = before.reduce((one, other) => (other.offset > one.offset ? other : one));
  return `${own.name} ${row - own.offset}`;
}

/**
 * @param {ImportRow} one
 * @param {string} place
 */
const rowOf = (one, place) => html`<tr key=${one.row}>
  <td class="number quiet">${place}</td>
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
