// The questions of Meta's forms, and the field that each one fills.
import { html } from "../html.js";
import { ask } from "../api.js";
import { Send, useForm } from "./form.js";
import { Loaded, useLoad } from "./load.js";
import { toast } from "./toast.js";
import { since, t } from "../words.js";

const FIELDS = ["player_name", "player_age_category", "phone", "email", "address", "center"];

export function Forms() {
  const forms = useLoad("/forms/");
  return html`<${Loaded} from=${forms}>${(list) => list.length > 0 && html`<details class="panel">
    <summary>${t("forms")} <span class="quiet">${list.length}</span></summary>
    <p class="quiet">${t("forms.more")}</p>
    ${list.map((one) => html`<${Form} key=${one.id} one=${one} onDone=${forms.again} />`)}</details>`}<//>`;
}

function Form({ one, onDone }) {
  const first = Object.fromEntries(one.questions.map(({ question, field }) => [question, field ?? ""]));
  const form = useForm(first, async (values) => {
    const changed = Object.entries(values).filter(([question, field]) => field !== first[question]);
    await ask("PUT", `/forms/${one.id}`, {
      json: { mapping: { ...one.mapping, ...Object.fromEntries(changed) } },
    });
    toast(t("saved"));
    onDone();
  });
  return html`<form class="mapping" onSubmit=${form.submit}>
    <h3>${t("forms.one", { id: one.id })} <small>${one.newest_lead_at
      && t("forms.newest", { since: since(one.newest_lead_at) })}</small></h3>
    ${one.questions.map(({ question }) => html`<label key=${question}><span>${question}</span>
      <select value=${form.values[question]} onChange=${(event) => form.set(question, event.target.value)}>
        <option value="">${t("imports.answer")}</option>
        ${FIELDS.map((field) => html`<option key=${field} value=${field}>${t(`field.${field}`)}</option>`)}
      </select></label>`)}
    <${Send} form=${form} text=${t("save")} /></form>`;
}
