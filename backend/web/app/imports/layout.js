// Which table of a file was read, and how its dates are: for a person to check, and to change.
import { html, useState } from "../html.js";
import { dayOf } from "../format.js";
import { t } from "../texts.js";
import { Icon } from "../ui/icon.js";

/**
 * @typedef {{ sheets: string[], headerRow: number | null, dateOrder: string }} LayoutChoices
 *   What a person has chosen: no sheets, no row and no order leave it to the server.
 */

const ORDERS = ["day_first", "month_first", "year_first"];
/** What a person should check: nothing in the file settles it, or it contradicts itself. */
const OPEN = ["convention", "mixed"];

/**
 * @param {{ layout: ImportLayout, chosen: LayoutChoices | null,
 *   onSubmit: (choices: LayoutChoices) => void }} props `chosen` is null where the file isn't
 *   available any more.
 */
export function Layout({ layout, chosen, onSubmit }) {
  const dates = layout.dates.filter((one) => one.example !== null || one.against.length > 0);
  const formulas = layout.formulas ?? [];
  const isToCheck =
    layout.sheets.length > 1 ||
    formulas.length > 0 ||
    dates.some((one) => OPEN.includes(one.basis));
  return html`<details class="panel layout" open=${isToCheck && chosen !== null}>
    <summary>${t("layout.title")} <span class="quiet">${summary(layout)}</span></summary>
    ${formulas.map(
      ({ cells: count, ...one }) => html`<p key=${one.column} class="doubtful" role="note">
      <${Icon} name="triangle-alert" /> ${t("layout.formulas", { ...one, count })}</p>`,
    )}
    ${dates.map((one) => html`<${DateNote} key=${one.column} date=${one} />`)}
    ${
      chosen === null
        ? html`<${SheetList} layout=${layout} />`
        : html`<${LayoutForm} layout=${layout} chosen=${chosen} hasDates=${dates.length > 0}
        onSubmit=${onSubmit} />`
    }</details>`;
}

/** @param {ImportLayout} layout */
function summary({ sheets, header_row: row }) {
  const names = sheets.filter((sheet) => sheet.is_taken).map((sheet) => sheet.name);
  if (names.length === 0) return t("layout.row", { row });
  if (names.length === 1) return t("layout.sheet", { name: names[0], row });
  return t("layout.sheets", { names: names.join(", ") });
}

/** @param {{ date: DateColumn }} props */
function DateNote({ date }) {
  const isOpen = OPEN.includes(date.basis);
  const values = {
    column: date.column,
    example: date.example ?? "",
    read: dayOf(date.read_as),
    first: date.against[0],
    second: date.against[1],
  };
  return html`<p class=${isOpen ? "doubtful" : "quiet"} role=${isOpen ? "note" : undefined}>
    ${isOpen && html`<${Icon} name="triangle-alert" />`}
    ${date.basis === "mixed" && t("layout.mixed", values)}${" "}
    ${date.example !== null && t("layout.reads", values)}${" "}
    ${date.basis !== "mixed" && t(`layout.basis.${date.basis}`)}</p>`;
}

/** @param {{ layout: ImportLayout }} props */
function SheetList({ layout }) {
  if (layout.sheets.length < 2) return null;
  return html`<ul>${layout.sheets.map(
    (sheet) => html`<li key=${sheet.name}>${sheetText(sheet)}</li>`,
  )}</ul>`;
}

/**
 * @param {{ layout: ImportLayout, chosen: LayoutChoices, hasDates: boolean,
 *   onSubmit: (choices: LayoutChoices) => void }} props
 */
function LayoutForm({ layout, chosen, hasDates, onSubmit }) {
  const taken = layout.sheets.filter((sheet) => sheet.is_taken).map((sheet) => sheet.name);
  const [sheets, setSheets] = useState(taken);
  const [row, setRow] = useState(String(layout.header_row));
  const [order, setOrder] = useState(chosen.dateOrder);
  const isSame = sheets.length === taken.length && sheets.every((one) => taken.includes(one));
  const isSameRow = row === String(layout.header_row);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    // The header of another sheet is looked for again, unless its row is given, too.
    const headerRow = isSameRow ? (isSame ? chosen.headerRow : null) : Number(row) || null;
    onSubmit({ sheets: isSame ? chosen.sheets : sheets, headerRow, dateOrder: order });
  };
  /** @param {string} name */
  const toggle = (name) =>
    setSheets(
      layout.sheets
        .map((sheet) => sheet.name)
        .filter((one) => (one === name) !== sheets.includes(one)),
    );
  return html`<form onSubmit=${submit}>
    ${
      layout.sheets.length > 1 &&
      html`<fieldset class="sheets"><legend>${t("layout.choose")}</legend>
      ${layout.sheets.map(
        (sheet) => html`<label key=${sheet.name}>
        <input type="checkbox" checked=${sheets.includes(sheet.name)}
          onChange=${() => toggle(sheet.name)} />
        <span>${sheetText(sheet)}</span></label>`,
      )}</fieldset>`
    }
    <div class="mapping">
      <label><span>${t("layout.header_row")}</span>
        <input type="number" min="1" inputmode="numeric" value=${row}
          onInput=${(/** @type {PageEvent} */ event) => setRow(event.target.value)} /></label>
      ${
        hasDates &&
        html`<label><span>${t("layout.order")}</span>
        <select value=${order}
          onChange=${(/** @type {PageEvent} */ event) => setOrder(event.target.value)}>
          <option value="">${t("layout.order.auto")}</option>
          ${ORDERS.map(
            (one) => html`<option key=${one} value=${one}>${t(`layout.order.${one}`)}</option>`,
          )}
        </select></label>`
      }
      <footer><button disabled=${sheets.length === 0 && taken.length > 0}>
        ${t("mapping.apply")}</button></footer></div></form>`;
}

/** @param {ImportSheet} sheet */
function sheetText(sheet) {
  const what = sheet.rows > 0 && sheet.columns.length > 0;
  return html`<b>${sheet.name}</b>${" "}
    ${sheet.is_hidden && html`<small class="badge">${t("layout.hidden")}</small>`}${" "}
    <span class="quiet">${
      what
        ? `${t("layout.rows", { count: sheet.rows })}: ${sheet.columns.filter(Boolean).join(", ")}`
        : t("layout.empty")
    }</span>`;
}
