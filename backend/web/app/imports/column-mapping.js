// Which column of a spreadsheet fills which field.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { readDraft, writeDraft } from "../drafts.js";
import { go } from "../router.js";
import { t } from "../texts.js";
import { useLoad } from "../ui/load.js";
import { StatusTexts } from "./statuses.js";

/**
 * @typedef {Record<string, string>} Mapping A field for each column, or `ignore`.
 * @typedef {import("./layout.js").LayoutChoices} LayoutChoices
 * @typedef {{ mapping: Mapping, statuses?: Record<string, string>, center?: string,
 *   layout?: LayoutChoices }} Choices
 *   What a person has chosen for a file: `statuses` by the texts in the file, `center` for the rows
 *   that name none, `layout` which table is read.
 */

/** @type {LayoutChoices} */
const NO_LAYOUT = { sheets: [], headerRow: null, dateOrder: "" };

export const FIELDS = [
  "created_time",
  "player_name",
  "player_age_category",
  "phone",
  "email",
  "address",
  "center",
  "leadgen_id",
  "birth_date",
  "first_name",
  "middle_name",
  "last_name",
  "campaign",
  "status",
  "comment",
  "next_followup_date",
  "lost_reason",
  "owner",
  "source",
];
/** A column whose field the server finds. */
const AUTOMATIC = "automatic";
/** How much of a text file is read to find its first line, in bytes. */
const HEAD = 65_536;
/**
 * The file of the plan that is shown: other columns mean sending it again.
 * @type {{ id: number, file: File, proposed: string[], center: string,
 *   layout: LayoutChoices } | null}
 */
let current = null;

/**
 * Send a file to be planned, and open the plan.
 * @param {File} file
 * @param {Choices} choices
 */
export async function plan(file, { mapping, statuses = {}, center = "", layout = NO_LAYOUT }) {
  const form = new FormData();
  form.append("file", file);
  form.append("mapping", JSON.stringify(mapping));
  form.append("statuses", JSON.stringify(statuses));
  form.append("center", center);
  if (layout.sheets.length > 0) form.append("sheets", JSON.stringify(layout.sheets));
  if (layout.headerRow !== null) form.append("header_row", String(layout.headerRow));
  if (layout.dateOrder) form.append("date_order", layout.dateOrder);
  const planned = await post("/imports/", undefined, { form, patient: true });
  current = { id: planned.id, file, proposed: planned.proposed, center, layout };
  go(`imports/${planned.id}`);
}

/**
 * Return the file of an import and the columns that were guessed, if it was planned in this tab.
 * @param {number} id
 */
export const plannedFile = (id) => (current?.id === id ? current : null);

/**
 * Return the column names of a text file; only the server can read other kinds.
 * @param {File} file
 */
export async function columnNames(file) {
  if (!/\.csv$/i.test(file.name)) return [];
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  const line = new TextDecoder(encoding).decode(bytes).split(/\r?\n/)[0] ?? "";
  const separator = ["\t", ";", ",", "|"].find((one) => line.includes(one)) ?? ",";
  return line
    .split(separator)
    .map((name) => name.replace(/^"|"$/g, "").trim())
    .filter(Boolean);
}

/**
 * @param {{ columns: string[], mapping: Mapping, proposed: string[], texts?: StatusText[],
 *   center?: string, isNew?: boolean, draft?: { name: string, title: string },
 *   onSubmit: (choices: Choices) => void }} props `proposed` are
 *   the columns that were guessed, `texts` the statuses of the file, `center` the one of rows that
 *   name none. A new file has no plan yet: the server matches the columns that nobody chooses.
 *   With a `draft`, what is chosen survives the page.
 */
export function ColumnMapping(props) {
  const { columns, mapping, proposed, texts = [], center = "", isNew = false, onSubmit } = props;
  const { draft } = props;
  const centers = useLoad("/centers/");
  const other = isNew ? AUTOMATIC : "";
  /** @param {string} name */
  const fieldOf = (name) =>
    mapping[name] === "ignore" ? "" : (FIELDS.find((one) => one === mapping[name]) ?? other);
  /** @type {Mapping} */
  const first = Object.fromEntries(columns.map((name) => [name, fieldOf(name)]));
  const known = Object.fromEntries(texts.map(({ text, status }) => [text, status ?? ""]));
  const begin = { fields: first, statuses: known, chosen: center };
  const [now, setNow] = useState({ ...begin, ...readDraft(draft?.name)?.values });
  const { fields, statuses, chosen } = now;
  /** @param {Partial<typeof now>} changes */
  const set = (changes) => {
    setNow({ ...now, ...changes });
    if (draft) writeDraft(draft.name, { ...draft, values: { ...now, ...changes } });
  };
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const given = columns
      .filter((name) => fields[name] !== AUTOMATIC)
      .map((name) => [name, fields[name] || "ignore"]);
    onSubmit({ mapping: Object.fromEntries(given), statuses, center: chosen });
  };
  return html`<form onSubmit=${submit}>
    <div class="mapping">${columns.map(
      (name) => html`<label key=${name}><span>${name}${" "}
      ${
        proposed.includes(name) &&
        html`<small class="badge">
        ${t("mapping.guessed")}</small>`
      }</span>
      <select value=${fields[name]}
        onChange=${(event) => set({ fields: { ...fields, [name]: event.target.value } })}>
        ${isNew && html`<option value=${AUTOMATIC}>${t("mapping.automatic")}</option>`}
        <option value="">${t("mapping.answer")}</option>
        ${FIELDS.map((one) => html`<option key=${one} value=${one}>${t(`field.${one}`)}</option>`)}
      </select></label>`,
    )}
    <label><span>${t("mapping.center")}</span>
      <select value=${chosen}
        onChange=${(/** @type {PageEvent} */ event) => set({ chosen: event.target.value })}>
        <option value="">${t("mapping.center.none")}</option>
        ${(centers.data ?? []).map(
          (one) => html`<option key=${one.id} value=${one.meta_tag_name}>
          ${one.display_name}</option>`,
        )}</select></label></div>
    <${StatusTexts} texts=${texts} chosen=${statuses}
      onChange=${(/** @type {Record<string, string>} */ one) => set({ statuses: one })} />
    <footer><button>${t("mapping.apply")}</button></footer></form>`;
}
