// The form with a lead's fields. Two people can edit at once, and neither loses what they typed.
import { html, useState } from "../html.js";
import { Problem, get, patch } from "../api.js";
import { toLocal, toUtc } from "../format.js";
import { t } from "../texts.js";
import { Field, useForm } from "../ui/form.js";
import { EditConflict } from "./edit-conflict.js";
import { PhoneField } from "./phone-field.js";

/** @typedef {"next_followup_date" | "trial_at"} TimeName */
/**
 * @typedef {"player_name" | "phone" | "email" | "player_age_category" | "address" | "center_id"}
 *   FieldName
 */
/** @typedef {Record<string, string | number>} Values */

/** @type {FieldName[]} */
const FIELDS = ["player_name", "phone", "email", "player_age_category", "address", "center_id"];
/** @type {TimeName[]} */
const TIMES = ["next_followup_date", "trial_at"];

/**
 * Return the fields of a lead as the form shows them.
 * @param {LeadDetail} lead
 * @returns {Values}
 */
const valuesOf = (lead) => ({
  ...Object.fromEntries(FIELDS.map((name) => [name, lead[name] ?? ""])),
  ...Object.fromEntries(TIMES.map((name) => [name, toLocal(lead[name])])),
});

/**
 * Return what was changed in the form, as the API takes it.
 * @param {Values} values
 * @param {Values} before
 */
function changesOf(values, before) {
  /** @type {Record<string, unknown>} */
  const changed = {};
  const differs = (/** @type {string} */ name) => String(values[name]) !== String(before[name]);
  for (const name of FIELDS.filter(differs)) {
    changed[name] = name === "center_id" ? Number(values[name]) : values[name] || null;
  }
  for (const name of TIMES.filter(differs)) changed[name] = toUtc(String(values[name]));
  return changed;
}

/**
 * @param {{ lead: LeadDetail, path: `/leads/${string}`, centers: Center[],
 *   onChange: (lead: LeadDetail) => void }} props
 */
export function Details({ lead, path, centers, onChange }) {
  const [base, setBase] = useState(lead);
  const [theirs, setTheirs] = useState(/** @type {LeadDetail | null} */ (null));
  const form = useForm(valuesOf(lead), async (values) => {
    const change = changesOf(values, valuesOf(base));
    if (Object.keys(change).length === 0) return;
    try {
      const { data } = await patch(path, change, { "if-match": `"${base.version}"` });
      const saved = /** @type {LeadDetail} */ (data);
      setBase(saved);
      form.setValues(valuesOf(saved));
      onChange(saved);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      setTheirs(/** @type {LeadDetail} */ (await get(path)));
    }
  });
  const isDirty = Object.keys(changesOf(form.values, valuesOf(base))).length > 0;
  if (!isDirty && lead.version !== base.version) {
    // Changed elsewhere, and nothing was typed here that could be lost.
    setBase(lead);
    form.setValues(valuesOf(lead));
  }
  /**
   * @param {string} name
   * @param {object} [more]
   */
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  return html`<form class="edit" onSubmit=${form.submit}>
    ${field("player_name")}<${PhoneField} form=${form} />
    ${field("email", { type: "email" })}${field("player_age_category")}
    ${field("center_id", {
      options: [
        ...(base.center_id ? [] : [["", "–"]]),
        ...centers
          .filter((one) => !one.archived || one.id === base.center_id)
          .map((one) => [one.id, one.display_name]),
      ],
    })}
    ${field("next_followup_date", { type: "datetime-local" })}
    ${field("trial_at", { type: "datetime-local" })}
    ${field("address", { type: "textarea", rows: 2 })}
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}
    ${
      isDirty &&
      html`<footer>
      <button type="button" onClick=${() => form.setValues(valuesOf(base))}>
        ${t("action.discard")}</button>
      <button class="primary" disabled=${form.isBusy}>${t("lead.save")}</button>
    </footer>`
    }
    ${
      theirs &&
      html`<${EditConflict} before=${valuesOf(base)} theirs=${valuesOf(theirs)}
      mine=${form.values}
      onChoose=${(/** @type {Values} */ values) => {
        setBase(theirs);
        form.setValues(values);
        setTheirs(null);
      }} />`
    }
  </form>`;
}
