// The questions of forms, Meta's and the academy's own, and the field that each one fills.
import { html } from "../html.js";
import { put } from "../api.js";
import { CenterSelect } from "../centers/choice.js";
import { since } from "../format.js";
import { t } from "../texts.js";
import { Submit, orToast, useForm } from "../ui/form.js";
import { toast } from "../ui/toast.js";

export const FIELDS = [
  "player_name",
  "player_age_category",
  "phone",
  "email",
  "address",
  "center",
  "birth_date",
  "first_name",
  "middle_name",
  "last_name",
  "campaign",
];

const OWN = "webhook";
// What some forms send as the name of a question: `1.3`, `input_4`, `field_2a3b4c`.
const ID = /^((entry|input|field|item[ _]meta|item|question)[ _.-]?)*\d+([._]\d+)?$/i;
const RANDOM_ID = /^field_[a-f]*\d[\da-f]{3,9}$/i;

/** @param {MetaForm} one */
const isUnmapped = ({ mapping, questions }) =>
  Object.keys(mapping).length === 0 &&
  questions.some(({ question: name }) => ID.test(name) || RANDOM_ID.test(name));

/**
 * @param {{ forms: MetaForm[], pages: FacebookPage[], centers: Center[],
 *   onSave: () => void }} props
 */
export function Forms({ forms, pages, centers, onSave }) {
  if (forms.length === 0) return null;
  return html`<details class="panel">
    <summary>${t("forms")} <span class="quiet">${forms.length}</span>${" "}
      ${forms.some(isUnmapped) && html`<span class="badge">${t("forms.to_map")}</span>`}</summary>
    <p class="quiet">${t("forms.hint")}</p>
    ${pages.map(
      (one) => html`<div class="line" key=${one.id}><b>${t("pages.one", { id: one.id })}</b>
      <span class="quiet">${t("pages.forms", { count: one.forms })}</span>
      <${OwnCenter} path=${`/pages/${one.id}/center`} value=${one.center_id}
        centers=${centers} onSave=${onSave} /></div>`,
    )}
    ${forms.map(
      (one) => html`<${Form} key=${one.id} one=${one} centers=${centers}
      onSave=${onSave} />`,
    )}</details>`;
}

/**
 * The center of leads whose answers name none.
 * @param {{ path: string, value: number | null, centers: Center[], onSave: () => void }} props
 */
function OwnCenter({ path, value, centers, onSave }) {
  /** @param {string} id */
  const change = (id) =>
    orToast(async () => {
      await put(path, { center_id: id ? Number(id) : null });
      toast(t("saved"));
      onSave();
    });
  // An archived one is shown as long as it is set.
  const offered = centers.map((one) => (one.id === value ? { ...one, archived: false } : one));
  return html`<label class="inline">${t("forms.center")}
    <${CenterSelect} centers=${offered} value=${value ?? ""} empty=${t("forms.no_center")}
      onChange=${change} /></label>`;
}

/**
 * Return what a form is called. The id of an own form is `webhook`, or begins with `webhook:`.
 * @param {string} id
 */
function titleOf(id) {
  if (id === OWN) return t("forms.own");
  const own = id.startsWith(`${OWN}:`) && id.slice(OWN.length + 1);
  return own ? t("forms.own_one", { id: own }) : t("forms.one", { id });
}

/** @param {{ one: MetaForm, centers: Center[], onSave: () => void }} props */
function Form({ one, centers, onSave }) {
  const first = Object.fromEntries(one.questions.map((each) => [each.question, each.field ?? ""]));
  const form = useForm(first, async (values) => {
    const changed = Object.entries(values).filter(([question, to]) => to !== first[question]);
    await put(`/forms/${one.id}`, { mapping: { ...one.mapping, ...Object.fromEntries(changed) } });
    toast(t("saved"));
    onSave();
  });
  const id = titleOf(one.id);
  const newest = one.newest_lead_at && t("forms.newest", { since: since(one.newest_lead_at) });
  const about = [one.name && id, newest].filter(Boolean).join(" · ");
  return html`<form class="mapping" onSubmit=${form.submit}>
    <h3>${one.name ?? id} <small>${about}</small></h3>
    ${isUnmapped(one) && html`<p class="doubtful" role="note">${t("forms.unmapped")}</p>`}
    <div class="own"><${OwnCenter} path=${`/forms/${one.id}/center`} value=${one.center_id}
      centers=${centers} onSave=${onSave} /></div>
    ${one.questions.map(
      ({ question }) => html`<label key=${question}><span>${question}</span>
      <select value=${form.values[question]}
        onChange=${(event) => form.set(question, event.target.value)}>
        <option value="">${t("mapping.answer")}</option>
        ${FIELDS.map((one) => html`<option key=${one} value=${one}>${t(`field.${one}`)}</option>`)}
      </select></label>`,
    )}
    <${Submit} form=${form} text=${t("action.save")} /></form>`;
}
