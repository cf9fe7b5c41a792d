// The form with a lead's fields. Two people can edit at once, and neither loses what they typed.
import { html, useState } from "../html.js";
import { Problem, get } from "../api.js";
import { readDraft } from "../drafts.js";
import { toLocal, toUtc } from "../format.js";
import { t } from "../texts.js";
import { Field, Restored, useForm } from "../ui/form.js";
import { EditConflict } from "./edit-conflict.js";
import { optionsOf, sourcesOf } from "./choices.js";
import { title } from "./lead.js";
import { withOutbox } from "./call-outcome.js";
import { PhoneField } from "./phone-field.js";
import { undoOf } from "./undo.js";

/** @typedef {"next_followup_date" | "trial_at"} TimeName */
/**
 * @typedef {"player_name" | "phone" | "email" | "player_age_category" | "birth_date" | "address"
 *   | "center_id" | "source"} FieldName
 */
/** @typedef {Record<string, string | number>} Values */

/** @type {FieldName[]} */
const FIELDS = [
  "player_name",
  "phone",
  "email",
  "player_age_category",
  "birth_date",
  "address",
  "center_id",
  "source",
];
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
 * Return whether a field that was changed in the form has another value on the server by now.
 * @param {Values} mine
 * @param {Values} before What both started from.
 * @param {Values} theirs
 */
const isDisputed = (mine, before, theirs) =>
  Object.keys(changesOf(mine, before)).some(
    (name) =>
      String(theirs[name]) !== String(before[name]) && String(theirs[name]) !== String(mine[name]),
  );

/**
 * What the form started from.
 * @typedef {{ version: number, values: Values }} Base
 */

/** @param {LeadDetail} lead */
const baseOf = (lead) => ({ version: lead.version, values: valuesOf(lead) });

/**
 * @param {{ lead: LeadDetail, centers: Center[], onChange: OnSave,
 *   onMerged: () => void }} props `onMerged`: the lead is part of another one now.
 */
export function Details({ lead, centers, onChange, onMerged }) {
  const name = `details/${lead.id}`;
  const path = /** @type {`/leads/${number}`} */ (`/leads/${lead.id}`);
  const [base, setBase] = useState(
    () => /** @type {Base | undefined} */ (readDraft(name)?.more) ?? baseOf(lead),
  );
  // What a save found: the lead as others have changed it. `theirs` contradicts what was typed.
  const [newer, setNewer] = useState(/** @type {LeadDetail | null} */ (null));
  const [theirs, setTheirs] = useState(/** @type {LeadDetail | null} */ (null));
  /** @param {Values} values */
  const send = async (values) => {
    const change = changesOf(values, base.values);
    if (Object.keys(change).length === 0) return;
    try {
      const { save } = await withOutbox();
      const { version } = base;
      const kept = { name, title: title(lead), values, more: base };
      const wanted = { lead: lead.id, method: "PATCH", path, json: change, version, draft: kept };
      const saved = /** @type {EditedLead | undefined} */ ((await save(wanted)).data);
      if (!saved) {
        setBase({ version, values });
        form.reset(values);
        onChange(lead, undefined, { isKept: true });
        return;
      }
      setBase(baseOf(saved));
      form.reset(valuesOf(saved));
      onChange(saved, undoOf(saved));
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      const now = await get(path);
      if (now.id !== lead.id) onMerged();
      else setNewer(now);
    }
  };
  const draft = { name, title: title(lead), more: () => base };
  const form = useForm(base.values, send, draft);
  /**
   * Go on from a newer lead with what was typed here.
   * @param {LeadDetail} from
   */
  const rebase = (from) => {
    const changed = Object.keys(changesOf(form.values, base.values));
    const typed = Object.fromEntries(changed.map((one) => [one, form.values[one] ?? ""]));
    const next = baseOf(from);
    setBase(next);
    form.reset(next.values);
    form.setValues(typed);
  };
  const isDirty = Object.keys(changesOf(form.values, base.values)).length > 0;
  /** @param {LeadDetail} one */
  const isContradicted = (one) => isDisputed(form.values, base.values, valuesOf(one));
  // Someone may go on typing until the save has ended.
  if (!form.isBusy && newer) {
    setNewer(null);
    if (isContradicted(newer)) setTheirs(newer);
    else rebase(newer);
  } else if (!form.isBusy && lead.version > base.version && !isContradicted(lead)) {
    // Changed elsewhere, by this person or another.
    rebase(lead);
  }
  /**
   * @param {string} name
   * @param {object} [more]
   */
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  const center = Number(form.values.center_id);
  const age = form.values.player_age_category;
  const sources = sourcesOf(center, form.values.source);
  return html`<form class="edit" onSubmit=${form.submit}>
    ${field("player_name")}<${PhoneField} form=${form} />
    ${field("email", { type: "email" })}
    ${field("player_age_category", { options: optionsOf("age_group", center, ["", "–"], age) })}
    ${field("birth_date", { type: "date" })}
    ${field("center_id", {
      options: [
        ...(base.values.center_id ? [] : [["", "–"]]),
        ...centers
          .filter((one) => !one.archived || one.id === base.values.center_id)
          .map((one) => [one.id, one.display_name]),
      ],
    })}
    ${sources && field("source", { options: sources })}
    ${field("next_followup_date", { type: "datetime-local" })}
    ${field("trial_at", { type: "datetime-local" })}
    ${field("address", { type: "textarea", rows: 2 })}
    <${Restored} form=${form} />
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}
    ${
      isDirty &&
      html`<footer>
      <button type="button" onClick=${() => form.reset()}>
        ${t("action.discard")}</button>
      <button class="primary" disabled=${form.isBusy}>${t("lead.save")}</button>
    </footer>`
    }
    ${
      theirs &&
      html`<${EditConflict} before=${base.values} theirs=${valuesOf(theirs)}
      mine=${form.values}
      onChoose=${(/** @type {Values} */ values) => {
        setBase(baseOf(theirs));
        form.reset(valuesOf(theirs));
        form.setValues(values);
        setTheirs(null);
      }} />`
    }
  </form>`;
}
