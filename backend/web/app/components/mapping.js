// Which column of a spreadsheet fills which field.
import { html, useState } from "../html.js";
import { ask } from "../api.js";
import { go } from "../router.js";
import { t } from "../words.js";

const FIELDS = ["created_time", "player_name", "player_age_category", "phone", "email", "address",
  "center", "leadgen_id"];
/** The file whose plan is shown: to plan it anew by another mapping, it is sent again. */
let held = null;

/** Sends a file to be planned, and shows the plan. */
export async function plan(file, mapping) {
  const form = new FormData();
  form.append("file", file);
  form.append("mapping", JSON.stringify(mapping));
  const planned = (await ask("POST", "/imports/", { form })).data;
  held = { id: planned.id, file, proposed: planned.proposed };
  go(`imports/${planned.id}`);
}

/** What is still at hand of an import that was planned here. */
export const atHand = (id) => (held?.id === id ? held : null);

/** The names in the first line of a text file; of another kind of file the server alone knows them. */
export async function header(file) {
  if (!/\.csv$/i.test(file.name)) return [];
  const bytes = new Uint8Array(await file.slice(0, 65536).arrayBuffer());
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  const [line] = new TextDecoder(wide).decode(bytes).split(/\r?\n/);
  const mark = ["\t", ";", ","].find((one) => line.includes(one)) ?? ",";
  return line.split(mark).map((name) => name.replace(/^"|"$/g, "").trim()).filter(Boolean);
}

/** @param {{ columns: string[], mapping: Record<string, string>, proposed: string[], onGo: Function }} props */
export function Mapping({ columns, mapping, proposed, onGo }) {
  const chosen = (name) => (FIELDS.includes(mapping[name]) ? mapping[name] : "");
  const [fields, set] = useState(Object.fromEntries(columns.map((name) => [name, chosen(name)])));
  const go_ = (event) => {
    event.preventDefault();
    onGo(Object.fromEntries(columns.map((name) => [name, fields[name] || "ignore"])));
  };
  return html`<form class="mapping" onSubmit=${go_}>
    ${columns.map((name) => html`<label key=${name}><span>${name}
      ${proposed.includes(name) && html`<small class="badge">${t("imports.guessed")}</small>`}</span>
      <select value=${fields[name]} onChange=${(event) => set({ ...fields, [name]: event.target.value })}>
        <option value="">${t("imports.answer")}</option>
        ${FIELDS.map((field) => html`<option key=${field} value=${field}>${t(`field.${field}`)}</option>`)}
      </select></label>`)}
    <footer><button>${t("imports.replan")}</button></footer></form>`;
}
