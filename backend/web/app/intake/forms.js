// The questions of forms, Meta's and the academy's own, and the field that each one fills.
import { html } from "../html.js";
import { put } from "../api.js";
import { since } from "../format.js";
import { t } from "../texts.js";
import { Submit, useForm } from "../ui/form.js";
import { toast } from "../ui/toast.js";

export const FIELDS = ["player_name", "player_age_category", "phone", "email", "address", "center"];

const OWN = "webhook";

/** @param {{ forms: MetaForm[], onSave: () => void }} props */
export function Forms({ forms, onSave }) {
  if (forms.length === 0) return null;
  return html`<details class="panel">
    <summary>${t("forms")} <span class="quiet">${forms.length}</span></summary>
    <p class="quiet">${t("forms.hint")}</p>
    ${forms.map((one) => html`<${Form} key=${one.id} one=${one} onSave=${onSave} />`)}</details>`;
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

/** @param {{ one: MetaForm, onSave: () => void }} props */
function Form({ one, onSave }) {
  const first = Object.fromEntries(one.questions.map((each) => [each.question, each.field ?? ""]));
  const form = useForm(first, async (values) => {
    const changed = Object.entries(values).filter(([question, to]) => to !== first[question]);
    await put(`/forms/${one.id}`, { mapping: { ...one.mapping, ...Object.fromEntries(changed) } });
    toast(t("saved"));
    onSave();
  });
  const newest = one.newest_lead_at && t("forms.newest", { since: since(one.newest_lead_at) });
  return html`<form class="mapping" onSubmit=${form.submit}>
    <h3>${titleOf(one.id)} <small>${newest}</small></h3>
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
