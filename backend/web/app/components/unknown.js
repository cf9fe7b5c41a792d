// A text that no center is known by: a team lead says once which one it means.
import { html } from "../html.js";
import { post } from "../api.js";
import { useForm } from "./form.js";
import { count, since, t } from "../words.js";

export function Unknown({ one, centers, onDone }) {
  const form = useForm({ center_id: centers[0]?.id ?? "" }, async (values) => onDone(
    await post("/deliveries/unknown-centers/", { text: one.text, center_id: Number(values.center_id) })));
  return html`<form class="line" onSubmit=${form.submit}><b>${one.text}</b>
    <span class="quiet">${t("captures.waits", { count: count(one.count), since: since(one.oldest) })}</span>
    <label class="inline">${t("captures.means")}<select value=${form.values.center_id}
      onChange=${(event) => form.set("center_id", event.target.value)}>
      ${centers.map((center) => html`<option key=${center.id} value=${center.id}>${center.display_name}</option>`)}</select></label>
    <button class="primary" disabled=${form.busy}>${t("captures.say")}</button>
    ${form.wrong && html`<p class="wrong" role="alert">${form.wrong}</p>`}</form>`;
}
